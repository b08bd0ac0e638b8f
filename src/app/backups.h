#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/backup_figures.h"
#include "app/backup_retention.h"
#include "app/principal.h"
#include "app/timestamp.h"
#include "base/result.h"
#include "jobs/queue.h"
#include "store/backup_store.h"

/// Backups as operators see them from afar: the work is done by tasks where the files are, and
/// restoring is for the command line alone.
namespace katip::app {

using BackupRow = store::BackupRecord;

struct BackupQuery {
  std::optional<BackupKind> kind = {};
  std::optional<std::string> status = {};  ///< running, completed, verified, failed.
  int count_max = 200;                     ///< 1 to 1,000.
};

struct BackupStats {
  BackupFigures figures;
  bool is_overdue = false;  ///< Nothing was verified for 26 hours.
  std::optional<double> last_success_age_s = {};
  RetentionPolicy retention;
  std::optional<Timestamp> next_at = {};  ///< By the calendar; nothing: none is planned.
};

/// Errors:   kPermissionDenied for who may not operate; kNotFound; those of the queue and the
///           database.
/// Threads:  thread-safe.
/// Lifetime: the queue outlives it.
class Backups {
 public:
  Backups(jobs::Queue& queue, RetentionPolicy retention) : queue_(queue), retention_(retention) {}

  /// The newest first.
  Result<std::vector<BackupRow>> list(const Principal& who, const BackupQuery& query,
                                      std::stop_token stop);
  Result<BackupRow> find(const Principal& who, const std::string& id, std::stop_token stop);
  /// A task that makes a manual one; while one waits or runs it is that one.
  Result<jobs::Enqueued> create(const Principal& who, const std::string& request_id,
                                std::stop_token stop);
  /// A task that restores it into a database of its own.
  Result<jobs::Enqueued> verify(const Principal& who, const std::string& id,
                                const std::string& request_id, std::stop_token stop);
  Result<BackupStats> stats(const Principal& who, std::stop_token stop);

 private:
  jobs::Queue& queue_;
  RetentionPolicy retention_;
};

}  // namespace katip::app
