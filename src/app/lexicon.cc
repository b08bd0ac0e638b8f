#include "app/lexicon.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "app/records/term_check.h"
#include "app/records/visible_job.h"
#include "store/transaction.h"
#include "text/normalize.h"

/// Tested by lexicon_test.cc.
namespace katip::app {
namespace {

constexpr std::size_t kImportPiece = 500;  // Terms in one transaction.
constexpr std::size_t kTermCountMax = 100'000;
constexpr int kExportPage = 1'000;

std::unexpected<Error> no_term() { return fail(ErrorCode::kNotFound, "there is no such term"); }

Result<Term> find(store::Connection& sql, std::string_view id) {
  auto term = KATIP_TRY(store::find_term(sql, id));
  if (!term) return no_term();
  return *std::move(term);
}

Result<TermFilter> checked_filter(const TermFilter& filter) {
  TermFilter checked = filter;
  if (filter.language) checked.language = KATIP_TRY(checked_language(*filter.language));
  if (filter.part) {
    checked.part = text::normalized_term(*filter.part, checked.language.value_or("tr"));
  }
  return checked;
}

/// A term that is there is brought to what was imported.
Result<bool> save_imported(store::Connection& sql, Term term) {
  if (KATIP_TRY(store::insert_term(sql, term))) return true;
  const auto known =
      KATIP_TRY(store::find_term_by_name(sql, {term.normalized_term, term.language}));
  if (!known) return fail(ErrorCode::kOverloaded, "a term went away while it was imported");
  term.id = known->id;
  term.updated_at = term.created_at;
  KATIP_TRY(store::update_term(sql, term));
  KATIP_TRY(store::raise_term_frequency(sql, {term.normalized_term, term.language}, term.frequency,
                                        term.created_at));
  return false;
}

}  // namespace

Result<Term> Lexicon::add(const Principal& principal, const TermRequest& request,
                          std::stop_token stop) {
  Term term = KATIP_TRY(to_term(request));
  term.id = ids_.next();
  term.created_by = actor_of(principal);
  term.created_at = now();
  const auto connection = KATIP_TRY(pool_.acquire(std::move(stop)));
  const bool is_new = KATIP_TRY(store::insert_term(*connection, term));
  if (!is_new) {
    const auto known =
        KATIP_TRY(store::find_term_by_name(*connection, {term.normalized_term, term.language}));
    return fail(ErrorCode::kConflict,
                fmt::format("`{}` is there already{}", term.term,
                            known ? fmt::format(": {} ({})", known->id, name(known->status)) : ""));
  }
  return find(*connection, term.id);
}

Result<Term> Lexicon::get(const Principal&, std::string_view id, std::stop_token stop) {
  const auto connection = KATIP_TRY(pool_.acquire(std::move(stop)));
  return find(*connection, id);
}

Result<TermList> Lexicon::list(const Principal&, const TermQuery& query, std::stop_token stop) {
  if (query.count_max < 1 || query.count_max > 200) {
    return fail(ErrorCode::kInvalidArgument, "limit is 1 to 200");
  }
  const TermFilter filter = KATIP_TRY(checked_filter(query.filter));
  std::optional<store::PageCursor> after;
  if (query.cursor) after = KATIP_TRY(store::parse_page_cursor(*query.cursor));
  const auto connection = KATIP_TRY(pool_.acquire(std::move(stop)));
  auto page = KATIP_TRY(store::list_terms(*connection, filter, after, query.count_max));
  TermList list{.terms = std::move(page.rows), .next_cursor = {}};
  if (page.next) list.next_cursor = store::to_text(*page.next);
  return list;
}

Result<Term> Lexicon::change(const Principal&, std::string_view id, const TermChange& change,
                             std::stop_token stop) {
  const auto connection = KATIP_TRY(pool_.acquire(stop));
  return store::run_transaction(*connection, {}, stop, [&](store::Connection& sql) -> Result<Term> {
    const Term term = KATIP_TRY(find(sql, id));
    Term changed = KATIP_TRY(changed_term(term, change));
    changed.updated_at = now();
    const auto is_there = store::update_term(sql, changed);
    if (!is_there && is_there.error().code == ErrorCode::kConflict) {
      return fail(ErrorCode::kConflict, fmt::format("`{}` is there already", changed.term));
    }
    if (!KATIP_TRY(is_there)) return no_term();
    return changed;
  });
}

Status Lexicon::remove(const Principal&, std::string_view id, std::stop_token stop) {
  const auto connection = KATIP_TRY(pool_.acquire(std::move(stop)));
  const bool was_there = KATIP_TRY(store::delete_term(*connection, id));
  return was_there ? Status{} : Status(no_term());
}

Result<Term> Lexicon::decide(std::string_view id, TermStatus to, std::stop_token stop) {
  const auto connection = KATIP_TRY(pool_.acquire(std::move(stop)));
  const Term term = KATIP_TRY(find(*connection, id));
  const bool is_decided =
      KATIP_TRY(store::set_term_status(*connection, id, TermStatus::kSuggested, to, now()));
  if (!is_decided) {
    return fail(ErrorCode::kConflict,
                fmt::format("`{}` is no suggestion: it is {}", term.term, name(term.status)));
  }
  return find(*connection, id);
}

Result<Term> Lexicon::approve(const Principal&, std::string_view id, std::stop_token stop) {
  return decide(id, TermStatus::kActive, std::move(stop));
}

Result<Term> Lexicon::reject(const Principal&, std::string_view id, std::stop_token stop) {
  return decide(id, TermStatus::kRejected, std::move(stop));
}

Result<std::vector<TermEvidence>> Lexicon::evidence(const Principal& principal, std::string_view id,
                                                    std::stop_token stop) {
  constexpr int kCountMax = 100;
  const auto connection = KATIP_TRY(pool_.acquire(std::move(stop)));
  const Term term = KATIP_TRY(find(*connection, id));
  const store::TermName name{term.normalized_term, term.language};
  std::vector<TermEvidence> list;
  for (auto& row : KATIP_TRY(store::list_evidence(*connection, name, kCountMax))) {
    TermEvidence evidence{.job_id = {},
                          .heard = std::move(row.heard),
                          .occurrence_count = row.occurrence_count,
                          .updated_at = row.updated_at};
    if (principal.sees(row.submitted_by.value_or(""))) evidence.job_id = row.public_job_id;
    list.push_back(std::move(evidence));
  }
  return list;
}

Status Lexicon::import_piece(const Principal& principal, std::span<const TermRequest> terms,
                             ImportCounts& counts, std::stop_token stop) {
  const auto connection = KATIP_TRY(pool_.acquire(stop));
  ImportCounts piece;
  const auto body = [&](store::Connection& sql) -> Status {
    piece = {};  // The transaction may run again.
    for (const TermRequest& request : terms) {
      Term term = KATIP_TRY(to_term(request));
      term.id = ids_.next();
      term.source = store::TermSource::kImported;
      term.status = request.status;
      term.is_active = request.status == TermStatus::kActive;
      term.created_by = actor_of(principal);
      term.created_at = now();
      const bool is_new = KATIP_TRY(save_imported(sql, std::move(term)));
      ++(is_new ? piece.added : piece.changed);
    }
    return {};
  };
  KATIP_TRY(store::run_transaction(*connection, {}, stop, body));
  counts.added += piece.added;
  counts.changed += piece.changed;
  return {};
}

Result<ImportCounts> Lexicon::import(const Principal& principal,
                                     const std::vector<TermRequest>& terms, std::stop_token stop) {
  if (terms.size() > kTermCountMax) {
    return fail(ErrorCode::kTooLarge,
                fmt::format("at most {} terms are imported at once", kTermCountMax));
  }
  for (const TermRequest& request : terms) KATIP_TRY(to_term(request));
  ImportCounts counts;
  for (std::size_t at = 0; at < terms.size(); at += kImportPiece) {
    const auto piece = std::span(terms).subspan(at, std::min(kImportPiece, terms.size() - at));
    KATIP_TRY(import_piece(principal, piece, counts, stop));
  }
  return counts;
}

Result<std::vector<Term>> Lexicon::export_all(const Principal&, const TermFilter& filter,
                                              std::stop_token stop) {
  const TermFilter checked = KATIP_TRY(checked_filter(filter));
  const auto connection = KATIP_TRY(pool_.acquire(std::move(stop)));
  std::vector<Term> terms;
  std::optional<store::PageCursor> after;
  do {
    auto page = KATIP_TRY(store::list_terms(*connection, checked, after, kExportPage));
    std::ranges::move(page.rows, std::back_inserter(terms));
    after = page.next;
  } while (after && terms.size() < kTermCountMax);
  std::ranges::sort(terms, [](const Term& a, const Term& b) {
    return std::tuple(-a.weight, -a.frequency, a.normalized_term) <
           std::tuple(-b.weight, -b.frequency, b.normalized_term);
  });
  return terms;
}

Result<std::vector<engine::LexiconTerm>> Lexicon::active_terms(std::string_view language,
                                                               std::stop_token stop) {
  const auto connection = KATIP_TRY(pool_.acquire(std::move(stop)));
  std::vector<engine::LexiconTerm> terms;
  for (Term& term :
       KATIP_TRY(store::active_terms(*connection, language, static_cast<int>(kTermCountMax)))) {
    terms.push_back({.term = std::move(term.term),
                     .weight = static_cast<float>(std::min(term.weight, 5.0)),
                     .alternatives = std::move(term.alternatives)});
  }
  return terms;
}

}  // namespace katip::app
