#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <stop_token>

#include "base/result.h"

namespace katip::store {

/// A number of permits, given in the order of asking.
///
/// Threads: thread-safe.
class FairPermits {
 public:
  FairPermits(std::size_t count, std::size_t waiter_count_max)
      : count_(static_cast<std::ptrdiff_t>(count)),
        free_count_(count_),
        waiter_count_max_(waiter_count_max) {}

  /// Waits for a permit. Nobody passes those who came before.
  ///
  /// Errors: kOverloaded when too many wait already, kTimeout, kCancelled.
  Status acquire(std::chrono::milliseconds wait_max, std::stop_token stop);
  /// Gives one back: to who has waited longest.
  void release();
  /// So many more, or fewer when it is negative: nobody who has one loses it, but so many that are
  /// given back go to nobody.
  void add(std::ptrdiff_t count);

  [[nodiscard]] std::size_t used_count() const;
  [[nodiscard]] std::size_t waiter_count() const;

 private:
  struct Waiter {
    std::condition_variable_any wake;
    bool is_served = false;
  };

  void hand_out();  // With mutex_.

  mutable std::mutex mutex_;
  std::ptrdiff_t count_;
  std::ptrdiff_t free_count_;  // Negative: there were more, and so many are still in use.
  const std::size_t waiter_count_max_;
  std::deque<Waiter*> waiters_;
};

}  // namespace katip::store
