#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <stop_token>

#include "base/result.h"

namespace katip::store {

/// A fixed number of permits, given in the order of asking.
///
/// Threads: thread-safe.
class FairPermits {
 public:
  FairPermits(std::size_t count, std::size_t waiter_count_max)
      : count_(count), free_count_(count), waiter_count_max_(waiter_count_max) {}

  /// Waits for a permit. Nobody passes those who came before.
  ///
  /// Errors: kOverloaded when too many wait already, kTimeout, kCancelled.
  Status acquire(std::chrono::milliseconds wait_max, std::stop_token stop);
  /// Gives one back: to who has waited longest.
  void release();

  [[nodiscard]] std::size_t used_count() const;
  [[nodiscard]] std::size_t waiter_count() const;

 private:
  struct Waiter {
    std::condition_variable_any wake;
    bool is_served = false;
  };

  const std::size_t count_;
  mutable std::mutex mutex_;
  std::size_t free_count_;
  const std::size_t waiter_count_max_;
  std::deque<Waiter*> waiters_;
};

}  // namespace katip::store
