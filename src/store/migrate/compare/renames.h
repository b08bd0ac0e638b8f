#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/migrate/compare/catalog.h"

namespace katip::store::migrate {

/// A table or a column that has another name now.
struct Rename {
  std::string table_from;
  std::string table_to;     ///< For a column: the name that the table has afterwards.
  std::string column_from;  ///< Empty: the table itself.
  std::string column_to;
};

/// The comments `-- renamed_from: old` of a declared schema, tables before columns. One that stands
/// alone is about the table or column that comes next; one behind something on its line, about
/// that.
///
/// Errors: those of the lexer.
Result<std::vector<Rename>> renames_of(std::string_view declared, Dialect dialect);

/// Those that still have to be done: the old name is there and the new one is not.
std::vector<Rename> pending_renames(const std::vector<Rename>& renames, const Catalog& from,
                                    const Catalog& to);

/// The way back, last first.
std::vector<Rename> reversed(const std::vector<Rename>& renames);

/// What a catalog is after them, in definitions too.
Catalog renamed(Catalog catalog, const std::vector<Rename>& renames);

/// `alter table … rename …;`, a line each.
std::string rename_sql(const std::vector<Rename>& renames);

}  // namespace katip::store::migrate
