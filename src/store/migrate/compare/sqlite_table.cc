#include "store/migrate/compare/sqlite_table.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "store/migrate/files/sql_words.h"

/// The grammar is that of https://sqlite.org/lang_createtable.html.
/// Tested by sqlite_table_test.cc.
namespace katip::store::migrate {
namespace {

using Words = std::span<const SqlWord>;

constexpr std::array<std::string_view, 11> kColumnKeywords = {
    "constraint", "primary", "not",        "null",      "unique", "check",
    "default",    "collate", "references", "generated", "as"};
constexpr std::array<std::string_view, 5> kTableKeywords = {"constraint", "primary", "unique",
                                                            "check", "foreign"};

template <std::size_t kCount>
bool is_one_of(const SqlWord& word, const std::array<std::string_view, kCount>& keywords) {
  return std::ranges::any_of(keywords, [&](std::string_view keyword) { return word.is(keyword); });
}

class ColumnReader {
 public:
  ColumnReader(Words words, Table& table) : words_(words), table_(table) {}

  void run() {
    column_.name = words_[0].text;
    at_ = 1;
    const std::size_t type_begin = at_;
    while (at_ < words_.size() && !is_one_of(words_[at_], kColumnKeywords)) {
      at_ = words_[at_].is("(") ? behind_parentheses(words_, at_) : at_ + 1;
    }
    column_.type = text_of(words_.subspan(type_begin, at_ - type_begin));
    while (at_ < words_.size()) take_constraint();
    table_.columns.push_back(std::move(column_));
  }

 private:
  /// Up to the keyword that begins the next constraint.
  Words rest_of_constraint(std::size_t from) const {
    std::size_t end = from;
    while (end < words_.size()) {
      const bool begins_next = is_one_of(words_[end], kColumnKeywords) &&
                               !has_at(words_, end, "not deferrable") && !is_action(end);
      if (begins_next) break;
      end = words_[end].is("(") ? behind_parentheses(words_, end) : end + 1;
    }
    return words_.subspan(from, end - from);
  }
  /// "set null" and "set default" of a foreign key are no constraints.
  bool is_action(std::size_t at) const { return at > 0 && words_[at - 1].is("set"); }

  void add(ConstraintKind kind, std::string definition) {
    table_.constraints.push_back(
        {.name = std::exchange(name_, {}), .kind = kind, .definition = std::move(definition)});
  }

  void take_constraint() {
    const SqlWord& word = words_[at_];
    const std::string column = quoted_name(column_.name);
    if (word.is("constraint")) {
      name_ = at_ + 1 < words_.size() ? words_[at_ + 1].text : "";
      at_ += 2;
      return;
    }
    const Words rest = rest_of_constraint(at_ + 1);
    const std::string text = text_of(rest);
    if (word.is("primary")) {
      const std::string tail = text_of(rest.subspan(std::min<std::size_t>(1, rest.size())));
      add(ConstraintKind::kPrimary,
          fmt::format("primary key({}){}{}", column, tail.empty() ? "" : " ", tail));
    } else if (word.is("unique")) {
      add(ConstraintKind::kUnique,
          fmt::format("unique({}){}{}", column, text.empty() ? "" : " ", text));
    } else if (word.is("check")) {
      add(ConstraintKind::kCheck, "check" + text);
    } else if (word.is("references")) {
      add(ConstraintKind::kForeign, fmt::format("foreign key({})references {}", column, text));
    } else {
      take_property(word, rest, text);
    }
    at_ += 1 + rest.size();
  }

  void take_property(const SqlWord& word, Words rest, const std::string& text) {
    name_.clear();  // Names of these are never seen again.
    if (word.is("not") && at_ + 1 < words_.size() && words_[at_ + 1].is("null")) {
      column_.is_not_null = true;
      ++at_;  // "null" is a keyword of its own, so it ended the rest.
    } else if (word.is("default")) {
      column_.default_value = default_of(rest, text);
    } else if (word.is("collate")) {
      column_.collation = text;
    } else if (word.is("as")) {
      column_.generated = rest.empty() || rest.back().is(")") ? text + " virtual" : text;
    }
  }

  /// (x) is the same as x; null is what a column has without a default.
  std::string default_of(Words rest, const std::string& text) {
    if (rest.empty() && at_ + 1 < words_.size() && words_[at_ + 1].is("null")) {
      ++at_;
      return {};
    }
    const bool is_wrapped =
        rest.size() > 2 && rest.front().is("(") && behind_parentheses(rest, 0) == rest.size();
    return is_wrapped ? text_of(rest.subspan(1, rest.size() - 2)) : text;
  }

  Words words_;
  Table& table_;
  Column column_;
  std::string name_;
  std::size_t at_ = 0;
};

/// The integer that is the row's own id is never null, said or not.
void mark_row_id(Table& table) {
  for (const Constraint& constraint : table.constraints) {
    if (constraint.kind != ConstraintKind::kPrimary) continue;
    for (Column& column : table.columns) {
      const std::string alone = fmt::format("primary key({})", quoted_name(column.name));
      if (column.type == "integer" && constraint.definition.starts_with(alone)) {
        column.is_not_null = true;
      }
    }
  }
}

void take_table_constraint(Words words, Table& table) {
  Constraint constraint;
  if (words[0].is("constraint") && words.size() > 2) {
    constraint.name = words[1].text;
    words = words.subspan(2);
  }
  constraint.kind = words[0].is("primary")   ? ConstraintKind::kPrimary
                    : words[0].is("unique")  ? ConstraintKind::kUnique
                    : words[0].is("foreign") ? ConstraintKind::kForeign
                                             : ConstraintKind::kCheck;
  constraint.definition = text_of(words);
  table.constraints.push_back(std::move(constraint));
}

}  // namespace

Result<Table> parse_sqlite_table(std::string_view sql) {
  const SqlWords words = KATIP_TRY(words_of(sql, Dialect::kSqlite));
  const std::size_t open = find_words(words, "(");
  const std::size_t end = behind_parentheses(words, open);
  if (open == 0 || open >= words.size() || !words[end - 1].is(")")) {
    return fail(ErrorCode::kInvalidArgument, "a create table that cannot be read");
  }
  Table table;
  table.name = words[open - 1].text;
  table.create_sql = sql;
  table.options = text_of(Words(words).subspan(end));
  for (const Words item : split_at_commas(Words(words).subspan(open + 1, end - open - 2))) {
    if (item.empty()) continue;
    if (is_one_of(item.front(), kTableKeywords)) {
      take_table_constraint(item, table);
    } else {
      ColumnReader(item, table).run();
    }
  }
  mark_row_id(table);
  std::ranges::sort(table.constraints, {}, [](const Constraint& constraint) {
    return std::pair(constraint.definition, constraint.name);
  });
  return table;
}

}  // namespace katip::store::migrate
