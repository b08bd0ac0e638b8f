#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "jobs/queue.h"
#include "store/worker_store.h"

/// What one thread does for the queue beside the workers: it wakes tasks whose time came, finds
/// workers that are gone, and brings home what they had in hand.
///
///   Caretaker caretaker(queue, rng, {}, observer);
///   caretaker.run(stop);
///
/// Any number of servers may have one. None is needed for long: what one leaves the next one finds.
namespace katip::jobs {

/// Finds workers whose beat has stood still for the length of their lease, by the steady clock of
/// the one who looks: no calendar and no clock of another machine has a say.
///
/// One who has not looked for a while (it was stopped, or the database was away) knows nothing of
/// that time, in which the worker may have been stopped as well: it begins to watch anew.
///
/// Threads: one thread.
class LeaseWatch {
 public:
  /// `look_interval`: how often look() is called when all is well.
  explicit LeaseWatch(std::chrono::milliseconds look_interval) : look_interval_(look_interval) {}

  /// The beats that have to be declared dead, of all that there are now.
  std::vector<store::Beat> look(std::span<const store::Beat> beats,
                                std::chrono::steady_clock::time_point now);

 private:
  struct Seen {
    std::int64_t beat = 0;
    std::chrono::steady_clock::time_point since;
  };

  std::chrono::milliseconds look_interval_;
  std::map<std::string, Seen> seen_;  // By worker.
  std::optional<std::chrono::steady_clock::time_point> last_look_;
};

struct CaretakerOptions {
  std::chrono::milliseconds look_interval{200};
  /// The wait after a look that failed: full jitter, doubled with each failure up to the limit.
  std::chrono::milliseconds pause_first{400};
  std::chrono::milliseconds pause_max{10'000};
  std::chrono::milliseconds prune_interval = std::chrono::hours(1);
  /// How often the queue's table is looked at, and from how many dead row versions on it is swept.
  std::chrono::milliseconds sweep_interval{2'000};
  std::int64_t dead_count_max = 20'000;
  /// Workers that have ended are kept so long for people to look at.
  std::chrono::milliseconds keep_workers = std::chrono::hours(7 * 24);
};

/// What a caretaker tells, for logs. Called on the thread that runs it.
struct CaretakerObserver {
  std::function<void(const store::Beat&)> on_dead = [](const auto&) {};
  std::function<void(const RescueCounts&)> on_rescued = [](const auto&) {};
  /// A look failed and will be tried again.
  std::function<void(const char* what, const Error&)> on_problem = [](const char*, const Error&) {};
};

/// Threads:  one thread.
/// Lifetime: queue and rng outlive it.
class Caretaker {
 public:
  Caretaker(Queue& queue, Rng& rng, CaretakerOptions options, CaretakerObserver observer)
      : queue_(queue),
        rng_(rng),
        options_(options),
        observer_(std::move(observer)),
        watch_(options.look_interval) {}

  /// One round of everything. Errors: those of the database; the next round does what was left.
  Status look(std::stop_token stop);
  /// Looks until it is stopped, whatever happens to the database.
  void run(std::stop_token stop);

 private:
  Status look_after_workers(store::Connection& sql);
  Status prune(store::Connection& sql);
  Status sweep(store::TaskStore& tasks);
  std::chrono::milliseconds pause_after(int failure_count);

  Queue& queue_;
  Rng& rng_;
  const CaretakerOptions options_;
  const CaretakerObserver observer_;
  LeaseWatch watch_;
  std::optional<std::chrono::steady_clock::time_point> next_prune_;
  std::optional<std::chrono::steady_clock::time_point> next_sweep_;
};

}  // namespace katip::jobs
