#pragma once

#include <chrono>

#include "base/clock.h"
#include "base/guarded.h"

namespace katip {

/// A clock for tests: time moves only by advance() and by sleep_for(), which returns at once.
///
/// Threads: thread-safe.
class ManualClock final : public Clock {
 public:
  void advance(std::chrono::milliseconds duration) {
    elapsed_.with_lock([&](auto& elapsed) { elapsed += duration; });
  }
  [[nodiscard]] std::chrono::milliseconds elapsed() const {
    return elapsed_.with_lock([](const auto& elapsed) { return elapsed; });
  }

  std::chrono::steady_clock::time_point now() const override {
    return std::chrono::steady_clock::time_point(elapsed());
  }
  std::chrono::system_clock::time_point calendar() const override {
    return std::chrono::system_clock::time_point(elapsed());
  }
  bool sleep_for(std::chrono::milliseconds duration, std::stop_token stop) const override {
    if (stop.stop_requested()) {
      return false;
    }
    elapsed_.with_lock([&](auto& elapsed) { elapsed += duration; });
    return true;
  }

 private:
  mutable Guarded<std::chrono::milliseconds> elapsed_{0};
};

}  // namespace katip
