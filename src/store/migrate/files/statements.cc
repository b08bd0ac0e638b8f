#include "store/migrate/files/statements.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/trimmed.h"
#include "store/migrate/files/sql_lexer.h"

/// A semicolon ends a statement unless it stands in parentheses or in a body. Which bodies there
/// are depends on how the statement begins:
///
///   create [temp] trigger … begin …; end;      SQLite. Ends as sqlite3_complete() sees it: at the
///                                               semicolon behind an END that follows a semicolon.
///   create function … begin atomic …; end;      PostgreSQL. BEGIN and CASE open, END closes, as in
///                                               psql.
///
/// Tested by statements_test.cc.
namespace katip::store::migrate {
namespace {

constexpr std::string_view kDirective = "katip:";
constexpr std::string_view kAllow = "allow ";
constexpr std::string_view kLoses = "loses ";

/// Of all that SQL takes for blanks.
std::string_view trim(std::string_view text) { return trimmed(text, " \t\r\n\f\v"); }

/// What has been seen of the statement in hand.
class StatementShape {
 public:
  explicit StatementShape(Dialect dialect) : dialect_(dialect) {}

  void take(const Token& token) {
    if (token.kind == TokenKind::kOpen) ++parentheses_;
    if (token.kind == TokenKind::kClose && parentheses_ > 0) --parentheses_;
    if (token.kind == TokenKind::kWord) take_word(token);
    before_last_ = last_;
    last_ = token.kind == TokenKind::kSemicolon ? Last::kSemicolon
            : is_word(token, "end")             ? Last::kEnd
                                                : Last::kOther;
  }

  /// Whether a semicolon that comes now ends the statement.
  [[nodiscard]] bool ends_here() const {
    if (is_trigger_ && has_body_) return last_ == Last::kEnd && before_last_ == Last::kSemicolon;
    return parentheses_ == 0 && bodies_ == 0;
  }

  [[nodiscard]] bool is_open() const { return parentheses_ > 0 || bodies_ > 0 || has_body_; }

 private:
  enum class Last { kOther, kSemicolon, kEnd };

  void take_word(const Token& token) {
    ++word_count_;
    if (word_count_ == 1) begins_with_create_ = is_word(token, "create");
    if (begins_with_create_ && word_count_ <= 4) {
      if (dialect_ == Dialect::kSqlite && is_word(token, "trigger")) is_trigger_ = true;
      if (dialect_ == Dialect::kPostgres &&
          (is_word(token, "function") || is_word(token, "procedure"))) {
        is_routine_ = true;
      }
    }
    if (is_trigger_ && is_word(token, "begin")) has_body_ = true;
    if (is_routine_ && parentheses_ == 0) {
      if (is_word(token, "begin") || (bodies_ > 0 && is_word(token, "case"))) ++bodies_;
      if (bodies_ > 0 && is_word(token, "end")) --bodies_;
    }
  }

  Dialect dialect_;
  int parentheses_ = 0;
  int bodies_ = 0;
  int word_count_ = 0;
  bool begins_with_create_ = false;
  bool is_trigger_ = false;
  bool is_routine_ = false;
  bool has_body_ = false;
  Last last_ = Last::kOther;
  Last before_last_ = Last::kOther;
};

class Splitter {
 public:
  Splitter(std::string_view script, Dialect dialect)
      : script_(script), dialect_(dialect), lexer_(script, dialect), shape_(dialect) {}

  Result<std::vector<Statement>> run() {
    for (;;) {
      const Token token = KATIP_TRY(lexer_.next());
      if (token.kind == TokenKind::kEnd) break;
      if (token.kind == TokenKind::kSpace) continue;
      if (token.kind == TokenKind::kComment) {
        KATIP_TRY(take_comment(token));
      } else if (token.kind == TokenKind::kSemicolon && shape_.ends_here()) {
        finish(token);
      } else {
        take(token);
      }
    }
    if (begin_ != nullptr && shape_.is_open()) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("line {}: the statement that begins here has an unclosed "
                              "parenthesis or body",
                              line_));
    }
    finish({});
    return std::move(statements_);
  }

 private:
  void take(const Token& token) {
    if (begin_ == nullptr) {
      begin_ = token.text.data();
      line_ = token.line;
    }
    end_ = token.text.data() + token.text.size();
    shape_.take(token);
  }

  /// Ends the statement in hand; an empty one (two semicolons in a row) is no statement.
  void finish(const Token& semicolon) {
    if (begin_ != nullptr) {
      statements_.push_back({.text = std::string(begin_, end_),
                             .line = line_,
                             .no_transaction = no_transaction_,
                             .allowed = std::exchange(allowed_, {}),
                             .lost = std::exchange(lost_, {})});
      last_line_ = semicolon.line;
    }
    begin_ = nullptr;
    no_transaction_ = false;
    shape_ = StatementShape(dialect_);
  }

  Status take_comment(const Token& token) {
    std::string_view text = token.text;
    if (!text.starts_with("--")) return {};
    text = trim(text.substr(2));
    if (!text.starts_with(kDirective)) return {};
    text = trim(text.substr(kDirective.size()));
    const bool is_behind = begin_ == nullptr && !statements_.empty() && token.line == last_line_;
    if (text == "no-transaction") {
      (is_behind ? statements_.back().no_transaction : no_transaction_) = true;
      return {};
    }
    if (text.starts_with(kAllow)) {
      add_names(text.substr(kAllow.size()), is_behind ? statements_.back().allowed : allowed_);
      return {};
    }
    if (text.starts_with(kLoses)) {
      add_names(text.substr(kLoses.size()), is_behind ? statements_.back().lost : lost_);
      return {};
    }
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("line {}: \"-- katip: {}\" is unknown; there are "
                            "\"-- katip: no-transaction\", \"-- katip: allow RULE\" and "
                            "\"-- katip: loses COLUMN\"",
                            token.line, text));
  }

  /// Names separated by commas or blanks.
  static void add_names(std::string_view text, std::vector<std::string>& names) {
    constexpr std::string_view kBetween = ", \t\r";
    while (true) {
      const std::size_t first = text.find_first_not_of(kBetween);
      if (first == text.npos) return;
      text.remove_prefix(first);
      const std::size_t end = std::min(text.find_first_of(kBetween), text.size());
      names.emplace_back(text.substr(0, end));
      text.remove_prefix(end);
    }
  }

  std::string_view script_;
  Dialect dialect_;
  SqlLexer lexer_;
  StatementShape shape_;
  std::vector<Statement> statements_;
  const char* begin_ = nullptr;
  const char* end_ = nullptr;
  int line_ = 0;
  int last_line_ = 0;
  bool no_transaction_ = false;
  std::vector<std::string> allowed_;
  std::vector<std::string> lost_;
};

}  // namespace

Result<std::vector<Statement>> split_statements(std::string_view script, Dialect dialect) {
  return Splitter(script, dialect).run();
}

}  // namespace katip::store::migrate
