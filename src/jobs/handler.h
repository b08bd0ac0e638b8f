#pragma once

#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/connection.h"
#include "store/task_store.h"

/// What a module hands in to have its tasks run: jobs knows no kind of task by itself.
namespace katip::jobs {

/// What a handler may do with its task while it runs. Everything is written under the lease.
///
/// Errors:  kConflict when the lease was lost: stop, somebody else has the task.
/// Threads: thread-safe.
class TaskLease {
 public:
  virtual ~TaskLease() = default;
  /// From 0 to 1; written at most once a second.
  virtual Status report_progress(double progress) = 0;
  /// Keeps a finished part, so that the next attempt can go on behind it. The same position again
  /// replaces it.
  virtual Status save_checkpoint(const store::Checkpoint& checkpoint) = 0;
  /// What earlier attempts have finished, by position.
  virtual Result<std::vector<store::Checkpoint>> checkpoints() = 0;
};

struct TaskContext {
  const store::ClaimedTask& task;
  TaskLease& lease;
  std::stop_token stop;  ///< To be looked at once a second at least: cancel, time-out or shutdown.
};

struct TaskResult {
  std::optional<std::string> json = {};  ///< Kept in the history; kTooLarge above 64 KiB.
  /// Rows that belong to the result, changed in the transaction that completes the task.
  std::function<Status(store::Connection&)> effect = {};
};

/// Errors decide what happens next: see state_after(). Whatever it throws is kInternal.
///
/// Threads: called on several threads at once.
using Handler = std::function<Result<TaskResult>(TaskContext&)>;

struct HandlerSpec {
  Handler run;
  /// Usually done within a tenth of a second: a worker then takes some more than it has slots.
  bool is_short = false;
};

using Handlers = std::map<std::string, HandlerSpec, std::less<>>;

}  // namespace katip::jobs
