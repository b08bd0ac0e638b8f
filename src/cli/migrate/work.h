#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/migrate/migrate_settings.h"
#include "cli/session.h"
#include "store/connection.h"
#include "store/migrations.h"
#include "store/migrator.h"
#include "store/rehearsal.h"

namespace katip::cli {

/// What the commands of `katip migrate` begin with.
struct MigrateWork {
  MigrateSettings settings;
  std::filesystem::path data_dir;  ///< Where katip's own SQLite database is.
  /// Where pg_dump and pg_restore lie; empty: they are looked for.
  std::filesystem::path postgres_programs = {};
};

/// Which revisions a command is for.
enum class RevisionsOf {
  kAnybody,  ///< Those of a folder, or katip's own.
  kFolder,   ///< Only those of a folder: katip's own are part of the program.
};

/// How each command begins: reads the settings (and sets the level of messages), then the revisions
/// that are meant, and gives both to the body. What goes wrong is said. Returns the exit code.
int with_migrations(const Arguments& arguments, Session& session, RevisionsOf whose,
                    const std::function<int(const MigrateWork&, const store::Migrations&)>& body);

/// The revisions that are meant.
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

/// Connects and gives the connection to the body. What goes wrong is said. Returns the exit code.
int with_database(const MigrateWork& work, Session& session,
                  const std::function<int(const MigrateDatabase&)>& body);

/// A copy of the database to try revisions on, as the settings say; what it does not have is told.
Result<store::Rehearsal> rehearse(const MigrateWork& work, const MigrateDatabase& live,
                                  Session& session);

/// The settings of a migrator; steps are told as messages: "Running upgrade 001 -> 002, jobs".
/// katip's own database is copied before it changes, unless settings or `--no-backup` say no.
store::MigratorOptions migrator_options(const MigrateWork& work, const Arguments& arguments,
                                        Session& session);

/// What a database knows of revisions.
struct DatabaseRevisions {
  std::vector<std::string> rows = {};  ///< Of the version table.
  std::map<std::string, store::AppliedRevision> log = {};
};
Result<DatabaseRevisions> database_revisions(const MigrateWork& work, Session& session);

/// The rows of the version table. Changes nothing.
Result<std::vector<std::string>> applied_revisions(const MigrateWork& work, Session& session);

/// Says what went wrong. Exit codes of migrations: 1 for what failed, 2 for what was asked wrongly,
/// 130 when it was stopped.
int report_failure(const Error& error, Session& session);
int report_usage(const std::string& message, Session& session);
/// 2 for kInvalidArgument, else as report_failure(): for settings.
int report_setup(const Error& error, Session& session);

}  // namespace katip::cli
