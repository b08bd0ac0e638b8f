#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

/// What a person types into a search field:
///
///   toplantı notu        both words, in any order
///   "toplantı notu"      one after the other
///   topla*               words that begin so; also "toplantı no*"
///   -taslak              not this word, not this "phrase"
///
/// There is no other syntax: every other character only divides words, so nothing that is typed can
/// be an error of the database or reach its query language.
namespace katip::store {

/// Threads: immutable.
class SearchQuery {
 public:
  struct Term {
    std::vector<std::string> words;  ///< Folded; several stand one after the other.
    std::string plain;               ///< A single word as it was typed, in lower case.
    bool is_prefix = false;          ///< The last word may go on.
    bool is_excluded = false;
  };

  /// Errors: kInvalidArgument when nothing is searched for (no word, or excluded ones only);
  ///         kTooLarge beyond 1,000 bytes or 32 terms.
  static Result<SearchQuery> parse(std::string_view typed);

  [[nodiscard]] const std::vector<Term>& terms() const { return terms_; }

  /// For `… match` of SQLite.
  [[nodiscard]] std::string fts5() const;
  /// For to_tsquery('simple', …) of PostgreSQL. Of phrases it only says that the words are there,
  /// because a tsvector forgets places behind word 16,383: ask for phrases_json() too.
  [[nodiscard]] std::string tsquery_simple() const;
  /// The same for to_tsquery('turkish', …), which makes stems: "kitaplar" finds "kitabı".
  [[nodiscard]] std::string tsquery_turkish() const;
  /// JSON array of what `' ' || search_text || ' '` has to hold.
  [[nodiscard]] std::string phrases_json() const;
  /// JSON array of what it must not hold.
  [[nodiscard]] std::string excluded_phrases_json() const;

 private:
  std::vector<Term> terms_;
};

}  // namespace katip::store
