#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/connection.h"

namespace katip::store {

/// One difference between a database and what its schema is declared to be.
struct SchemaChange {
  std::string kind;    ///< "add_table", "modify_type", "remove_index", …
  std::string object;  ///< "jobs", "jobs.status", "ix_jobs_status".
  std::string text;    ///< "added table 'jobs'", for people.
};

struct SchemaDifference {
  std::vector<SchemaChange> changes;
  std::string upgrade_sql;    ///< From the database to the declared schema.
  std::string downgrade_sql;  ///< And back.
};

/// Where the shadow of a PostgreSQL database is made.
enum class ShadowPlace {
  kDatabase,  ///< A database of its own; a schema where making one is not allowed.
  kSchema,    ///< A schema beside the live one: cheaper, but it sees the tables of `public`.
};

struct ComparisonOptions {
  std::string version_table = "alembic_version";
  Rng* random = &system_rng();  ///< For the name of the shadow database.
  ShadowPlace shadow_place = ShadowPlace::kDatabase;
};

/// Compares a live database with a declared schema, an SQL script. The script is applied to a
/// shadow database that goes away again (a SQLite file in the temporary folder; a new database on
/// the same PostgreSQL server, or a schema where that is not allowed), and both catalogs are read
/// with the same queries, so that texts of expressions are compared as the database itself writes
/// them.
///
/// A comment `-- renamed_from: old` before a table or a column of the script, or behind it on its
/// line, says that it is not a new one.
///
/// What migrations keep for themselves is left out: the version table and katip_migration_*.
///
/// Errors:  kInvalidArgument when the script declares nothing, or is wrong; those of Connection.
/// Threads: that of the connection.
Result<SchemaDifference> compare_schema(Connection& live, const DatabaseUrl& url,
                                        std::string_view declared,
                                        const ComparisonOptions& options);

}  // namespace katip::store
