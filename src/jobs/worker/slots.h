#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "jobs/handler.h"
#include "jobs/queue.h"
#include "jobs/task_board.h"

namespace katip::jobs {

struct SlotsOptions {
  int slot_count_max = 1;
  int slot_count = 1;           ///< In use at first; see set_limit().
  int critical_slot_count = 0;  ///< Beside those, for critical tasks only.
  TaskBoard* board = nullptr;   ///< May be null.
  std::chrono::milliseconds progress_interval{1'000};
};

/// How many tasks, and how many of them are critical: see Queue::is_critical().
struct TaskCounts {
  int all = 0;
  int critical = 0;
  [[nodiscard]] int ordinary() const { return all - critical; }
  /// How many slots they fill, where `slot_count` are there for those that are not critical. More
  /// may run, for a while, when there were more slots before: they are not in the way of critical
  /// ones.
  [[nodiscard]] int filled(int slot_count) const {
    return critical + std::min(ordinary(), slot_count);
  }
};

/// An attempt that is over, and how long it ran.
struct Ended {
  Outcome outcome;
  std::chrono::microseconds duration;
};

/// The threads that run handlers. Tasks that are given wait here until a slot is free: critical
/// ones first, else in the order in which they came, which FairShare has chosen. Slots for critical
/// tasks stay empty when there are none, so that none ever waits for others, however long those
/// take.
///
/// Threads:  thread-safe. `on_ended` is called on the thread of the slot.
/// Lifetime: queue and handlers outlive it; its end waits for the handlers that run.
class Slots {
 public:
  Slots(Queue& queue, const Handlers& handlers, const SlotsOptions& options,
        std::function<void(Ended)> on_ended);
  ~Slots();

  void give(store::ClaimedTask task);
  /// How many tasks that are not critical run at once from now on; what runs is never stopped.
  void set_limit(int slot_count);
  /// Makes room for so many slots more. Returns for how many the system had threads. One caller at
  /// a time.
  int add_threads(int count);

  /// Asks handlers to stop; the reason decides what becomes of the task.
  void stop_task(const store::TaskKey& key, StopReason reason);
  void stop_all(StopReason reason);
  /// Stops those that ran longer than they may.
  void stop_overdue();
  /// How many still run although they were asked to stop that long ago.
  [[nodiscard]] int stubborn_count(std::chrono::milliseconds after) const;
  /// What becomes of those that run now, when nobody waits for them any longer.
  [[nodiscard]] std::vector<Ended> abandoned() const;

  /// Takes back what no handler has begun.
  std::vector<store::ClaimedTask> take_waiting();
  /// Notes on the board that this task is under way, although its handler has ended: one at a time.
  void mark_settling(const std::string& task_id);
  void unmark_settling();
  [[nodiscard]] TaskCounts running_counts() const;
  [[nodiscard]] TaskCounts waiting_counts() const;

 private:
  struct Running {
    store::ClaimedTask task;
    std::stop_source stop;
    std::chrono::steady_clock::time_point begin;
    StopReason reason = StopReason::kNone;
    std::optional<std::chrono::steady_clock::time_point> deadline;
    std::optional<std::chrono::steady_clock::time_point> stopped_at;
  };
  class Lease;

  void add_thread();
  void run_slot(std::size_t place, const std::stop_token& stop);
  std::shared_ptr<Running> next(const std::stop_token& stop);
  [[nodiscard]] TaskCounts count_running() const;
  std::deque<store::ClaimedTask>* next_queue();
  Outcome run_one(Running& running);
  Result<TaskResult> call_handler(Running& running);
  [[nodiscard]] std::chrono::microseconds duration_of(const Running& running) const;
  void stop(Running& running, StopReason reason);

  Queue& queue_;
  const Handlers& handlers_;
  const SlotsOptions options_;
  const std::function<void(Ended)> on_ended_;

  mutable std::mutex mutex_;  // Guards what follows.
  std::condition_variable_any changed_;
  std::deque<store::ClaimedTask> critical_;  // Both wait.
  std::deque<store::ClaimedTask> ordinary_;
  std::map<std::string, std::shared_ptr<Running>> running_;  // By id.
  int limit_;

  // Only its end and add_threads() look at them.
  std::vector<std::jthread> threads_;  // Last: they use everything above.
};

}  // namespace katip::jobs
