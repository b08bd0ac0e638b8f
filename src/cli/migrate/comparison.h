#pragma once

#include "base/result.h"
#include "cli/migrate/work.h"
#include "store/schema_comparison.h"

namespace katip::cli {

struct DatabaseComparison {
  store::Dialect dialect = store::Dialect::kSqlite;
  store::SchemaDifference difference;
};

/// Compares the declared schema with the database, and tells each difference as a message:
/// "Detected added table 'jobs'".
///
/// Errors: kConflict "Target database is not up to date." unless it is at all heads; kNotFound when
///         no schema is declared; those of compare_schema().
Result<DatabaseComparison> compare_with_database(const MigrateWork& work,
                                                 const store::Migrations& migrations,
                                                 Session& session);

}  // namespace katip::cli
