#include "store/migrate/files/sql_words.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/trimmed.h"
#include "store/migrate/files/sql_lexer.h"

/// Tested by sql_words_test.cc.
namespace katip::store::migrate {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

/// "a""b" -> a"b, [a] -> a.
std::string unquoted(std::string_view text) {
  const char close = text.back();
  std::string name;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    name += text[i];
    if (text[i] == close && i + 2 < text.size() && text[i + 1] == close) ++i;
  }
  return name;
}

SqlWord word_of(const Token& token) {
  const char first = token.text.front();
  if (token.kind == TokenKind::kQuoted) {
    const bool is_name = first == '"' || first == '`' || first == '[';
    return {.text = is_name ? unquoted(token.text) : std::string(token.text),
            .is_name = is_name,
            .is_quoted = true,
            .line = token.line};
  }
  return {.text = lower(token.text),
          .is_name = token.kind == TokenKind::kWord,
          .is_quoted = false,
          .line = token.line};
}

/// What stands close to its neighbours: a.b, f(x), x::text.
bool is_tight(const SqlWord& word) {
  return !word.is_quoted &&
         (word.text == "." || word.text == "(" || word.text == ")" || word.text == "," ||
          word.text == ":" || word.text == "[" || word.text == "]");
}

bool is_plain_name(std::string_view name) {
  const auto is_part = [](char c) {
    return (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9');
  };
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
         std::ranges::all_of(name, is_part);
}

/// Words that at least one of the databases does not take as a name without quotes.
bool is_reserved(std::string_view name) {
  constexpr std::string_view kReserved =
      " all and any array as asc between by case cast check collate column constraint create "
      "cross current_date current_time current_timestamp default deferrable delete desc distinct "
      "do drop else end escape except exists false for foreign from full grant group having in "
      "index inner insert intersect into is isnull join left like limit natural not notnull null "
      "offset on only or order outer placing primary references returning right select set some "
      "table then to transaction trigger true union unique update user using values when where "
      "window with ";
  std::string padded = " ";
  padded.append(name).append(" ");
  return kReserved.contains(padded);
}

/// Whether two characters that touch are one operator, and not one of each side.
bool is_operator(std::string_view text) {
  for (const std::string_view known :
       {"<=", ">=", "<>", "!=", "==", "||", "->", "->>", "<<", ">>"}) {
    if (text == known) return true;
  }
  return false;
}

}  // namespace

Result<SqlWords> words_of(std::string_view sql, Dialect dialect) {
  SqlLexer lexer(sql, dialect);
  SqlWords words;
  bool touches_last = false;
  for (;;) {
    const Token token = KATIP_TRY(lexer.next());
    if (token.kind == TokenKind::kEnd) return words;
    const bool touches = std::exchange(touches_last, token.kind == TokenKind::kOther) &&
                         token.kind == TokenKind::kOther;
    if (token.kind == TokenKind::kSpace || token.kind == TokenKind::kComment) continue;
    if (touches && is_operator(words.back().text + std::string(token.text))) {
      words.back().text += token.text;
    } else {
      words.push_back(word_of(token));
    }
  }
}

bool has_at(std::span<const SqlWord> words, std::size_t at, std::string_view keywords) {
  while (!keywords.empty()) {
    if (at >= words.size() || !words[at].is(take_until(keywords, ' '))) return false;
    ++at;
  }
  return true;
}

std::size_t find_words(std::span<const SqlWord> words, std::string_view keywords,
                       std::size_t from) {
  int depth = 0;
  for (std::size_t i = from; i < words.size(); ++i) {
    if (depth == 0 && has_at(words, i, keywords)) return i;
    if (words[i].is("(")) ++depth;
    if (words[i].is(")") && depth > 0) --depth;
  }
  return words.size();
}

std::vector<std::span<const SqlWord>> split_at_commas(std::span<const SqlWord> words) {
  std::vector<std::span<const SqlWord>> parts;
  while (!words.empty()) {
    const std::size_t comma = find_words(words, ",");
    parts.push_back(words.first(comma));
    words = words.subspan(std::min(comma + 1, words.size()));
  }
  return parts;
}

std::size_t behind_parentheses(std::span<const SqlWord> words, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < words.size(); ++i) {
    if (words[i].is("(")) ++depth;
    if (words[i].is(")") && --depth == 0) return i + 1;
  }
  return words.size();
}

std::string text_of(std::span<const SqlWord> words) {
  std::string text;
  const SqlWord* before = nullptr;
  for (const SqlWord& word : words) {
    if (before != nullptr && !is_tight(word) && !is_tight(*before)) text += ' ';
    text += word.is_quoted && word.is_name ? quoted_name(word.text) : word.text;
    before = &word;
  }
  return text;
}

std::string quoted_name(std::string_view name) {
  if (is_plain_name(name) && !is_reserved(name)) return std::string(name);
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace katip::store::migrate
