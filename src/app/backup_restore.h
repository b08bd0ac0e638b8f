#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "app/backup_folder.h"
#include "base/result.h"

namespace katip::app {

/// What happens in a restore, in this order. Until kSwapped the live database is not touched.
enum class RestoreStep {
  kTaken,       ///< Nobody else works on the database.
  kLoaded,      ///< The backup is a database beside the live one, and is sound.
  kUpgraded,    ///< It has the schema of this katip.
  kUnpacked,    ///< Its profiles and state lie beside those that hold.
  kSafe,        ///< What was live until now is a verified backup.
  kReady,       ///< What comes is written down, so that it can be brought to an end.
  kSwapped,     ///< It is the live database.
  kFilesMoved,  ///< Its profiles and state hold.
  kCleaned,     ///< What was live before is gone.
};
std::string_view name(RestoreStep step);

struct RestoreRequest {
  Backup backup;
  /// Only verifies it and says what would be done.
  bool is_dry_run = false;
  /// Make a backup of what is live first; without it what was live is lost.
  bool with_safety_backup = true;
  bool with_media = true;  ///< Put back the recordings that are missing, when it has them.
  std::chrono::seconds wait_max{0};  ///< For those who work on the database to end.
  BackupObserver observer = {};
  std::function<void(RestoreStep)> on_step = [](RestoreStep) {};
};

struct RestoreReport {
  std::string name;
  std::optional<std::string> safety_backup;  ///< Its name.
  std::size_t upgraded_count = 0;            ///< Revisions that were missing in it.
  store::DatabaseFacts database;
  std::optional<MediaReturn> media = {};  ///< Nothing: it has no recordings, or none were wanted.
  double seconds = 0;
};

/// Puts a backup in the place of the live database, of profiles and of state. Whatever fails, and
/// whoever kills it, the live ones are either as before or those of the backup, as a whole:
/// settle_restore() sees to that at the next start. Recordings come before: those of a restore that
/// fails are named by nobody, and the clean-up takes them away.
///
/// Errors: kConflict while somebody works on the database, and for a backup of a newer katip;
///         kCorruptData for one that is not good; kUnavailable when there is not room enough;
///         those of the database and the files.
Result<RestoreReport> restore_backup(BackupFolder& folder, const RestoreRequest& request,
                                     const Clock& clock, std::stop_token stop);

}  // namespace katip::app
