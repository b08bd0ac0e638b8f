#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/connection.h"
#include "store/job_store.h"

/// What has become of many jobs since somebody looked last, in two statements however many they
/// are.
///
/// Errors: those of Connection.
namespace katip::store {

struct WatchedJob {
  std::string id;  ///< Of the row.
  JobStatus status = JobStatus::kQueued;
  double progress = 0;  ///< 0 to 1, of its task while it runs.
  std::string error_code = {};
  std::string error_message = {};
};

/// Those that are there; of the others nothing is said.
Result<std::vector<WatchedJob>> watch_jobs(Connection& sql, std::span<const std::string> ids);

/// From which position on the finished parts of a job's task are wanted.
struct WatchedPosition {
  std::string id;  ///< Of the job's row.
  int position = 0;
};

struct WatchedCheckpoint {
  std::string job_id;  ///< Of the row.
  int position = 0;
  std::string data;  ///< JSON.
};

/// By job, in the order of their positions. When a task has ended its parts are gone.
Result<std::vector<WatchedCheckpoint>> watch_checkpoints(Connection& sql,
                                                         std::span<const WatchedPosition> from);

}  // namespace katip::store
