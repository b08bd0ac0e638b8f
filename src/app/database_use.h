#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/file_lock.h"
#include "base/result.h"
#include "store/database_url.h"

/// Who works on the database of this machine: as many as like, or one who restores it. Each of them
/// holds a lock beside the database as long as it lives; whoever comes after a restore that was
/// killed settles it first.
namespace katip::app {

struct DatabasePlace {
  store::DatabaseUrl url;
  std::filesystem::path data_dir;

  /// Beside a SQLite file, else in the data folder.
  [[nodiscard]] std::filesystem::path lock_file() const;
  [[nodiscard]] std::filesystem::path journal_file() const;
};

/// What a killed restore left, brought to an end: then the database, profiles and state are those
/// of before, or those of the backup. Nothing: there was nothing to settle.
enum class SettledRestore { kOld, kNew };

/// For whoever reads and writes. A database in memory is nobody else's: nothing.
///
/// Errors: kUnavailable while it is being restored; those of the files and the database.
Result<std::optional<FileLock>> use_database(const DatabasePlace& place, const Clock& clock,
                                             std::stop_token stop);

/// For who restores it; waits so long for the others to end.
///
/// Errors: kConflict when somebody works on it, with what to stop.
Result<FileLock> take_database(const DatabasePlace& place, std::chrono::seconds wait_max,
                               const Clock& clock, std::stop_token stop);

/// Whoever has taken the database calls this first.
Result<std::optional<SettledRestore>> settle_restore(const DatabasePlace& place);

}  // namespace katip::app
