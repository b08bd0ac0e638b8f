#include "app/records/feedback_json.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/json/text_field.h"

/// Tested by feedback_test.cc.
namespace katip::app {
namespace {

namespace json = boost::json;

json::object to_json(const text::WordRun& run) {
  json::object object{{"kind", text::name(run.kind)}};
  if (run.kind == text::DifferenceKind::kSame) {
    object["text"] = fmt::format("{}", fmt::join(run.after, " "));
  } else {
    object["before"] = fmt::format("{}", fmt::join(run.before, " "));
    object["after"] = fmt::format("{}", fmt::join(run.after, " "));
  }
  return object;
}

}  // namespace

std::string difference_json(std::span<const text::WordRun> difference,
                            const text::ErrorCount& errors) {
  json::array runs;
  for (const text::WordRun& run : difference) runs.push_back(to_json(run));
  return json::serialize(json::object{{"word_error_rate", errors.rate()},
                                      {"reference_count", errors.reference_count},
                                      {"substitution_count", errors.substitution_count},
                                      {"deletion_count", errors.deletion_count},
                                      {"insertion_count", errors.insertion_count},
                                      {"runs", std::move(runs)}});
}

std::string terms_json(std::span<const text::TermCandidate> terms) {
  json::array list;
  for (const text::TermCandidate& term : terms) {
    list.push_back({{"term", term.term}, {"heard", term.heard}, {"count", term.count}});
  }
  return json::serialize(list);
}

Result<std::vector<text::TermCandidate>> parse_terms(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  if (error || !value.is_array()) {
    return fail(ErrorCode::kCorruptData, "the terms of a feedback are no list");
  }
  std::vector<text::TermCandidate> terms;
  for (const json::value& item : value.get_array()) {
    if (!item.is_object()) continue;
    const json::object& object = item.get_object();
    const json::value* count = object.if_contains("count");
    text::TermCandidate term{.term = text_in(object, "term"), .heard = text_in(object, "heard")};
    if (count != nullptr && count->is_int64() && count->get_int64() > 0 &&
        count->get_int64() < 1'000'000) {
      term.count = static_cast<int>(count->get_int64());
    }
    if (!term.term.empty() && !term.heard.empty()) terms.push_back(std::move(term));
  }
  return terms;
}

}  // namespace katip::app
