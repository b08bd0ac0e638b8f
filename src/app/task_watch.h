#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "store/pool.h"

namespace katip::app {

/// Waits for tasks in the place of those who want their results: however many wait, one thread asks
/// the database for all of them at once.
///
/// Threads:  thread-safe. Callbacks are called by run(), one after the other: they must be quick.
/// Lifetime: pool and clock outlive it.
class TaskWatch {
 public:
  TaskWatch(store::Pool& pool, const Clock& clock) : pool_(pool), clock_(clock) {}

  /// Calls back once: when the task has ended, when the time is over, or when the watch stops.
  void add(std::string task_id, std::chrono::milliseconds wait_max, std::function<void()> callback);

  /// Until it is stopped. A database that is away is waited for.
  void run(std::stop_token stop);

 private:
  struct Waiting {
    std::string task_id;
    std::chrono::steady_clock::time_point until;
    std::function<void()> callback;
  };
  struct State {
    std::map<std::uint64_t, Waiting> waiting;
    std::uint64_t last_id = 0;
    bool is_stopped = false;
  };

  [[nodiscard]] std::set<std::string> wanted() const;
  /// Those that have ended; none when the database does not answer.
  [[nodiscard]] std::set<std::string> ended(const std::set<std::string>& ids,
                                            std::stop_token stop) const;
  /// Whose wait is over.
  std::vector<std::function<void()>> take(const std::set<std::string>& ended);

  store::Pool& pool_;
  const Clock& clock_;
  Guarded<State> state_;
};

}  // namespace katip::app
