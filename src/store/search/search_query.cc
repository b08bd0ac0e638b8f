#include "store/search/search_query.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/trimmed.h"
#include "store/search/folded_words.h"

/// Folded words consist of letters, digits and marks (folded_words.h), so they can be quoted in
/// both query languages without an escape.
///
/// Tested by search_query_test.cc and, in the databases, by conformance/search_test.cc.
namespace katip::store {
namespace {

constexpr std::size_t kTypedSizeMax = 1'000;
constexpr std::size_t kTermCountMax = 32;

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// Takes the terms out of a text one after the other.
class TermReader {
 public:
  explicit TermReader(std::string_view typed) : rest_(typed) {}

  /// False at the end.
  bool next(SearchQuery::Term& term) {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
    if (rest_.empty()) return false;
    term = {};
    if (rest_.front() == '-') {
      term.is_excluded = true;
      rest_.remove_prefix(1);
    }
    std::string_view text = take_text();
    if (text.ends_with('*')) {
      term.is_prefix = true;
      text.remove_suffix(1);
    }
    std::vector<FoldedWord> words = folded_words(text);
    if (words.size() == 1) {
      const FoldedWord& word = words.front();
      term.plain = lower_turkish(text.substr(word.begin, word.end - word.begin));
    }
    for (FoldedWord& word : words) term.words.push_back(std::move(word.text));
    return true;
  }

 private:
  /// A phrase without its quotes (its end may be missing), or what stands before the next blank.
  std::string_view take_text() {
    if (rest_.starts_with('"')) {
      rest_.remove_prefix(1);
      return take_until(rest_, '"');
    }
    const auto* end = std::ranges::find_if(rest_, is_blank);
    std::string_view text(rest_.begin(), end);
    rest_.remove_prefix(text.size());
    return text;
  }

  std::string_view rest_;
};

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

/// 'bir' & 'iki':*
std::string tsquery_term(const SearchQuery::Term& term) {
  std::vector<std::string> words;
  for (const std::string& word : term.words) words.push_back("'" + word + "'");
  if (term.is_prefix) words.back() += ":*";
  return words.size() == 1 ? words.front() : "(" + join(words, " & ") + ")";
}

/// A phrase is looked for in the text itself.
bool is_phrase(const SearchQuery::Term& term) { return term.words.size() > 1; }

std::string phrases(const std::vector<SearchQuery::Term>& terms, bool is_excluded) {
  boost::json::array texts;
  for (const SearchQuery::Term& term : terms) {
    if (!is_phrase(term) || term.is_excluded != is_excluded) continue;
    texts.emplace_back(" " + join(term.words, " ") + (term.is_prefix ? "" : " "));
  }
  return boost::json::serialize(texts);
}

}  // namespace

Result<SearchQuery> SearchQuery::parse(std::string_view typed) {
  if (typed.size() > kTypedSizeMax) {
    return fail(ErrorCode::kTooLarge, fmt::format("a search has at most {} bytes; this one has {}",
                                                  kTypedSizeMax, typed.size()));
  }
  SearchQuery query;
  TermReader reader(typed);
  for (Term term; reader.next(term);) {
    if (!term.words.empty()) query.terms_.push_back(std::move(term));
  }
  if (query.terms_.size() > kTermCountMax) {
    return fail(ErrorCode::kTooLarge, fmt::format("a search has at most {} words; this one has {}",
                                                  kTermCountMax, query.terms_.size()));
  }
  if (std::ranges::all_of(query.terms_, &Term::is_excluded)) {
    return fail(ErrorCode::kInvalidArgument, "a search needs a word to look for");
  }
  return query;
}

std::string SearchQuery::fts5() const {
  std::vector<std::string> wanted;
  std::vector<std::string> excluded;
  for (const Term& term : terms_) {
    std::string text = "\"" + join(term.words, " ") + "\"" + (term.is_prefix ? " *" : "");
    (term.is_excluded ? excluded : wanted).push_back(std::move(text));
  }
  std::string query = "(" + join(wanted, " AND ") + ")";
  return excluded.empty() ? query : query + " NOT (" + join(excluded, " OR ") + ")";
}

std::string SearchQuery::tsquery_simple() const {
  std::vector<std::string> parts;
  for (const Term& term : terms_) {
    if (term.is_excluded && is_phrase(term)) continue;
    parts.push_back((term.is_excluded ? "!" : "") + tsquery_term(term));
  }
  return join(parts, " & ");
}

std::string SearchQuery::tsquery_turkish() const {
  std::vector<std::string> parts;
  for (const Term& term : terms_) {
    if (term.is_excluded && is_phrase(term)) continue;
    Term stemmed = term;
    // The stemmer knows ı and ğ, so it gets the word with them.
    if (!is_phrase(term) && !term.is_prefix) stemmed.words.front() = term.plain;
    parts.push_back((term.is_excluded ? "!" : "") + tsquery_term(stemmed));
  }
  return join(parts, " & ");
}

std::string SearchQuery::phrases_json() const { return phrases(terms_, false); }

std::string SearchQuery::excluded_phrases_json() const { return phrases(terms_, true); }

}  // namespace katip::store
