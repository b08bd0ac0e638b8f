#include "store/migrate/files/sql_lexer.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

/// Where the two dialects differ: PostgreSQL has dollar quotes, E'…' with backslashes and nested
/// block comments; SQLite has `name` and [name], which in PostgreSQL begins a subscript.
/// Tested by sql_words_test.cc and statements_test.cc.
namespace katip::store::migrate {
namespace {

constexpr std::size_t kNoEnd = std::string_view::npos;

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

bool is_name_start(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalpha(byte) != 0 || c == '_' || byte >= 0x80;
}

bool is_name_part(char c) {
  return is_name_start(c) || std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '$';
}

}  // namespace

bool SqlLexer::starts(std::string_view text) const { return script_.substr(at_).starts_with(text); }

bool SqlLexer::is_escape_string() const {
  return dialect_ == Dialect::kPostgres && (starts("e'") || starts("E'"));
}

std::size_t SqlLexer::end_of_quoted(char close, bool backslash_escapes) const {
  for (std::size_t i = at_ + 1; i < script_.size(); ++i) {
    if (backslash_escapes && script_[i] == '\\') {
      ++i;
    } else if (script_[i] == close) {
      const bool doubled = close != ']' && i + 1 < script_.size() && script_[i + 1] == close;
      if (!doubled) return i + 1;
      ++i;
    }
  }
  return kNoEnd;
}

std::size_t SqlLexer::end_of_block_comment() const {
  int depth = 0;
  for (std::size_t i = at_; i + 1 < script_.size(); ++i) {
    const std::string_view pair = script_.substr(i, 2);
    if (pair == "/*" && (depth == 0 || dialect_ == Dialect::kPostgres)) {
      ++depth;
      ++i;
    } else if (pair == "*/") {
      ++i;
      if (--depth == 0) return i + 1;
    }
  }
  return kNoEnd;
}

/// "$tag$" when a dollar quote begins here, else nothing.
std::string_view SqlLexer::dollar_tag() const {
  if (dialect_ != Dialect::kPostgres || script_[at_] != '$') return {};
  std::size_t i = at_ + 1;
  if (i < script_.size() && is_name_start(script_[i])) {
    while (i < script_.size() && is_name_part(script_[i]) && script_[i] != '$') ++i;
  }
  return i < script_.size() && script_[i] == '$' ? script_.substr(at_, i + 1 - at_)
                                                 : std::string_view();
}

std::size_t SqlLexer::end_of_dollar_quote() const {
  const std::string_view tag = dollar_tag();
  const std::size_t close = script_.find(tag, at_ + tag.size());
  return close == script_.npos ? kNoEnd : close + tag.size();
}

std::size_t SqlLexer::end_of_word() const {
  std::size_t i = at_;
  while (i < script_.size() && is_name_part(script_[i])) ++i;
  return i;
}

Result<Token> SqlLexer::take(TokenKind kind, std::size_t end, std::string_view what) {
  if (end == kNoEnd) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("line {}: {} is not closed", line_, what));
  }
  const Token token{.kind = kind, .text = script_.substr(at_, end - at_), .line = line_};
  line_ += static_cast<int>(std::ranges::count(token.text, '\n'));
  at_ = end;
  return token;
}

Result<Token> SqlLexer::next() {
  if (at_ >= script_.size()) return Token{.kind = TokenKind::kEnd, .text = {}, .line = line_};
  const char c = script_[at_];
  if (is_space(c)) {
    std::size_t end = at_;
    while (end < script_.size() && is_space(script_[end])) ++end;
    return take(TokenKind::kSpace, end, "");
  }
  if (starts("--")) {
    return take(TokenKind::kComment, std::min(script_.find('\n', at_), script_.size()), "");
  }
  if (starts("/*")) return take(TokenKind::kComment, end_of_block_comment(), "a comment");
  if (is_escape_string()) {
    ++at_;  // the quote decides where it ends; the E goes with it
    const std::size_t end = end_of_quoted('\'', true);
    --at_;
    return take(TokenKind::kQuoted, end, "a string");
  }
  if (c == '\'') return take(TokenKind::kQuoted, end_of_quoted(c, false), "a string");
  if (c == '"') return take(TokenKind::kQuoted, end_of_quoted(c, false), "a quoted name");
  if (dialect_ == Dialect::kSqlite && (c == '`' || c == '[')) {
    return take(TokenKind::kQuoted, end_of_quoted(c == '[' ? ']' : c, false), "a quoted name");
  }
  if (!dollar_tag().empty()) {
    return take(TokenKind::kQuoted, end_of_dollar_quote(), "a dollar-quoted text");
  }
  if (is_name_start(c)) return take(TokenKind::kWord, end_of_word(), "");
  // A number takes its letters along, so that the e of 1e5 begins no string.
  if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
    return take(TokenKind::kOther, end_of_word(), "");
  }
  const TokenKind kind = c == ';'   ? TokenKind::kSemicolon
                         : c == '(' ? TokenKind::kOpen
                         : c == ')' ? TokenKind::kClose
                                    : TokenKind::kOther;
  return take(kind, at_ + 1, "");
}

bool is_word(const Token& token, std::string_view lower_case) {
  return token.kind == TokenKind::kWord &&
         std::ranges::equal(token.text, lower_case, [](char a, char b) {
           return std::tolower(static_cast<unsigned char>(a)) == b;
         });
}

}  // namespace katip::store::migrate
