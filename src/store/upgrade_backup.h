#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/connection.h"

/// A copy of a SQLite database beside it, made before its schema changes, so that there is a way
/// back to what was. docs/migrations.md tells how to go it.
///
///   katip.db.before-upgrade.20261122T113700Z.8c41d7e2a05f
namespace katip::store {

struct UpgradeBackup {
  std::filesystem::path path;
  std::int64_t size = 0;  ///< What it takes, before it is made: about. Units: bytes.
};

struct UpgradeBackupOptions {
  /// So many are kept. Of one revision there is one, the newest: an upgrade that fails again and
  /// again does not push out what was before it.
  std::size_t count_max = 3;
  std::function<void(const UpgradeBackup&)> on_begin = [](const UpgradeBackup&) {};
  std::function<void(const UpgradeBackup&)> on_made = [](const UpgradeBackup&) {};
  /// Whether so many bytes can be written into a folder; empty: it is looked at.
  std::function<Status(const std::filesystem::path&, std::int64_t)> has_room = {};
};

/// Makes one, on the disk and looked through before this returns; then those that are too many go.
/// `revisions` are what the database is at. Nothing is made of a database without tables, of one in
/// memory, and of PostgreSQL.
///
/// Whoever calls this has the lock of migrators.
///
/// Errors: why it cannot be made, and how to go on without it: kUnavailable when there is no room;
///         kCancelled; those of the files and the database.
Result<std::optional<UpgradeBackup>> back_up_before_upgrade(
    Connection& database, const std::vector<std::string>& revisions,
    const UpgradeBackupOptions& options, std::stop_token stop);

/// Those beside a database, the newest first.
std::vector<std::filesystem::path> upgrade_backups_of(const std::filesystem::path& database);

}  // namespace katip::store
