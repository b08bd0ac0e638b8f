#include "app/records/term_check.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/trimmed.h"
#include "base/utf8.h"
#include "text/languages.h"
#include "text/normalize.h"

/// Tested by lexicon_test.cc.
namespace katip::app {
namespace {

constexpr std::size_t kTermLengthMax = 200;  // Characters, of the column.
constexpr std::size_t kCategoryLengthMax = 50;
constexpr std::size_t kAlternativeCountMax = 50;
constexpr double kWeightMax = 5;  // What the engine takes.

std::unexpected<Error> bad(std::string message) {
  return fail(ErrorCode::kInvalidArgument, std::move(message));
}

/// `what`: "the term".
Result<std::string> checked_text(std::string_view given, std::string_view what,
                                 std::size_t length_max) {
  std::string text(trimmed(given));
  if (!is_utf8(text)) return bad(fmt::format("{} is not UTF-8", what));
  const bool has_controls = std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (has_controls) return bad(fmt::format("{} has a line break or a control character", what));
  if (text.empty() || character_count(text) > length_max) {
    return bad(fmt::format("{} has 1 to {} characters", what, length_max));
  }
  return text;
}

/// Everything but the ids and the times, in place.
Result<Term> checked(Term term) {
  term.term = KATIP_TRY(checked_text(term.term, "the term", kTermLengthMax));
  term.category = KATIP_TRY(checked_text(term.category, "the category", kCategoryLengthMax));
  term.language = KATIP_TRY(checked_language(term.language));
  term.normalized_term = text::normalized_term(term.term, term.language);
  if (term.normalized_term.empty() || character_count(term.normalized_term) > kTermLengthMax) {
    return bad(fmt::format("`{}` is no term", term.term));
  }
  if (!std::isfinite(term.weight) || term.weight <= 0 || term.weight > kWeightMax) {
    return bad(
        fmt::format("`{}`: a weight is above 0 and at most {}; 1 is usual", term.term, kWeightMax));
  }
  if (term.frequency < 0) return bad(fmt::format("`{}`: a frequency is at least 0", term.term));
  if (term.alternatives.size() > kAlternativeCountMax) {
    return bad(fmt::format("`{}` has more than {} alternatives", term.term, kAlternativeCountMax));
  }
  for (std::string& alternative : term.alternatives) {
    alternative = KATIP_TRY(checked_text(alternative, "an alternative", kTermLengthMax));
  }
  return term;
}

}  // namespace

Result<std::string> checked_language(const std::string& language) {
  if (language.empty()) return language;
  std::string code(text::language_code(language));
  if (code.empty()) {
    return bad(fmt::format("`{}` is no language that katip knows; give a code such as `tr`",
                           language.substr(0, cut_size(language, 40))));
  }
  return code;
}

Result<Term> to_term(const TermRequest& request) {
  Term term;
  term.term = request.term;
  term.language = request.language;
  term.category = request.category;
  term.weight = request.weight;
  term.alternatives = request.alternatives;
  term.frequency = request.frequency;
  return checked(std::move(term));
}

Result<Term> changed_term(const Term& term, const TermChange& change) {
  Term changed = term;
  if (change.term) changed.term = *change.term;
  if (change.language) changed.language = *change.language;
  if (change.category) changed.category = *change.category;
  if (change.weight) changed.weight = *change.weight;
  if (change.alternatives) changed.alternatives = *change.alternatives;
  if (change.is_active) {
    if (*change.is_active && term.status != TermStatus::kActive) {
      return bad("a suggestion is approved or rejected, not switched on");
    }
    changed.is_active = *change.is_active;
  }
  return checked(std::move(changed));
}

}  // namespace katip::app
