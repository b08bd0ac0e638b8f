#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace katip::cli {

/// Threads for what those who tell news must not wait for: reading a finished transcript and
/// writing it in the format that a client wants. Each job that is waited for brings one errand, so
/// connections limit how many there are.
///
/// Threads: thread-safe.
class Errands {
 public:
  /// An errand that throws is reported, and its thread lives on.
  explicit Errands(
      int thread_count, std::function<void(const char* what)> on_exception = [](const char*) {});
  ~Errands() { stop(); }
  void run(std::function<void()> errand);
  /// run(), for those who know no class of cli.
  std::function<void(std::function<void()>)> runner() {
    return [this](std::function<void()> errand) { run(std::move(errand)); };
  }
  /// What has begun is finished; what waits, and what comes, is destroyed without being run.
  void stop();

 private:
  void work(const std::stop_token& stop);

  const std::function<void(const char*)> on_exception_;
  std::mutex mutex_;
  std::condition_variable_any is_ready_;
  std::deque<std::function<void()>> waiting_;
  bool is_stopped_ = false;
  std::vector<std::jthread> threads_;  // Last: they use all the others.
};

}  // namespace katip::cli
