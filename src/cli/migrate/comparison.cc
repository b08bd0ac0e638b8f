#include "cli/migrate/comparison.h"

#include <fmt/format.h>

// Tested by tests/e2e/test_migrate.py.
namespace katip::cli {

Result<DatabaseComparison> compare_with_database(const MigrateWork& work,
                                                 const store::Migrations& migrations,
                                                 Session& session) {
  const MigrateDatabase database = KATIP_TRY(connect(work, session));
  store::Migrator migrator(*database.connection, migrations, migrator_options(work, {}, session));
  const auto applied = KATIP_TRY(migrator.applied());
  if (!migrations.is_at_heads(applied)) {
    return fail(ErrorCode::kConflict, "Target database is not up to date.");
  }
  const store::Dialect dialect = database.url.dialect();
  const auto declared = KATIP_TRY(migrations.declared_schema(dialect));
  if (!declared) {
    return fail(ErrorCode::kNotFound,
                fmt::format("no schema is declared: write it into {} in the folder of the "
                            "migrations",
                            dialect == store::Dialect::kSqlite ? "schema.sqlite.sql"
                                                               : "schema.postgres.sql"));
  }
  auto difference = KATIP_TRY(store::compare_schema(
      *database.connection, database.url, *declared,
      {.version_table = work.settings.text("version_table"), .random = &system_rng()}));
  for (const store::SchemaChange& change : difference.changes) {
    session.terminal.say(Level::kInfo, "Detected " + change.text);
  }
  return DatabaseComparison{.dialect = dialect, .difference = std::move(difference)};
}

}  // namespace katip::cli
