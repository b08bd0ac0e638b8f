#include "store/migrate/compare/difference.h"

#include <algorithm>

/// Tested by schema_comparison_test.cc.
namespace katip::store::migrate {
namespace {

template <typename T>
const T* find_named(const std::vector<T>& list, const std::string& name) {
  const auto found = std::ranges::find(list, name, &T::name);
  return found == list.end() ? nullptr : &*found;
}

template <typename T>
ListDifference<T> by_name(const std::vector<T>& from, const std::vector<T>& to) {
  ListDifference<T> result;
  for (const T& old : from) {
    if (find_named(to, old.name) == nullptr) result.removed.push_back(&old);
  }
  for (const T& wanted : to) {
    const T* old = find_named(from, wanted.name);
    if (old == nullptr) {
      result.added.push_back(&wanted);
    } else if (!(*old == wanted)) {
      result.changed.push_back({old, &wanted});
    }
  }
  return result;
}

/// Constraints are the same when their definitions are; a name alone is changed by renaming. SQLite
/// shows no names that matter, and cannot rename.
ListDifference<Constraint> constraint_difference(const Table& from, const Table& to,
                                                 Dialect dialect) {
  ListDifference<Constraint> result;
  std::vector<const Constraint*> left;
  for (const Constraint& old : from.constraints) left.push_back(&old);
  std::vector<const Constraint*> unmatched;
  for (const Constraint& wanted : to.constraints) {
    const auto same =
        std::ranges::find_if(left, [&](const Constraint* old) { return *old == wanted; });
    same == left.end() ? unmatched.push_back(&wanted) : static_cast<void>(left.erase(same));
  }
  for (const Constraint* wanted : unmatched) {
    const auto renamed = std::ranges::find_if(left, [&](const Constraint* old) {
      return old->kind == wanted->kind && old->definition == wanted->definition;
    });
    if (renamed == left.end() || dialect == Dialect::kSqlite) {
      result.added.push_back(wanted);
    } else {
      result.changed.push_back({*renamed, wanted});
      left.erase(renamed);
    }
  }
  result.removed = std::move(left);
  return result;
}

TableDifference table_difference(const Table& from, const Table& to, Dialect dialect) {
  TableDifference result{.from = &from,
                         .to = &to,
                         .columns = by_name(from.columns, to.columns),
                         .constraints = constraint_difference(from, to, dialect),
                         .indexes = by_name(from.indexes, to.indexes),
                         .triggers = by_name(from.triggers, to.triggers),
                         .has_other_options = from.options != to.options,
                         .has_other_comment = from.comment != to.comment};
  return result;
}

ListDifference<EnumType> enum_difference(const Catalog& from, const Catalog& to) {
  ListDifference<EnumType> result;
  for (const auto& [name, old] : from.enums) {
    if (!to.enums.contains(name)) result.removed.push_back(&old);
  }
  for (const auto& [name, wanted] : to.enums) {
    const auto old = from.enums.find(name);
    if (old == from.enums.end()) {
      result.added.push_back(&wanted);
    } else if (old->second.labels != wanted.labels) {
      result.changed.push_back({&old->second, &wanted});
    }
  }
  return result;
}

}  // namespace

CatalogDifference difference_of(const Catalog& from, const Catalog& to) {
  CatalogDifference result;
  result.from = &from;
  result.to = &to;
  for (const auto& [name, old] : from.tables) {
    if (!to.tables.contains(name)) result.removed.push_back(&old);
  }
  for (const auto& [name, wanted] : to.tables) {
    const auto old = from.tables.find(name);
    if (old == from.tables.end()) {
      result.added.push_back(&wanted);
      continue;
    }
    TableDifference difference = table_difference(old->second, wanted, to.dialect);
    if (!difference.empty()) result.changed.push_back(std::move(difference));
  }
  result.enums = enum_difference(from, to);
  result.sequences = by_name(from.sequences, to.sequences);
  result.functions = by_name(from.functions, to.functions);
  result.views = by_name(from.views, to.views);
  return result;
}

}  // namespace katip::store::migrate
