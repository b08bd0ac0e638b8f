#include <algorithm>
#include <ranges>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "store/migrate/compare/emit.h"
#include "store/migrate/files/sql_words.h"

/// First goes what others stand on last: triggers, views, functions, constraints and indexes; then
/// tables and columns change; then the new things come in the opposite order.
/// Tested by schema_comparison_test.cc.
namespace katip::store::migrate {
namespace {

constexpr std::string_view kNoTransaction = "; -- katip: no-transaction\n";

std::string string_of(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

bool mentions(const std::string& sql, const std::string& name) {
  const auto words = words_of(sql, Dialect::kPostgres);
  return words && std::ranges::any_of(*words, [&](const SqlWord& word) {
           return word.is_name && word.text == name;
         });
}

/// Whether an expression changed that PostgreSQL cannot alter: the column is made anew.
bool is_made_anew(const Column& from, const Column& to) {
  return !to.generated.empty() && from.generated != to.generated;
}

/// The values of `to` that come in addition, when the others keep their order.
bool only_adds(const EnumType& from, const EnumType& to) {
  std::size_t next = 0;
  for (const std::string& label : to.labels) {
    if (next < from.labels.size() && from.labels[next] == label) ++next;
  }
  return next == from.labels.size();
}

class PostgresEmitter {
 public:
  explicit PostgresEmitter(const CatalogDifference& difference) : difference_(difference) {}

  std::string run() {
    drop_dependents();
    for (const TableDifference& table : difference_.changed) drop_parts(table);
    drop_tables();
    change_enums();
    for (const Definition* sequence : difference_.sequences.added) {
      sql_ += sequence->to_run() + ";\n";
    }
    make_functions();
    for (const Table* table : difference_.added) sql_ += create_table_sql(*table);
    for (const TableDifference& table : difference_.changed) change_columns(table);
    for (const TableDifference& table : difference_.changed) add_parts(table);
    for (const Table* table : difference_.added) add_foreign_keys(*table);
    make_dependents();
    for (const EnumType* type : difference_.enums.removed) {
      sql_ += fmt::format("drop type {};\n", quoted_name(type->name));
    }
    for (const Definition* sequence : difference_.sequences.removed) {
      sql_ += fmt::format("drop sequence {};\n", quoted_name(sequence->name));
    }
    return std::move(sql_);
  }

 private:
  static std::string_view view_word(const Definition& view) {
    return view.sql.starts_with("create materialized") ? "materialized view" : "view";
  }

  /// Views that are the same before and after, but stand on a column that changes.
  [[nodiscard]] std::vector<const Definition*> views_in_the_way() const {
    std::vector<const Definition*> views;
    for (const Definition& view : difference_.to->views) {
      const bool stays =
          std::ranges::find(difference_.from->views, view) != difference_.from->views.end();
      const bool is_in_the_way =
          std::ranges::any_of(difference_.changed, [&](const TableDifference& table) {
            const bool alters = !table.columns.removed.empty() || !table.columns.changed.empty();
            return alters && mentions(view.sql, table.from->name);
          });
      if (stays && is_in_the_way) views.push_back(&view);
    }
    return views;
  }

  void drop_dependents() {
    const auto drop_trigger = [&](const Definition& trigger, const Table& table) {
      sql_ += fmt::format("drop trigger {} on {};\n", quoted_name(trigger.name),
                          quoted_name(table.name));
    };
    for (const TableDifference& table : difference_.changed) {
      for (const Definition* trigger : table.triggers.removed) drop_trigger(*trigger, *table.from);
      for (const auto& [old, wanted] : table.triggers.changed) drop_trigger(*old, *table.from);
    }
    std::vector<const Definition*> views = difference_.views.removed;
    for (const auto& [old, wanted] : difference_.views.changed) views.push_back(old);
    std::ranges::copy(views_in_the_way(), std::back_inserter(views));
    // Later ones may stand on earlier ones.
    for (const Definition& view : difference_.from->views | std::views::reverse) {
      if (std::ranges::any_of(views, [&](const Definition* v) { return v->name == view.name; })) {
        sql_ += fmt::format("drop {} {};\n", view_word(view), quoted_name(view.name));
      }
    }
  }

  void make_functions() {
    for (const Definition* old : difference_.functions.removed) {
      sql_ += fmt::format("drop function {};\n", old->name);
    }
    for (const Definition* wanted : difference_.functions.added) sql_ += statement(*wanted);
    for (const auto& [old, wanted] : difference_.functions.changed) {
      sql_ += statement(*wanted);  // "create or replace", as PostgreSQL writes it.
    }
  }

  void make_dependents() {
    std::vector<const Definition*> views = difference_.views.added;
    for (const auto& [old, wanted] : difference_.views.changed) views.push_back(wanted);
    std::ranges::copy(views_in_the_way(), std::back_inserter(views));
    for (const Definition& view : difference_.to->views) {
      if (std::ranges::find(views, &view) != views.end()) sql_ += statement(view);
    }
    for (const Table* table : difference_.added) {
      for (const Definition& trigger : table->triggers) sql_ += statement(trigger);
    }
    for (const TableDifference& table : difference_.changed) {
      for (const Definition* trigger : table.triggers.added) sql_ += statement(*trigger);
      for (const auto& [old, wanted] : table.triggers.changed) sql_ += statement(*wanted);
    }
  }

  static std::string statement(const Definition& definition) {
    std::string text = definition.to_run();
    while (text.ends_with('\n') || text.ends_with(' ')) text.pop_back();
    return text + ";\n";
  }

  void drop_index(const Definition& index) {
    sql_ += fmt::format("drop index concurrently if exists {}{}", quoted_name(index.name),
                        kNoTransaction);
  }

  void drop_parts(const TableDifference& table) {
    const std::string name = quoted_name(table.to->name);
    // Foreign keys first: they stand on unique constraints, perhaps on one of those.
    for (const bool foreign : {true, false}) {
      for (const Constraint* constraint : table.constraints.removed) {
        if ((constraint->kind == ConstraintKind::kForeign) != foreign) continue;
        sql_ += fmt::format("alter table {} drop constraint {};\n", name,
                            quoted_name(constraint->name));
      }
    }
    for (const Definition* index : table.indexes.removed) drop_index(*index);
    for (const auto& [old, wanted] : table.indexes.changed) drop_index(*old);
    for (const auto& [old, wanted] : table.constraints.changed) {
      sql_ += fmt::format("alter table {} rename constraint {} to {};\n", name,
                          quoted_name(old->name), quoted_name(wanted->name));
    }
  }

  void drop_tables() {
    if (difference_.removed.empty()) return;
    std::vector<std::string> names;
    for (const Table* table : difference_.removed) names.push_back(quoted_name(table->name));
    // In one statement they may refer to each other.
    sql_ += fmt::format("drop table {};\n", fmt::join(names, ", "));
  }

  void change_enums() {
    for (const EnumType* type : difference_.enums.added) create_enum(*type, type->name);
    for (const auto& [old, wanted] : difference_.enums.changed) {
      only_adds(*old, *wanted) ? add_labels(*old, *wanted) : replace_enum(*old, *wanted);
    }
  }

  void create_enum(const EnumType& type, const std::string& name) {
    std::vector<std::string> labels;
    for (const std::string& label : type.labels) labels.push_back(string_of(label));
    sql_ +=
        fmt::format("create type {} as enum ({});\n", quoted_name(name), fmt::join(labels, ", "));
  }

  void add_labels(const EnumType& old, const EnumType& wanted) {
    const std::string* before = nullptr;
    for (const std::string& label : wanted.labels) {
      if (std::ranges::find(old.labels, label) == old.labels.end()) {
        const std::string place = before == nullptr ? " before " + string_of(old.labels.front())
                                                    : " after " + string_of(*before);
        sql_ += fmt::format("alter type {} add value if not exists {}{}{}",
                            quoted_name(wanted.name), string_of(label), place, kNoTransaction);
      }
      before = &label;
    }
  }

  /// A value went away or moved: a new type takes over the columns.
  void replace_enum(const EnumType& old, const EnumType& wanted) {
    const std::string old_name = old.name + "_old";
    sql_ +=
        fmt::format("alter type {} rename to {};\n", quoted_name(old.name), quoted_name(old_name));
    create_enum(wanted, wanted.name);
    for (const auto& [name, table] : difference_.from->tables) {
      for (const Column& column : table.columns) {
        if (column.type == quoted_name(old.name)) move_column(name, column);
      }
    }
    sql_ += fmt::format("drop type {};\n", quoted_name(old_name));
  }

  void move_column(const std::string& table_name, const Column& column) {
    const auto table = difference_.to->tables.find(table_name);
    if (table == difference_.to->tables.end()) return;  // It went with its table.
    const std::string alter = fmt::format("alter table {} alter column {}", quoted_name(table_name),
                                          quoted_name(column.name));
    if (!column.default_value.empty()) sql_ += alter + " drop default;\n";
    sql_ += fmt::format("{} type {} using {}::text::{};\n", alter, column.type,
                        quoted_name(column.name), column.type);
    if (!column.default_value.empty()) {
      sql_ += fmt::format("{} set default {};\n", alter, column.default_value);
    }
  }

  void change_columns(const TableDifference& table) {
    const std::string name = quoted_name(table.to->name);
    for (const Column* column : table.columns.removed) {
      sql_ += fmt::format("alter table {} drop column {};\n", name, quoted_name(column->name));
    }
    for (const auto& [old, wanted] : table.columns.changed) {
      if (is_made_anew(*old, *wanted)) {
        sql_ += fmt::format("alter table {} drop column {};\n", name, quoted_name(old->name));
        sql_ += fmt::format("alter table {} add column {};\n", name, column_sql(*wanted));
      } else {
        sql_ += alter_column_sql(name, *old, *wanted);
      }
    }
    for (const Column* column : table.columns.added) {
      sql_ += fmt::format("alter table {} add column {};\n", name, column_sql(*column));
      if (!column->comment.empty()) {
        sql_ += fmt::format("comment on column {}.{} is {};\n", name, quoted_name(column->name),
                            string_of(column->comment));
      }
    }
    if (table.has_other_comment) {
      sql_ += fmt::format("comment on table {} is {};\n", name,
                          table.to->comment.empty() ? "null" : string_of(table.to->comment));
    }
  }

  /// Those that went with a column that was made anew, and have to come back with it.
  template <typename T>
  static std::vector<const T*> lost_with_columns(const TableDifference& table,
                                                 const std::vector<T>& from,
                                                 const std::vector<T>& to,
                                                 std::string T::* definition) {
    std::vector<const T*> lost;
    for (const auto& [old, wanted] : table.columns.changed) {
      if (!is_made_anew(*old, *wanted)) continue;
      for (const T& part : to) {
        const bool was_there = std::ranges::find(from, part) != from.end();
        if (was_there && mentions(part.*definition, wanted->name)) lost.push_back(&part);
      }
    }
    return lost;
  }

  void add_constraint(const Table& table, const Constraint& constraint) {
    sql_ += fmt::format("alter table {} add constraint {} {};\n", quoted_name(table.name),
                        quoted_name(constraint.name), constraint.definition);
  }

  void add_index(const Definition& index) {
    std::string create = index.to_run();
    for (const std::string_view prefix : {"CREATE UNIQUE INDEX ", "CREATE INDEX "}) {
      if (create.starts_with(prefix)) {
        create.insert(prefix.size(), "CONCURRENTLY IF NOT EXISTS ");
        break;
      }
    }
    sql_ += create + std::string(kNoTransaction);
  }

  void add_parts(const TableDifference& table) {
    std::vector<const Constraint*> constraints = lost_with_columns(
        table, table.from->constraints, table.to->constraints, &Constraint::definition);
    std::ranges::copy(table.constraints.added, std::back_inserter(constraints));
    for (const bool foreign : {false, true}) {
      for (const Constraint* constraint : constraints) {
        if ((constraint->kind == ConstraintKind::kForeign) == foreign) {
          add_constraint(*table.to, *constraint);
        }
      }
    }
    for (const Definition* index :
         lost_with_columns(table, table.from->indexes, table.to->indexes, &Definition::sql)) {
      add_index(*index);
    }
    for (const Definition* index : table.indexes.added) add_index(*index);
    for (const auto& [old, wanted] : table.indexes.changed) add_index(*wanted);
  }

  void add_foreign_keys(const Table& table) {
    for (const Constraint& constraint : table.constraints) {
      if (constraint.kind == ConstraintKind::kForeign) add_constraint(table, constraint);
    }
  }

  const CatalogDifference& difference_;
  std::string sql_;
};

}  // namespace

std::string emit_postgres(const CatalogDifference& difference) {
  return PostgresEmitter(difference).run();
}

}  // namespace katip::store::migrate
