#pragma once

#include <utility>
#include <vector>

#include "store/migrate/compare/catalog.h"

namespace katip::store::migrate {

/// What has to be done to get from one list of things with names to another.
///
/// Lifetime: that of the two catalogs; so are the others below.
template <typename T>
struct ListDifference {
  std::vector<const T*> removed;
  std::vector<const T*> added;
  std::vector<std::pair<const T*, const T*>> changed;  ///< The same name, another content.

  [[nodiscard]] bool empty() const { return removed.empty() && added.empty() && changed.empty(); }
};

struct TableDifference {
  const Table* from = nullptr;
  const Table* to = nullptr;
  ListDifference<Column> columns;
  ListDifference<Constraint> constraints;  ///< `changed` has those with another name only.
  ListDifference<Definition> indexes;
  ListDifference<Definition> triggers;
  bool has_other_options = false;
  bool has_other_comment = false;

  [[nodiscard]] bool empty() const {
    return columns.empty() && constraints.empty() && indexes.empty() && triggers.empty() &&
           !has_other_options && !has_other_comment;
  }
};

struct CatalogDifference {
  const Catalog* from = nullptr;
  const Catalog* to = nullptr;
  std::vector<const Table*> removed;
  std::vector<const Table*> added;
  std::vector<TableDifference> changed;
  ListDifference<EnumType> enums;
  ListDifference<Definition> sequences;
  ListDifference<Definition> functions;
  ListDifference<Definition> views;
};

/// Threads: pure.
CatalogDifference difference_of(const Catalog& from, const Catalog& to);

}  // namespace katip::store::migrate
