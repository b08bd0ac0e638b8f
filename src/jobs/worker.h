#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "jobs/autoscaler.h"
#include "jobs/handler.h"
#include "jobs/queue.h"

/// One worker: claims tasks, runs their handlers in slots, keeps the lease, writes down the
/// outcomes.
///
///   Worker worker(queue, handlers, {.worker_kind = "general"}, {});
///   const WorkerEnd end = worker.run(stop);
///
/// It never has more in hand than its slots, but for short tasks, of which it takes some ahead.
/// Critical tasks have slots of their own beside the others, so none waits for a long one. It may
/// be killed at any moment: what it had comes back to the queue.
namespace katip::jobs {

class TaskBoard;

struct WorkerOptions {
  std::string id = {};  ///< Given by a parent that wants to bury it; else it makes one.
  std::string name = "worker";
  std::string host = {};
  std::string worker_kind = "general";
  std::string version = {};
  /// Unless an operator has set other bounds for its kind (store::SetBounds), which count as long
  /// as they are there.
  AutoscaleOptions slots = {.slot_count_max = 2, .slot_count_min = 2};
  int critical_slot_count = 0;  ///< Beside those, for critical tasks only. Limits 0 to 256.
  int prefetch_multiplier = 4;  ///< Short tasks in hand for each slot. Limits 1 to 1000.
  std::chrono::milliseconds lease{30'000};
  std::chrono::milliseconds renew_interval{10'000};
  std::chrono::milliseconds poll_interval{15};     ///< How long an idle worker waits to look again.
  std::chrono::milliseconds cancel_interval{500};  ///< How often it asks what was cancelled.
  std::chrono::milliseconds bounds_interval{2'000};  ///< And what bounds operators have set.
  std::chrono::milliseconds grace{30'000};  ///< After a stop, before running tasks are stopped too.
  std::chrono::milliseconds abandon_after{5'000};  ///< Then they have so long to obey.
  /// After a cancel or a time limit; a handler that has not obeyed by then ends the worker.
  std::chrono::milliseconds hard_stop_after{60'000};
  std::int64_t task_count_max = 0;    ///< Ends after so many tasks; 0: never.
  std::int64_t memory_bytes_max = 0;  ///< Ends when it has grown by so much; 0: never.
  TaskBoard* board = nullptr;         ///< Shared with the parent; may be null.
  /// Called when handlers ignore their stop: a process of its own ends here, as run() would wait
  /// for them for ever. Their tasks have been written down as what their stop makes of them:
  /// cancelled, a failed attempt, or given back.
  std::function<void()> on_stuck = [] {};

  /// kInvalidArgument, naming the field and its limits.
  [[nodiscard]] Status validate() const;
};

enum class WorkerEnd {
  kStopped,      ///< Somebody asked it to.
  kTaskLimit,    ///< task_count_max: to be started anew.
  kMemoryLimit,  ///< memory_bytes_max: to be started anew.
  kLeaseLost,    ///< It could not renew its lease in time, or somebody declared it dead.
  kFailed,       ///< The database refuses what it has to write down.
  kStuck,        ///< A handler ignored its stop for hard_stop_after.
};
std::string_view name(WorkerEnd end);

/// What a worker tells while it works, for logs and figures.
///
/// Threads: called on several threads at once. Lifetime: outlives the worker.
struct WorkerObserver {
  std::function<void(const std::string& worker_id)> on_start = [](const auto&) {};
  std::function<void(const store::ClaimedTask&)> on_claimed = [](const auto&) {};
  /// `is_ours` is false when the lease was lost and nothing was written.
  std::function<void(const Outcome&, std::chrono::microseconds duration, bool is_ours)> on_ended =
      [](const auto&, auto, bool) {};
  /// Something failed and will be tried again.
  std::function<void(const char* what, const Error&)> on_problem = [](const char*, const Error&) {};
};

/// Threads:  run() is called once; it makes its own threads.
/// Lifetime: queue and handlers outlive it.
class Worker {
 public:
  Worker(Queue& queue, const Handlers& handlers, WorkerOptions options, WorkerObserver observer)
      : queue_(queue),
        handlers_(handlers),
        options_(std::move(options)),
        observer_(std::move(observer)) {}

  /// Works until it is stopped or reaches one of its limits. A stop lets running tasks finish for
  /// `grace`; then they are stopped, and given back without counting an attempt.
  ///
  /// Errors: kInvalidArgument for options; those of the database when the worker cannot be
  /// registered.
  Result<WorkerEnd> run(std::stop_token stop);

 private:
  Queue& queue_;
  const Handlers& handlers_;
  const WorkerOptions options_;
  const WorkerObserver observer_;
};

}  // namespace katip::jobs
