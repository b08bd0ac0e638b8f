#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/database_url.h"

/// SQL as a row of words, for whoever looks at what a statement does and not at how it is written.
namespace katip::store::migrate {

/// A word, a quoted name, a string, or one character of punctuation.
struct SqlWord {
  /// Plain words in lower case, names without their quotes, strings with them.
  std::string text;
  bool is_name = false;    ///< A quoted name, or a word that may be one.
  bool is_quoted = false;  ///< It had quotes, so it is no keyword.
  int line = 0;

  [[nodiscard]] bool is(std::string_view keyword) const { return !is_quoted && text == keyword; }
};

using SqlWords = std::vector<SqlWord>;

/// Errors: as SqlLexer::next().
Result<SqlWords> words_of(std::string_view sql, Dialect dialect);

/// Whether the words from `at` on are these keywords, written with blanks: "add column".
bool has_at(std::span<const SqlWord> words, std::size_t at, std::string_view keywords);
/// Where they begin first, outside of parentheses; words.size() when they do not.
std::size_t find_words(std::span<const SqlWord> words, std::string_view keywords,
                       std::size_t from = 0);
/// The parts between the commas that are outside of parentheses.
std::vector<std::span<const SqlWord>> split_at_commas(std::span<const SqlWord> words);
/// Behind the parenthesis that closes the one at `open`; words.size() when nothing does.
std::size_t behind_parentheses(std::span<const SqlWord> words, std::size_t open);
/// The words with one blank between them, but none inside of names with dots and calls: the same
/// text for the same SQL.
std::string text_of(std::span<const SqlWord> words);
/// A name for SQL, in quotes where it needs them.
std::string quoted_name(std::string_view name);

}  // namespace katip::store::migrate
