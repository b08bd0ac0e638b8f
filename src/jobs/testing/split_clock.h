#pragma once

#include <chrono>

#include "base/clock.h"
#include "base/guarded.h"

namespace katip::jobs {

/// A clock for tests whose calendar can be moved without the rest, as an administrator does. Time
/// passes only by advance() and by sleep_for(), which returns at once.
///
/// Threads: thread-safe.
class SplitClock final : public Clock {
 public:
  explicit SplitClock(std::chrono::system_clock::time_point calendar)
      : times_(Times{{}, calendar}) {}

  void advance(std::chrono::milliseconds duration) const {
    times_.with_lock([&](Times& times) {
      times.steady += duration;
      times.calendar += duration;
    });
  }
  void move_calendar(std::chrono::milliseconds by) const {
    times_.with_lock([&](Times& times) { times.calendar += by; });
  }

  std::chrono::steady_clock::time_point now() const override {
    return times_.with_lock([](const Times& times) { return times.steady; });
  }
  std::chrono::system_clock::time_point calendar() const override {
    return times_.with_lock([](const Times& times) { return times.calendar; });
  }
  bool sleep_for(std::chrono::milliseconds duration, std::stop_token stop) const override {
    if (stop.stop_requested()) return false;
    advance(duration);
    return true;
  }

 private:
  struct Times {
    std::chrono::steady_clock::time_point steady;
    std::chrono::system_clock::time_point calendar;
  };
  mutable Guarded<Times> times_;
};

}  // namespace katip::jobs
