#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <stop_token>
#include <utility>
#include <vector>

namespace katip::jobs {

/// Hands things from one thread to another, in order.
///
/// Threads: thread-safe.
template <typename T>
class BlockingQueue {
 public:
  void push(T item) {
    {
      const std::scoped_lock lock(mutex_);
      items_.push_back(std::move(item));
    }
    changed_.notify_one();
  }

  /// Waits for one, and gives all that are there, `count_max` at most; nothing when `stop` was
  /// requested and nothing is left.
  std::vector<T> pop_all(std::size_t count_max, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [&] { return !items_.empty(); });
    std::vector<T> all;
    while (!items_.empty() && all.size() < count_max) {
      all.push_back(std::move(items_.front()));
      items_.pop_front();
    }
    return all;
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<T> items_;
};

}  // namespace katip::jobs
