#pragma once

#include <chrono>

#include "base/clock.h"
#include "base/result.h"

namespace katip::jobs {

struct AutoscaleOptions {
  int slot_count_max = 4;
  int slot_count_min = 2;
  /// Slots are given back one look at a time, and not before this after the last one was added.
  std::chrono::milliseconds keep_alive{30'000};

  /// kInvalidArgument, naming the field and its limits.
  [[nodiscard]] Status validate() const;
};

/// How many slots a worker uses: up at once when tasks wait, down slowly when they do not, always
/// within the limits. A busy slot is only taken away by lower limits.
///
/// Threads: one thread.
/// Source:  the rules of Celery's autoscaler (celery/worker/autoscale.py).
class Autoscaler {
 public:
  Autoscaler(const AutoscaleOptions& options, const Clock& clock)
      : options_(options), clock_(clock), slot_count_(options.slot_count_min) {}

  /// Other limits from now on: below the new maximum at once, even when more tasks run just now.
  void set_limits(int slot_count_min, int slot_count_max);
  /// The number of slots from now on. `busy_count` tasks run, `waiting_count` could run at once.
  int look(int busy_count, int waiting_count);
  [[nodiscard]] int slot_count() const { return slot_count_; }

 private:
  AutoscaleOptions options_;
  const Clock& clock_;
  int slot_count_;
  std::chrono::steady_clock::time_point last_change_{};
  bool has_changed_ = false;
};

}  // namespace katip::jobs
