#include "store/fair_permits.h"

#include <algorithm>

#include <fmt/format.h>

// Each waiter has a condition of its own, and release() hands the permit over to one of them, so
// that nobody who comes later can take it in between. Tested by fair_permits_test.cc.
namespace katip::store {

Status FairPermits::acquire(std::chrono::milliseconds wait_max, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  if (stop.stop_requested()) {
    return fail(ErrorCode::kCancelled, "stopped before a connection was free");
  }
  if (free_count_ > 0) {  // Then nobody waits.
    --free_count_;
    return {};
  }
  if (waiters_.size() >= waiter_count_max_) {
    return fail(ErrorCode::kOverloaded,
                fmt::format("all {} connections are in use and {} wait for one already", count_,
                            waiters_.size()));
  }
  Waiter self;
  waiters_.push_back(&self);
  if (self.wake.wait_for(lock, stop, wait_max, [&] { return self.is_served; })) {
    return {};
  }
  waiters_.erase(std::ranges::find(waiters_, &self));
  if (stop.stop_requested()) {
    return fail(ErrorCode::kCancelled, "stopped while waiting for a connection");
  }
  return fail(ErrorCode::kTimeout, fmt::format("none of {} connections became free within {} ms",
                                               count_, wait_max.count()));
}

void FairPermits::release() {
  const std::scoped_lock lock(mutex_);
  ++free_count_;
  hand_out();
}

void FairPermits::add(std::ptrdiff_t count) {
  const std::scoped_lock lock(mutex_);
  count_ += count;
  free_count_ += count;
  hand_out();
}

void FairPermits::hand_out() {
  while (free_count_ > 0 && !waiters_.empty()) {
    Waiter* const first = waiters_.front();
    waiters_.pop_front();
    --free_count_;
    first->is_served = true;
    // Under the lock: once it is free the waiter may be gone.
    first->wake.notify_one();
  }
}

std::size_t FairPermits::used_count() const {
  const std::scoped_lock lock(mutex_);
  return static_cast<std::size_t>(count_ - free_count_);
}

std::size_t FairPermits::waiter_count() const {
  const std::scoped_lock lock(mutex_);
  return waiters_.size();
}

}  // namespace katip::store
