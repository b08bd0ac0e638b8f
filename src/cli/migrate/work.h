#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/migrate/migrate_settings.h"
#include "cli/session.h"
#include "store/connection.h"
#include "store/migrations.h"
#include "store/migrator.h"

namespace katip::cli {

/// What the commands of `katip migrate` begin with.
struct MigrateWork {
  MigrateSettings settings;
  std::filesystem::path data_dir;  ///< Where katip's own SQLite database is.
};

/// Settings of all kinds; also sets the level of messages.
///
/// Errors: those of load_settings() and load_migrate_settings().
Result<MigrateWork> prepare_migrate(const Arguments& arguments, Session& session);

/// The revisions that are meant: those of a folder, or katip's own.
Result<store::Migrations> read_migrations(const MigrateWork& work);

/// The database that is meant.
///
/// Errors: kInvalidArgument for a wrong URL, or when a foreign folder has none.
Result<store::DatabaseUrl> database_url(const MigrateWork& work);

/// A connection, and what watches it.
struct MigrateDatabase {
  std::unique_ptr<store::StatementObserver> observer;  ///< Before the connection, to outlive it.
  std::unique_ptr<store::Connection> connection;
  store::DatabaseUrl url;
};

/// Connects, and waits for the database as the settings say.
Result<MigrateDatabase> connect(const MigrateWork& work, Session& session);

/// The settings of a migrator; steps are told as messages: "Running upgrade 001 -> 002, jobs".
store::MigratorOptions migrator_options(const MigrateWork& work, const Arguments& arguments,
                                        Session& session);

/// The rows of the version table. Changes nothing.
Result<std::vector<std::string>> applied_revisions(const MigrateWork& work, Session& session);

/// Says what went wrong. Exit codes of migrations: 1 for what failed, 2 for what was asked wrongly,
/// 130 when it was stopped.
int report_failure(const Error& error, Session& session);
int report_usage(const std::string& message, Session& session);
/// 2 for kInvalidArgument, else as report_failure(): for settings.
int report_setup(const Error& error, Session& session);

}  // namespace katip::cli
