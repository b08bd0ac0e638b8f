#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "store/database_url.h"

namespace katip::store::migrate {

enum class TokenKind {
  kEnd,        ///< Nothing is left.
  kSpace,      ///< Blanks and newlines.
  kComment,    ///< From `--` to the end of its line, or `/* … */`.
  kWord,       ///< A keyword or a plain name.
  kQuoted,     ///< A string or a quoted name, with its quotes.
  kSemicolon,  ///< `;`
  kOpen,       ///< `(`
  kClose,      ///< `)`
  kOther,      ///< Any other single character.
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string_view text;
  int line = 0;  ///< Where it begins, counted from 1.
};

/// Cuts SQL into tokens, only as finely as is needed to know what a semicolon means.
///
/// Threads:  one thread.
/// Lifetime: the script outlives the lexer and its tokens.
class SqlLexer {
 public:
  SqlLexer(std::string_view script, Dialect dialect) : script_(script), dialect_(dialect) {}

  /// Errors: kInvalidArgument when a string, quoted name or comment is not closed.
  Result<Token> next();

 private:
  /// Each returns the position behind the token that begins at at_, or npos when it has no end.
  [[nodiscard]] std::size_t end_of_quoted(char close, bool backslash_escapes) const;
  [[nodiscard]] std::size_t end_of_block_comment() const;
  [[nodiscard]] std::size_t end_of_dollar_quote() const;
  [[nodiscard]] std::size_t end_of_word() const;

  [[nodiscard]] std::string_view dollar_tag() const;
  [[nodiscard]] bool starts(std::string_view text) const;
  [[nodiscard]] bool is_escape_string() const;
  Result<Token> take(TokenKind kind, std::size_t end, std::string_view what);

  std::string_view script_;
  Dialect dialect_;
  std::size_t at_ = 0;
  int line_ = 1;
};

/// Whether a token is this word; SQL does not tell cases apart.
bool is_word(const Token& token, std::string_view lower_case);

}  // namespace katip::store::migrate
