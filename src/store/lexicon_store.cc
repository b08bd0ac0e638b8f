#include "store/lexicon_store.h"

#include <algorithm>
#include <array>
#include <span>

#include <boost/json.hpp>

#include "base/uuid.h"
#include "store/pieces/select.h"
#include "store/queries.h"
#include "store/row_fields.h"

/// The statements are in sqlite/lexicon.sql and postgres/lexicon.sql.
///
/// Tested by conformance/lexicon_test.cc on both databases.
namespace katip::store {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 3> kStatusNames = {"active", "suggested", "rejected"};
constexpr std::array<std::string_view, 3> kSourceNames = {"manual", "learned", "imported"};

std::string_view query(Connection& sql, std::string_view name) {
  return Queries::of(sql.dialect()).get(name);
}

template <typename Enum>
std::optional<Enum> parse(std::span<const std::string_view> names, std::string_view text) {
  const auto found = std::ranges::find(names, text);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

std::string alternatives_json(const std::vector<std::string>& alternatives) {
  return json::serialize(json::array(alternatives.begin(), alternatives.end()));
}

Result<std::vector<std::string>> alternatives_of(const Row& row) {
  boost::system::error_code error;
  const json::value list = json::parse(KATIP_TRY(row.get<std::string>("alternatives")), error);
  std::vector<std::string> alternatives;
  if (error || !list.is_array()) {
    return fail(ErrorCode::kCorruptData, "the alternatives of a term are no list");
  }
  for (const json::value& item : list.get_array()) {
    if (item.is_string()) alternatives.emplace_back(item.get_string());
  }
  return alternatives;
}

Result<TermRecord> to_record(const Row& row) {
  TermRecord term;
  term.id = KATIP_TRY(row.get<std::string>("id"));
  term.term = KATIP_TRY(row.get<std::string>("term"));
  term.normalized_term = KATIP_TRY(row.get<std::string>("normalized_term"));
  term.category = KATIP_TRY(row.get<std::string>("category"));
  term.language = KATIP_TRY(row.get<std::string>("language"));
  term.frequency = KATIP_TRY(row.get<std::int64_t>("frequency"));
  term.weight = KATIP_TRY(row.get<double>("weight"));
  term.alternatives = KATIP_TRY(alternatives_of(row));
  const auto source = parse_term_source(KATIP_TRY(row.get<std::string>("source")));
  const auto status = parse_term_status(KATIP_TRY(row.get<std::string>("status")));
  if (!source || !status) {
    return fail(ErrorCode::kCorruptData, "term " + term.id + " has an unknown source or status");
  }
  term.source = *source;
  term.status = *status;
  term.is_active = KATIP_TRY(row.get<bool>("is_active"));
  term.created_by = KATIP_TRY(row.get<std::optional<std::string>>("created_by"));
  term.created_at = KATIP_TRY(time_of(row, "created_at"));
  term.updated_at = KATIP_TRY(time_of(row, "updated_at"));
  return term;
}

Result<std::vector<TermRecord>> run(Select& select) {
  std::vector<TermRecord> terms;
  for (const Row row : KATIP_TRY(select.run())) terms.push_back(KATIP_TRY(to_record(row)));
  return terms;
}

Result<std::optional<TermRecord>> find_one(Select& select) {
  std::vector<TermRecord> terms = KATIP_TRY(run(select));
  return terms.empty() ? std::optional<TermRecord>() : std::optional(std::move(terms.front()));
}

void add_filter(Select& select, const TermFilter& filter) {
  select.add_if("terms_with_language", filter.language);
  select.add_if("terms_with_category", filter.category);
  if (filter.status) select.add("terms_with_status", {name(*filter.status)});
  if (filter.source) select.add("terms_with_source", {name(*filter.source)});
  if (filter.is_active) select.add("terms_that_are_active", {*filter.is_active ? 1 : 0});
  select.add_if("terms_with_part", filter.part);
}

Result<bool> change_one(Connection& sql, std::string_view statement, std::string_view id,
                        std::initializer_list<Value> parameters) {
  if (!is_uuid(id)) return false;
  return KATIP_TRY(sql.query(query(sql, statement), parameters)).affected_count() > 0;
}

}  // namespace

std::string_view name(TermStatus status) { return kStatusNames[static_cast<std::size_t>(status)]; }
std::string_view name(TermSource source) { return kSourceNames[static_cast<std::size_t>(source)]; }
std::optional<TermStatus> parse_term_status(std::string_view text) {
  return parse<TermStatus>(kStatusNames, text);
}
std::optional<TermSource> parse_term_source(std::string_view text) {
  return parse<TermSource>(kSourceNames, text);
}

Result<bool> insert_term(Connection& sql, const TermRecord& term) {
  return change_one(
      sql, "insert_term", term.id,
      {term.id, term.term, term.normalized_term, term.category, term.language, term.frequency,
       term.weight, alternatives_json(term.alternatives), name(term.source), name(term.status),
       term.is_active, term.created_by, to_text(term.created_at)});
}

Result<bool> update_term(Connection& sql, const TermRecord& term) {
  return change_one(sql, "update_term", term.id,
                    {term.id, term.term, term.normalized_term, term.category, term.language,
                     term.weight, alternatives_json(term.alternatives), name(term.status),
                     term.is_active, to_text(term.updated_at)});
}

Result<bool> delete_term(Connection& sql, std::string_view id) {
  return change_one(sql, "delete_term", id, {id});
}

Result<bool> set_term_status(Connection& sql, std::string_view id, TermStatus from, TermStatus to,
                             Timestamp now) {
  return change_one(sql, "set_term_status", id,
                    {id, name(to), to == TermStatus::kActive, to_text(now), name(from)});
}

Result<std::optional<TermRecord>> find_term(Connection& sql, std::string_view id) {
  if (!is_uuid(id)) return std::optional<TermRecord>();
  Select select(sql, "select_terms");
  select.add("terms_with_id", {id});
  return find_one(select);
}

Result<std::optional<TermRecord>> find_term_by_name(Connection& sql, const TermName& name) {
  Select select(sql, "select_terms");
  select.add("terms_with_normalized_term", {name.normalized_term});
  select.add("terms_with_language", {name.language});
  return find_one(select);
}

Result<Page<TermRecord>> list_terms(Connection& sql, const TermFilter& filter,
                                    const std::optional<PageCursor>& after, int count_max) {
  KATIP_TRY(check_page_size(count_max));
  Select select(sql, "select_terms");
  add_filter(select, filter);
  if (after) select.add("terms_after", {to_text(after->time), after->id});
  select.add("terms_in_order", {count_max + 1});
  Page<TermRecord> page{.rows = KATIP_TRY(run(select))};
  if (page.rows.size() > static_cast<std::size_t>(count_max)) {
    page.rows.pop_back();
    page.next = PageCursor{page.rows.back().created_at, page.rows.back().id};
  }
  return page;
}

Result<std::vector<TermRecord>> active_terms(Connection& sql, std::string_view language,
                                             int count_max) {
  Select select(sql, "select_terms");
  select.add("terms_that_are_active", {1});
  if (!language.empty()) select.add("terms_of_language", {language});
  select.add("terms_by_use", {count_max});
  return run(select);
}

Status save_evidence(Connection& sql, const Evidence& evidence, Timestamp now) {
  KATIP_TRY(sql.query(
      query(sql, "save_evidence"),
      {evidence.id, evidence.job_id, evidence.name.normalized_term, evidence.name.language,
       evidence.term, evidence.heard, evidence.occurrence_count, to_text(now)}));
  return {};
}

Result<std::int64_t> count_evidence(Connection& sql, const TermName& name, Timestamp since) {
  const Rows rows = KATIP_TRY(sql.query(query(sql, "count_evidence"),
                                        {name.normalized_term, name.language, to_text(since)}));
  return rows[0].get<std::int64_t>("occurrence_count");
}

Status raise_term_frequency(Connection& sql, const TermName& name, std::int64_t frequency,
                            Timestamp now) {
  KATIP_TRY(sql.query(query(sql, "set_term_frequency"),
                      {name.normalized_term, name.language, frequency, to_text(now)}));
  return {};
}

Result<std::vector<EvidenceRecord>> list_evidence(Connection& sql, const TermName& name,
                                                  int count_max) {
  const Rows rows = KATIP_TRY(
      sql.query(query(sql, "list_evidence"), {name.normalized_term, name.language, count_max}));
  std::vector<EvidenceRecord> list;
  for (const Row row : rows) {
    EvidenceRecord evidence;
    evidence.public_job_id = KATIP_TRY(row.get<std::string>("public_job_id"));
    evidence.term = KATIP_TRY(row.get<std::string>("term"));
    evidence.heard = KATIP_TRY(row.get<std::string>("heard"));
    evidence.submitted_by = KATIP_TRY(row.get<std::optional<std::string>>("submitted_by"));
    evidence.occurrence_count = KATIP_TRY(int_of(row, "occurrence_count"));
    evidence.updated_at = KATIP_TRY(time_of(row, "updated_at"));
    list.push_back(std::move(evidence));
  }
  return list;
}

Result<std::int64_t> delete_old_evidence(Connection& sql, Timestamp before) {
  return KATIP_TRY(sql.query(query(sql, "delete_old_evidence"), {to_text(before)}))
      .affected_count();
}

}  // namespace katip::store
