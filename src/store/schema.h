#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/connection.h"
#include "store/upgrade_backup.h"

/// katip's own schema. Its revisions, the files of the folder migrations/, are part of the program,
/// so a new database needs nothing but this:
///
///   const auto connection = KATIP_TRY(Connection::open(url, {}));
///   KATIP_TRY(upgrade_to_head(*connection));
///
/// `katip migrate` does the same by hand, and everything else that can be done with revisions.
namespace katip::store {

enum class SchemaState {
  kEmpty,    ///< No revision is applied: a new database.
  kBehind,   ///< Some are missing: upgrade_to_head().
  kCurrent,  ///< All are applied.
  kAhead,    ///< It has revisions that this program does not know: it is older than its database.
};

struct SchemaStatus {
  SchemaState state = SchemaState::kEmpty;
  std::vector<std::string> applied;  ///< The heads of what is applied; the rows of the table.
  std::vector<std::string> heads;    ///< What they are when all is applied.
  std::vector<std::string> pending;  ///< Revisions that an upgrade would run, first to run first.
};

/// Where the schema of this database stands. Changes nothing.
///
/// Errors: those of Connection.
Result<SchemaStatus> schema_status(Connection& connection);

/// Why katip cannot run on it and what to do about it; empty when it can.
std::string schema_advice(const SchemaStatus& status);

/// Whether this program knows all of these revisions: those of a database that a newer katip
/// upgraded it does not.
Result<bool> knows_schema(const std::vector<std::string>& applied);

struct SchemaUpgradeOptions {
  /// How long to wait for another process that migrates this database.
  std::chrono::milliseconds lock_timeout{60'000};
  /// Is told of each revision before it runs: "upgrade 001 -> 002, add jobs".
  std::function<void(std::string_view)> on_step = [](std::string_view) {};
  std::stop_token stop = {};
  /// A SQLite database with tables is copied before it changes; nothing: it is not.
  std::optional<UpgradeBackupOptions> backup = {};
  std::string applied_by = {};   ///< For the log: "ayse@db-host".
  std::string app_version = {};  ///< For the log: that of the program.
};

/// Runs every revision that is missing, one migrator at a time: whoever waited finds nothing left
/// to do. The statements have no time limit. Returns how many revisions it ran.
///
/// Errors:  kConflict when the database is ahead of this program; kTimeout when another migrator
///          has the lock all the time; kCancelled; those of Connection, naming file and line.
/// Threads: that of the connection.
Result<std::size_t> upgrade_to_head(Connection& connection,
                                    const SchemaUpgradeOptions& options = {});

/// The declared schema of katip (migrations/schema.sqlite.sql, schema.postgres.sql): what all
/// revisions together lead to. It is compared with, never applied to a real database.
std::string_view declared_schema(Dialect dialect);

}  // namespace katip::store
