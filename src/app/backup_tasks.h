#pragma once

#include <functional>
#include <string>

#include "app/backup_folder.h"
#include "app/backup_remote.h"
#include "jobs/handler.h"
#include "jobs/queue.h"

namespace katip::app {

inline constexpr const char* kBackupCreateKind = "backup.create";
inline constexpr const char* kBackupVerifyKind = "backup.verify";
inline constexpr const char* kBackupDrillKind = "backup.drill";
inline constexpr const char* kBackupPruneKind = "backup.prune";
inline constexpr const char* kBackupSendKind = "backup.send";

/// What has become of one that was made.
struct MadeBackup {
  Backup backup;
  std::vector<Backup> copies;        ///< Of its week and its month.
  std::vector<std::string> removed;  ///< What it let go.
};

/// Makes a backup, proves that it can be restored, makes the copies of its week and month, and lets
/// go what is too old: in this order, so that nothing goes before something new is proved.
/// `backups` tells of all of it, also when it fails.
Result<MadeBackup> make_backup(BackupFolder& folder, store::Pool& pool, BackupKind kind,
                               const BackupObserver& observer, std::stop_token stop);

/// The tasks about backups, by kind:
///   backup.create   {"kind": "daily"}; without it: manual
///   backup.verify   {"id": "…"} or {"name": "…"}
///   backup.drill    {}: restores the newest one as an exercise
///   backup.prune    {"dry_run": true}
///   backup.send     {}: brings the second place in line with the folder; follows each backup
///
/// `on_unsent` is told of each backup that cannot be sent; for logs.
///
/// Lifetime: queue and rng outlive the handlers.
jobs::Handlers backup_handlers(
    jobs::Queue& queue, BackupOptions options, Rng& rng,
    std::function<void(const UnsentBackup&)> on_unsent = [](const UnsentBackup&) {});

/// A backup that is due now, because the newest one is older than a day and nothing since was
/// verified: backups failed or nobody was there. Nothing is due where there was never one: the
/// calendar will see to it.
///
/// Errors: those of the database and the queue.
Status catch_up_backup(jobs::Queue& queue, std::stop_token stop);

}  // namespace katip::app
