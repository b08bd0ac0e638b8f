#pragma once

#include <string>

#include "store/migrate/compare/difference.h"

namespace katip::store::migrate {

/// The statements that turn `difference.from` into `difference.to`, ready for a section of a
/// revision file.
///
/// PostgreSQL: indexes of tables that exist are built and dropped concurrently, values are added to
/// enums outside of the transaction. SQLite: what `alter table` cannot do is done by building the
/// table anew, as https://sqlite.org/lang_altertable.html section 7 says, with its rows, indexes
/// and triggers; foreign keys are not enforced in a migration.
///
/// Threads: pure.
std::string emit_postgres(const CatalogDifference& difference);
std::string emit_sqlite(const CatalogDifference& difference);

/// Of one table (PostgreSQL).
std::string create_table_sql(const Table& table);
std::string column_sql(const Column& column);
std::string alter_column_sql(const std::string& table, const Column& from, const Column& to);

}  // namespace katip::store::migrate
