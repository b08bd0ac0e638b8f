#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "store/migrate/plan/step.h"

/// The SQL of the version table, the same for a connection and for a script. Without semicolons.
///
/// Threads: pure.
namespace katip::store::migrate {

inline constexpr std::string_view kVersionTable = "alembic_version";

/// Table names are put into SQL as they are, so they are plain: letters, digits and "_", at most
/// 63, with an optional schema in front.
///
/// Errors: kInvalidArgument.
Status check_table_name(std::string_view name);

/// A text as an SQL string.
std::string sql_string(std::string_view text);

std::string create_version_table_sql(std::string_view table);
std::string row_change_sql(std::string_view table, const RowChange& change);

}  // namespace katip::store::migrate
