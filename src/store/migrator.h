#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/connection.h"
#include "store/migrations.h"
#include "store/upgrade_backup.h"

/// What revisions do to a database. To try them on a copy: rehearsal.h.
///
///   Migrator migrator(*connection, migrations, {});
///   const MigrationReport report = KATIP_TRY(migrator.upgrade("head"));
namespace katip::store {

struct MigratorOptions {
  std::string version_table = "alembic_version";
  /// How long to wait for another process that migrates this database.
  std::chrono::milliseconds lock_timeout{60'000};
  /// Whether statements may run that lose data and have no `-- katip: allow` in their file.
  bool allows_data_loss = false;
  /// A SQLite database is copied before upgrade() and downgrade() change it; nothing: it is not.
  std::optional<UpgradeBackupOptions> backup = {};
  std::string applied_by = {};   ///< For the log: "ayse@db-host".
  std::string app_version = {};  ///< For the log: that of the program.
  /// Is told of each step before it runs: "upgrade 001 -> 002, add jobs".
  std::function<void(std::string_view)> on_step = [](std::string_view) {};
  std::stop_token stop = {};
};

struct MigrationReport {
  std::vector<std::string> steps;  ///< As told to on_step.
  std::vector<std::string> rows;   ///< Of the version table afterwards.
};

/// Runs revisions on one connection, one migrator of the database at a time: whoever waited finds
/// less or nothing left to do. Each revision is one transaction, but for statements marked
/// `-- katip: no-transaction`. Statements have no time limit but the connection's.
///
/// Errors:   in the words of Alembic: kNotFound for targets and rows that no file has; kConflict
///           for several heads, wrong directions and statements that lose data; kTimeout when the
///           lock is not free in time; kCancelled; those of Connection, naming file and line.
/// Threads:  that of the connection.
/// Lifetime: connection and migrations outlive it.
class Migrator {
 public:
  Migrator(Connection& connection, const Migrations& migrations, MigratorOptions options)
      : connection_(connection), migrations_(migrations), options_(std::move(options)) {}

  Result<MigrationReport> upgrade(const std::string& target);
  Result<MigrationReport> downgrade(const std::string& target);
  /// Only says where the database is; runs nothing.
  Result<MigrationReport> stamp(const std::vector<std::string>& targets);
  /// Forgets what it said before, also revisions that no file has.
  Result<MigrationReport> stamp_purged(const std::vector<std::string>& targets);
  Status ensure_version_table();

  /// The rows of the version table, sorted; none when there is no table. Changes nothing.
  Result<std::vector<std::string>> applied();
  /// What is written down of those that katip applied, by revision. Changes nothing.
  Result<std::map<std::string, AppliedRevision>> log();
  /// One sentence for each applied revision whose file is not what was applied.
  Result<std::vector<std::string>> verify();

 private:
  Connection& connection_;
  const Migrations& migrations_;
  MigratorOptions options_;
};

}  // namespace katip::store
