#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>

/// Time and chance as things that are passed in, so that a test decides what they are.
namespace katip {

/// Threads: thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  /// For measuring: never goes back, means nothing by itself.
  [[nodiscard]] virtual std::chrono::steady_clock::time_point now() const = 0;
  /// For people and files: the calendar, which an administrator may move.
  [[nodiscard]] virtual std::chrono::system_clock::time_point calendar() const = 0;
  /// Waits; false when `stop` was requested first (or already).
  virtual bool sleep_for(std::chrono::milliseconds duration, std::stop_token stop) const = 0;
};

/// The machine's own clock.
const Clock& system_clock();

/// Threads: thread-safe.
class Rng {
 public:
  virtual ~Rng() = default;
  virtual std::uint64_t next() = 0;
};

/// Unpredictable numbers from the operating system; good enough for names and for jitter, and for
/// keys too.
Rng& system_rng();

/// A calendar time as logs and manifests spell it: "2026-03-01T12:00:00Z".
std::string utc_timestamp(std::chrono::system_clock::time_point time);

}  // namespace katip
