#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "store/connection.h"

namespace katip::store::testing {

/// Everything that a schema consists of, one line a thing, sorted: tables, columns, constraints,
/// indexes, triggers, functions. Two databases with the same lines work alike. The tables that
/// migrations keep for themselves are left out.
///
/// Of columns SQLite says more than its catalog shows, so its lines are the statements that made
/// the schema, without comments and with single blanks.
Result<std::vector<std::string>> catalog_lines(Connection& connection);

}  // namespace katip::store::testing
