#include <algorithm>
#include <ranges>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "store/migrate/compare/emit.h"
#include "store/migrate/files/sql_words.h"

/// Tested by schema_comparison_test.cc.
namespace katip::store::migrate {
namespace {

/// Whether `alter table … add column` takes it: no key, nothing that old rows would break.
bool can_be_added(const Column& column, const TableDifference& table) {
  const bool has_fixed_default = !column.default_value.empty() &&
                                 !column.default_value.contains('(') &&
                                 !column.default_value.starts_with("current_");
  if (column.is_not_null && !has_fixed_default) return false;
  if (!column.default_value.empty() && !has_fixed_default) return false;
  if (!column.generated.empty() && !column.generated.ends_with(" virtual")) return false;
  // A constraint of its own would have to be written behind it.
  return table.constraints.empty();
}

std::string added_column_sql(const Column& column) {
  std::string sql = quoted_name(column.name);
  if (!column.type.empty()) sql += " " + column.type;
  if (!column.collation.empty()) sql += " collate " + column.collation;
  if (!column.generated.empty()) sql += " generated always as " + column.generated;
  if (!column.default_value.empty()) sql += " default " + column.default_value;
  if (column.is_not_null) sql += " not null";
  return sql;
}

class SqliteEmitter {
 public:
  explicit SqliteEmitter(const CatalogDifference& difference) : difference_(difference) {}

  std::string run() {
    std::vector<const Definition*> views = difference_.views.removed;
    for (const auto& [old, wanted] : difference_.views.changed) views.push_back(old);
    for (const Definition& view : difference_.from->views | std::views::reverse) {
      if (std::ranges::find(views, &view) != views.end()) drop_view(view);
    }
    for (const Table* table : difference_.removed) {
      sql_ += fmt::format("drop table {};\n", quoted_name(table->name));
    }
    for (const Table* table : difference_.added) {
      sql_ += table->create_sql + ";\n";
      make_parts(*table);
    }
    for (const TableDifference& table : difference_.changed) change(table);
    for (const Definition& view : difference_.to->views) {
      if (is_made(view)) sql_ += view.to_run() + ";\n";
    }
    return std::move(sql_);
  }

 private:
  [[nodiscard]] bool is_made(const Definition& view) const {
    const auto& [removed, added, changed] = difference_.views;
    return std::ranges::find(added, &view) != added.end() ||
           std::ranges::any_of(changed, [&](const auto& pair) { return pair.second == &view; });
  }

  void drop_view(const Definition& view) {
    const bool is_trigger = view.sql.starts_with("create trigger");
    const bool is_view = view.sql.starts_with("create view");
    sql_ += fmt::format("drop {} {};\n",
                        is_trigger ? "trigger"
                        : is_view  ? "view"
                                   : "table",
                        quoted_name(view.name));
  }

  void make_parts(const Table& table) {
    for (const Definition& index : table.indexes) sql_ += index.to_run() + ";\n";
    for (const Definition& trigger : table.triggers) sql_ += trigger.to_run() + ";\n";
  }

  void change(const TableDifference& table) {
    const bool is_addition = table.columns.removed.empty() && table.columns.changed.empty() &&
                             table.constraints.empty() && !table.has_other_options &&
                             std::ranges::all_of(table.columns.added, [&](const Column* column) {
                               return can_be_added(*column, table);
                             });
    is_addition ? alter(table) : rebuild(table);
  }

  void alter(const TableDifference& table) {
    drop_parts(table.triggers, "trigger");
    drop_parts(table.indexes, "index");
    for (const Column* column : table.columns.added) {
      sql_ += fmt::format("alter table {} add column {};\n", quoted_name(table.to->name),
                          added_column_sql(*column));
    }
    add_parts(table.indexes);
    add_parts(table.triggers);
  }

  void drop_parts(const ListDifference<Definition>& parts, std::string_view word) {
    const auto drop = [&](const Definition& part) {
      sql_ += fmt::format("drop {} {};\n", word, quoted_name(part.name));
    };
    for (const Definition* part : parts.removed) drop(*part);
    for (const auto& [old, wanted] : parts.changed) drop(*old);
  }

  void add_parts(const ListDifference<Definition>& parts) {
    for (const Definition* part : parts.added) sql_ += part->to_run() + ";\n";
    for (const auto& [old, wanted] : parts.changed) sql_ += wanted->to_run() + ";\n";
  }

  /// A new table, the rows, and the name; triggers, indexes and constraints are those of the new
  /// one. The old way of renaming leaves what other tables, views and triggers say alone.
  void rebuild(const TableDifference& table) {
    const std::string name = quoted_name(table.to->name);
    const std::string anew = quoted_name("katip_new_" + table.to->name);
    std::vector<std::string> columns;
    std::vector<std::string> values;
    for (const Column& column : table.to->columns) {
      const Column* old = table.from->find_column(column.name);
      if (old == nullptr || !column.generated.empty()) continue;
      columns.push_back(quoted_name(column.name));
      values.push_back(value_of(column, *old));
    }
    const std::string& create = table.to->create_sql;
    sql_ += fmt::format("create table {} {};\n", anew, create.substr(open_of(create)));
    if (!columns.empty()) {
      sql_ += fmt::format("insert into {} ({})\n  select {} from {};\n", anew,
                          fmt::join(columns, ", "), fmt::join(values, ", "), name);
    }
    std::vector<std::string> lost;
    for (const Column* column : table.columns.removed) {
      if (column->generated.empty()) lost.push_back(column->name);
    }
    if (!lost.empty()) sql_ += fmt::format("-- katip: loses {}\n", fmt::join(lost, ", "));
    sql_ += fmt::format(
        "drop table {};\npragma legacy_alter_table = on;\nalter table {} rename to {};\n"
        "pragma legacy_alter_table = off;\n",
        name, anew, name);
    make_parts(*table.to);
  }

  /// A column that must not be null any more takes its default where it was.
  static std::string value_of(const Column& column, const Column& old) {
    const std::string name = quoted_name(column.name);
    const bool needs_value =
        column.is_not_null && !old.is_not_null && !column.default_value.empty();
    return needs_value ? fmt::format("coalesce({}, {})", name, column.default_value) : name;
  }

  /// The first parenthesis behind the name.
  static std::size_t open_of(const std::string& create) {
    char quote = 0;
    for (std::size_t i = 0; i < create.size(); ++i) {
      const char c = create[i];
      if (quote != 0) {
        quote = c == quote ? '\0' : quote;
      } else if (c == '(') {
        return i;
      } else if (c == '"' || c == '`' || c == '[') {
        quote = c == '[' ? ']' : c;
      }
    }
    return 0;
  }

  const CatalogDifference& difference_;
  std::string sql_;
};

}  // namespace

std::string emit_sqlite(const CatalogDifference& difference) {
  return SqliteEmitter(difference).run();
}

}  // namespace katip::store::migrate
