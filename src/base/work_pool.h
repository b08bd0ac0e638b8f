#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace katip {

/// Threads for what may block: databases, files, passwords. What waits for them has a limit, so
/// that an overloaded server says so instead of growing.
///
/// Threads: thread-safe.
class WorkPool {
 public:
  /// Work that throws is reported, and its thread lives on.
  WorkPool(
      int thread_count, std::size_t waiting_count_max,
      std::function<void(const char* what)> on_exception = [](const char*) {});
  ~WorkPool() { stop(); }
  /// What has begun is finished; what waits, and what comes, is destroyed without being run.
  void stop();

  /// False: too much waits already.
  bool post(std::function<void()> work);
  /// As above, but never refused: for the end of what has begun.
  void post_always(std::function<void()> work);

 private:
  void run(const std::stop_token& stop);

  const std::size_t waiting_count_max_;
  const std::function<void(const char*)> on_exception_;
  std::mutex mutex_;
  std::condition_variable_any is_ready_;
  std::deque<std::function<void()>> waiting_;
  bool is_stopped_ = false;
  std::vector<std::jthread> threads_;  // Last: they use all the others.
};

}  // namespace katip
