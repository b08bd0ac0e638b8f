#include "store/migrate/compare/changes.h"

#include <fmt/format.h>

/// Tested by schema_comparison_test.cc.
namespace katip::store::migrate {
namespace {

std::string or_none(const std::string& text) { return text.empty() ? "none" : text; }

class Teller {
 public:
  std::vector<SchemaChange> run(const std::vector<Rename>& renames,
                                const CatalogDifference& difference) {
    for (const Rename& rename : renames) tell_rename(rename);
    for (const Table* table : difference.removed)
      tell("remove_table", "removed table", table->name);
    for (const Table* table : difference.added) {
      tell("add_table", "added table", table->name);
      for (const Definition& index : table->indexes) tell("add_index", "added index", index.name);
    }
    for (const TableDifference& table : difference.changed) tell_table(table);
    tell_list("enum", difference.enums);
    tell_list("sequence", difference.sequences);
    tell_list("function", difference.functions);
    tell_list("view", difference.views);
    return std::move(changes_);
  }

 private:
  void add(std::string kind, std::string object, std::string text) {
    changes_.push_back(
        {.kind = std::move(kind), .object = std::move(object), .text = std::move(text)});
  }
  void tell(std::string kind, std::string_view words, const std::string& name) {
    add(std::move(kind), name, fmt::format("{} '{}'", words, name));
  }

  void tell_rename(const Rename& rename) {
    if (rename.column_from.empty()) {
      add("rename_table", rename.table_to,
          fmt::format("renamed table '{}' to '{}'", rename.table_from, rename.table_to));
      return;
    }
    add("rename_column", rename.table_to + "." + rename.column_to,
        fmt::format("renamed column '{}.{}' to '{}'", rename.table_to, rename.column_from,
                    rename.column_to));
  }

  template <typename T>
  void tell_list(const std::string& what, const ListDifference<T>& list) {
    for (const T* old : list.removed) tell("remove_" + what, "removed " + what, old->name);
    for (const T* wanted : list.added) tell("add_" + what, "added " + what, wanted->name);
    for (const auto& [old, wanted] : list.changed) {
      tell("modify_" + what, "changed " + what, wanted->name);
    }
  }

  void tell_table(const TableDifference& table) {
    const std::string& name = table.to->name;
    for (const Column* column : table.columns.removed) {
      tell("remove_column", "removed column", name + "." + column->name);
    }
    for (const Column* column : table.columns.added) {
      tell("add_column", "added column", name + "." + column->name);
    }
    for (const auto& [old, wanted] : table.columns.changed) tell_column(name, *old, *wanted);
    for (const Constraint* old : table.constraints.removed) tell_constraint(name, *old, "remove");
    for (const Constraint* wanted : table.constraints.added) tell_constraint(name, *wanted, "add");
    for (const auto& [old, wanted] : table.constraints.changed) {
      add("rename_constraint", name + "." + wanted->name,
          fmt::format("renamed constraint '{}' to '{}' on table '{}'", old->name, wanted->name,
                      name));
    }
    tell_list("index", table.indexes);
    tell_list("trigger", table.triggers);
    if (table.has_other_comment) tell("modify_table_comment", "comment on table", name);
    if (table.has_other_options) tell("modify_table_options", "other options of table", name);
  }

  void tell_column(const std::string& table, const Column& old, const Column& wanted) {
    const std::string name = table + "." + wanted.name;
    if (old.type != wanted.type) {
      add("modify_type", name,
          fmt::format("type change from {} to {} on '{}'", old.type, wanted.type, name));
    }
    if (old.is_not_null != wanted.is_not_null) {
      tell("modify_nullable", wanted.is_not_null ? "NOT NULL on column" : "NULL on column", name);
    }
    if (old.default_value != wanted.default_value || old.is_serial != wanted.is_serial) {
      tell("modify_default", "server default on column", name);
    }
    if (old.generated != wanted.generated) {
      tell("modify_computed", "computed expression on column", name);
    }
    if (old.identity != wanted.identity) tell("modify_identity", "identity on column", name);
    if (old.collation != wanted.collation) {
      add("modify_collation", name,
          fmt::format("collation change from {} to {} on '{}'", or_none(old.collation),
                      or_none(wanted.collation), name));
    }
    if (old.comment != wanted.comment) tell("modify_comment", "column comment", name);
  }

  void tell_constraint(const std::string& table, const Constraint& constraint,
                       const std::string& verb) {
    const bool is_foreign = constraint.kind == ConstraintKind::kForeign;
    const std::string label = constraint.name.empty() ? constraint.definition : constraint.name;
    add(verb + (is_foreign ? "_fk" : "_constraint"), table + "." + label,
        fmt::format("{} {} '{}' on table '{}'", verb == "add" ? "added" : "removed",
                    is_foreign ? "foreign key" : "constraint", label, table));
  }

  std::vector<SchemaChange> changes_;
};

}  // namespace

std::vector<SchemaChange> changes_of(const std::vector<Rename>& renames,
                                     const CatalogDifference& difference) {
  return Teller().run(renames, difference);
}

}  // namespace katip::store::migrate
