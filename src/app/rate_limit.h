#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/lru_map.h"

namespace katip::app {

struct RateLimit {
  std::int64_t quota = 100;
  std::chrono::seconds window{60};
};

/// What a limiter says, as the headers RateLimit and RateLimit-Policy need it.
struct RateDecision {
  bool is_allowed = true;
  std::int64_t limit = 0;
  std::int64_t remaining = 0;  ///< How many more would be allowed now.
  /// When refused: how long until one would be allowed. Else: until the window ends.
  std::chrono::seconds reset{0};
};

/// Counts what each key does, in this process. A window that slides: what was counted in the window
/// before weighs as much as of it still lies within the last `window` seconds, so that nobody gets
/// twice the quota around the turn of a window.
///
/// Memory is bounded: the keys that were not seen for longest are forgotten.
///
/// Threads:  thread-safe.
/// Lifetime: the clock outlives it.
class RateLimiter {
 public:
  explicit RateLimiter(const Clock& clock, std::size_t key_count_max = 100'000)
      : clock_(clock), windows_(key_count_max) {}

  /// Counts `cost` if the quota has room for it; what is refused is not counted.
  RateDecision take(std::string_view key, RateLimit limit, std::int64_t cost = 1);
  /// The same without counting.
  [[nodiscard]] RateDecision look(std::string_view key, RateLimit limit, std::int64_t cost = 1);
  /// Takes back what was counted.
  void give_back(std::string_view key, std::int64_t cost = 1);

 private:
  struct Window {
    std::chrono::steady_clock::time_point begin;
    std::int64_t count = 0;
    std::int64_t count_before = 0;
  };
  using Windows = LruMap<Window>;

  Window& window_of(Windows& windows, std::string_view key, RateLimit limit) const;
  [[nodiscard]] RateDecision decide(const Window& window, RateLimit limit, std::int64_t cost) const;

  const Clock& clock_;
  Guarded<Windows> windows_;
};

/// What stands for an address in a limit: itself, or the first 64 bits of one of IPv6, of which a
/// client has as many as it likes.
std::string network_of(std::string_view ip);

}  // namespace katip::app
