#include "base/clock.h"

#include <array>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <random>

#include <sys/random.h>

namespace katip {
namespace {

class SystemClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point now() const override {
    return std::chrono::steady_clock::now();
  }
  std::chrono::system_clock::time_point calendar() const override {
    return std::chrono::system_clock::now();
  }
  bool sleep_for(std::chrono::milliseconds duration, std::stop_token stop) const override {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    // The predicate is never true: only time or the stop request ends the wait.
    wake.wait_for(lock, stop, duration, [] { return false; });
    return !stop.stop_requested();
  }
};

class SystemRng final : public Rng {
 public:
  std::uint64_t next() override {
    std::uint64_t value = 0;
    // A read of 8 bytes is never short once the pool is ready; the fallback is for kernels
    // without the call.
    if (getrandom(&value, sizeof value, 0) == static_cast<ssize_t>(sizeof value)) {
      return value;
    }
    std::random_device device;
    return (std::uint64_t{device()} << 32) | device();
  }
};

}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

Rng& system_rng() {
  static SystemRng rng;
  return rng;
}

std::string utc_timestamp(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), size};
}

}  // namespace katip
