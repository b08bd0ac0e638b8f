#pragma once

#include <string_view>

#include "base/result.h"
#include "store/migrate/compare/catalog.h"

namespace katip::store::migrate {

/// Reads a `create table` statement of SQLite. Constraints of a column become those of the table,
/// so that `a integer primary key` and `a integer, primary key (a)` are the same.
///
/// Errors:  kInvalidArgument when the statement cannot be read.
/// Threads: pure.
Result<Table> parse_sqlite_table(std::string_view sql);

}  // namespace katip::store::migrate
