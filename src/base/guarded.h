#pragma once

#include <mutex>
#include <utility>

namespace katip {

/// A value that can be reached only while its lock is held.
///
///   Guarded<std::map<JobId, Job>> jobs;
///   jobs.with_lock([&](auto& map) { map.erase(id); });
///
/// Threads: thread-safe. Hold no lock across I/O or a callback.
template <typename T>
class Guarded {
 public:
  template <typename... Args>
  explicit Guarded(Args&&... args) : value_(std::forward<Args>(args)...) {}

  template <typename Function>
  decltype(auto) with_lock(Function&& function) {
    const std::scoped_lock lock(mutex_);
    return std::forward<Function>(function)(value_);
  }
  template <typename Function>
  decltype(auto) with_lock(Function&& function) const {
    const std::scoped_lock lock(mutex_);
    return std::forward<Function>(function)(value_);
  }

 private:
  mutable std::mutex mutex_;
  T value_;
};

}  // namespace katip
