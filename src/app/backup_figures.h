#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/timestamp.h"
#include "base/result.h"
#include "store/connection.h"

namespace katip::app {

struct BackupKindFigures {
  std::int64_t count = 0;
  std::int64_t verified_count = 0;
  std::optional<Timestamp> newest_at = {};  ///< Of the verified ones.
};

/// The last time that a backup was restored as an exercise.
struct BackupDrill {
  Timestamp at;
  bool is_good = false;
  double seconds = 0;
  std::string error = {};
};

/// How backups stand, by the database; for metrics and for people.
struct BackupFigures {
  std::map<std::string, BackupKindFigures> kinds = {};
  std::int64_t size = 0;  ///< Of all on the disk; copies of a week or month cost nothing.
  /// Of the newest verified one.
  std::optional<Timestamp> last_success_at = {};
  std::int64_t last_size = 0;
  double last_duration_s = 0;
  bool is_last_good = true;  ///< Whether the newest one that ended did so well.
  std::optional<Timestamp> last_failure_at = {};
  std::string last_failure = {};
  std::optional<BackupDrill> drill = {};

  /// Is the newest verified one older than this?
  [[nodiscard]] bool is_overdue(Timestamp now, std::chrono::hours age_max) const {
    return !last_success_at || now - *last_success_at > age_max;
  }
};

/// Backups are daily; two hours are for those that take long.
inline constexpr std::chrono::hours kBackupAgeMax(26);

/// Errors: those of Connection.
Result<BackupFigures> backup_figures(store::Connection& sql);

}  // namespace katip::app
