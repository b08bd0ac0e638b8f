#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace katip::jobs {

/// Something that a thread waits for, with a limit that only a fault reaches.
///
/// Threads: thread-safe.
class TestSignal {
 public:
  explicit TestSignal(std::chrono::seconds limit = std::chrono::seconds(20)) : limit_(limit) {}

  void raise() {
    {
      const std::scoped_lock lock(mutex_);
      ++count_;
    }
    changed_.notify_all();
  }
  /// False when it was not raised so often within the limit.
  bool wait(int count = 1) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit_, [&] { return count_ >= count; });
  }

 private:
  const std::chrono::seconds limit_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

}  // namespace katip::jobs
