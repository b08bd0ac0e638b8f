#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <stop_token>
#include <utility>
#include <vector>

namespace katip::remote {

/// What waits to be sent to somebody who may be slow or away: of bounded length, and who puts
/// something in never waits.
///
/// Threads: thread-safe; one thread takes.
template <typename T>
class Outbox {
 public:
  explicit Outbox(std::size_t size_max) : size_max_(size_max) {}

  /// False: it is full, and this is lost.
  bool put(T thing) {
    const std::scoped_lock lock(mutex_);
    if (things_.size() >= size_max_) return false;
    things_.push_back(std::move(thing));
    arrived_.notify_one();
    return true;
  }

  /// Waits for the first one, then `linger` for others; empty when it was stopped and nothing is
  /// left.
  std::vector<T> take(std::size_t count_max, std::chrono::milliseconds linger,
                      const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, stop, [this] { return !things_.empty(); });
    arrived_.wait_for(lock, stop, linger, [&] { return things_.size() >= count_max; });
    std::vector<T> taken;
    while (!things_.empty() && taken.size() < count_max) {
      taken.push_back(std::move(things_.front()));
      things_.pop_front();
    }
    return taken;
  }

 private:
  const std::size_t size_max_;
  std::mutex mutex_;  // Of things_.
  std::condition_variable_any arrived_;
  std::deque<T> things_;
};

}  // namespace katip::remote
