#include "store/migrate/compare/renames.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/trimmed.h"
#include "store/migrate/files/sql_lexer.h"
#include "store/migrate/files/sql_words.h"

/// Names in definitions are replaced word by word, so that strings stay as they are. A column of
/// the same name in another table is never touched: only definitions of its own table, and foreign
/// keys that refer to it, are looked at.
/// Tested by renames_test.cc.
namespace katip::store::migrate {
namespace {

constexpr std::string_view kHint = "renamed_from:";
constexpr std::string_view kBlanks = " \t\r";

/// Follows `create table name (column …, …)` through the tokens.
class HintReader {
 public:
  void take(const Token& token) {
    if (token.kind == TokenKind::kComment) return take_comment(token);
    if (token.kind == TokenKind::kSpace) return;
    line_ = token.line;
    if (token.kind == TokenKind::kSemicolon) return end_statement();
    if (token.kind == TokenKind::kOpen && ++depth_ == 1 && is_table_) expects_column_ = true;
    if (token.kind == TokenKind::kClose) --depth_;
    if (depth_ == 0) take_outside(token);
    if (depth_ == 1 && is_table_) take_inside(token);
  }

  std::vector<Rename> result() {
    std::vector<Rename> sorted;
    for (const bool is_table : {true, false}) {
      for (const Rename& rename : renames_) {
        if (rename.column_from.empty() == is_table) sorted.push_back(rename);
      }
    }
    return sorted;
  }

 private:
  static std::string name_of(const Token& token) {
    const auto words = words_of(token.text, Dialect::kPostgres);
    return words && !words->empty() ? words->front().text : std::string(token.text);
  }
  static bool is_name(const Token& token) {
    return token.kind == TokenKind::kWord ||
           (token.kind == TokenKind::kQuoted && !token.text.starts_with('\''));
  }

  void end_statement() {
    word_count_ = 0;
    depth_ = 0;
    is_table_ = false;
    table_.clear();
    column_.clear();
  }

  void take_outside(const Token& token) {
    if (!is_name(token)) return;
    ++word_count_;
    if (word_count_ == 1) is_create_ = is_word(token, "create");
    const bool is_keyword = is_word(token, "create") || is_word(token, "temp") ||
                            is_word(token, "unlogged") || is_word(token, "if") ||
                            is_word(token, "not") || is_word(token, "exists");
    if (is_create_ && word_count_ <= 3 && is_word(token, "table")) {
      is_table_ = true;
    } else if (is_table_ && !is_keyword && depth_ == 0) {
      table_ = name_of(token);  // The last one counts: a schema comes before it.
      if (!pending_.empty()) add_table(std::exchange(pending_, {}));
    }
  }

  void take_inside(const Token& token) {
    if (token.text == ",") expects_column_ = true;
    if (!expects_column_ || !is_name(token)) return;
    expects_column_ = false;
    column_ = name_of(token);
    if (!pending_.empty()) add_column(std::exchange(pending_, {}));
  }

  void take_comment(const Token& token) {
    std::string_view text = token.text;
    if (!text.starts_with("--")) return;
    text = trimmed(text.substr(2), kBlanks);
    if (!text.starts_with(kHint)) return;
    std::string old(trimmed(text.substr(kHint.size()), kBlanks));
    if (token.line != line_) {
      pending_ = std::move(old);
    } else if (depth_ == 0) {
      add_table(std::move(old));
    } else if (expects_column_ && column_.empty()) {
      add_table(std::move(old));  // Behind the parenthesis that opens the table.
    } else {
      add_column(std::move(old));
    }
  }

  void add_table(std::string old) {
    if (table_.empty()) return;
    renames_.push_back(
        {.table_from = std::move(old), .table_to = table_, .column_from = {}, .column_to = {}});
  }
  void add_column(std::string old) {
    renames_.push_back({.table_from = table_,
                        .table_to = table_,
                        .column_from = std::move(old),
                        .column_to = column_});
  }

  std::vector<Rename> renames_;
  std::string pending_;
  std::string table_;
  std::string column_;
  int line_ = 0;
  int depth_ = 0;
  int word_count_ = 0;
  bool is_create_ = false;
  bool is_table_ = false;
  bool expects_column_ = false;
};

/// Replaces a name wherever it stands as a word. With `behind`, only after `references <behind> (`.
std::string replaced(const std::string& sql, Dialect dialect, const std::string& from,
                     const std::string& to, const std::string& behind = {}) {
  SqlLexer lexer(sql, dialect);
  std::string result;
  bool refers = behind.empty();
  bool is_reference = false;
  for (;;) {
    const auto token = lexer.next();
    if (!token || token->kind == TokenKind::kEnd) return token ? result : sql;
    const auto words = words_of(token->text, dialect);
    const bool is_name = words && words->size() == 1 && words->front().is_name;
    const std::string name = is_name ? words->front().text : "";
    result += refers && is_name && name == from ? quoted_name(to) : std::string(token->text);
    if (behind.empty() || !is_name) continue;
    if (is_reference) refers = name == behind;
    is_reference = name == "references";
  }
}

void rename_table(Catalog& catalog, const Rename& rename) {
  auto node = catalog.tables.extract(rename.table_from);
  if (node.empty()) return;
  node.key() = rename.table_to;
  node.mapped().name = rename.table_to;
  catalog.tables.insert(std::move(node));
  const auto change = [&](std::string& sql) {
    sql = replaced(sql, catalog.dialect, rename.table_from, rename.table_to);
  };
  Table& own = catalog.tables.find(rename.table_to)->second;
  const auto change_all = [&](std::vector<Definition>& definitions) {
    for (Definition& definition : definitions) {
      change(definition.sql);
      change(definition.create_sql);
    }
  };
  change_all(own.indexes);
  change_all(own.triggers);
  change_all(catalog.views);
  for (auto& [name, table] : catalog.tables) {
    for (Constraint& constraint : table.constraints) {
      if (constraint.kind == ConstraintKind::kForeign) change(constraint.definition);
    }
  }
}

void rename_column(Catalog& catalog, const Rename& rename) {
  const auto found = catalog.tables.find(rename.table_to);
  if (found == catalog.tables.end()) return;
  const auto change = [&](std::string& sql) {
    sql = replaced(sql, catalog.dialect, rename.column_from, rename.column_to);
  };
  for (Column& column : found->second.columns) {
    if (column.name == rename.column_from) column.name = rename.column_to;
    change(column.generated);
  }
  for (Constraint& constraint : found->second.constraints) change(constraint.definition);
  for (Definition& index : found->second.indexes) {
    change(index.sql);
    change(index.create_sql);
  }
  for (auto& [name, table] : catalog.tables) {
    if (&table == &found->second) continue;
    for (Constraint& constraint : table.constraints) {
      constraint.definition = replaced(constraint.definition, catalog.dialect, rename.column_from,
                                       rename.column_to, rename.table_to);
    }
  }
}

}  // namespace

Result<std::vector<Rename>> renames_of(std::string_view declared, Dialect dialect) {
  SqlLexer lexer(declared, dialect);
  HintReader reader;
  for (;;) {
    const Token token = KATIP_TRY(lexer.next());
    if (token.kind == TokenKind::kEnd) return reader.result();
    reader.take(token);
  }
}

std::vector<Rename> pending_renames(const std::vector<Rename>& renames, const Catalog& from,
                                    const Catalog& to) {
  std::vector<Rename> pending;
  const auto has = [](const Catalog& catalog, const std::string& table, const std::string& column) {
    const auto found = catalog.tables.find(table);
    return found != catalog.tables.end() &&
           (column.empty() || found->second.find_column(column) != nullptr);
  };
  for (const Rename& rename : renames) {
    // The table of a column may itself be renamed, and has its old name in `from` then.
    std::string table = rename.table_from;
    for (const Rename& other : pending) {
      if (other.column_from.empty() && other.table_to == table) table = other.table_from;
    }
    if (has(from, table, rename.column_from) &&
        !has(from, rename.column_from.empty() ? rename.table_to : table, rename.column_to) &&
        has(to, rename.table_to, rename.column_to)) {
      pending.push_back(rename);
    }
  }
  return pending;
}

std::vector<Rename> reversed(const std::vector<Rename>& renames) {
  // Columns go back first, while their table still has its new name.
  std::vector<Rename> result(renames.rbegin(), renames.rend());
  for (Rename& rename : result) {
    if (rename.column_from.empty()) std::swap(rename.table_from, rename.table_to);
    std::swap(rename.column_from, rename.column_to);
  }
  return result;
}

Catalog renamed(Catalog catalog, const std::vector<Rename>& renames) {
  for (const Rename& rename : renames) {
    rename.column_from.empty() ? rename_table(catalog, rename) : rename_column(catalog, rename);
  }
  return catalog;
}

std::string rename_sql(const std::vector<Rename>& renames) {
  std::string sql;
  for (const Rename& rename : renames) {
    if (rename.column_from.empty()) {
      sql += fmt::format("alter table {} rename to {};\n", quoted_name(rename.table_from),
                         quoted_name(rename.table_to));
    } else {
      sql += fmt::format("alter table {} rename column {} to {};\n", quoted_name(rename.table_to),
                         quoted_name(rename.column_from), quoted_name(rename.column_to));
    }
  }
  return sql;
}

}  // namespace katip::store::migrate
