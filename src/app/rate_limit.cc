#include "app/rate_limit.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <arpa/inet.h>
#include <fmt/format.h>

/// Tested by rate_limit_test.cc.
namespace katip::app {
namespace {

using Seconds = std::chrono::duration<double>;

std::chrono::seconds round_up(Seconds duration) {
  return std::chrono::seconds(
      std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(duration.count() - 1e-9))));
}

/// How far into a window `count_before` has shrunk so much that `room` are left of it: 0 to 1.
double fade(std::int64_t count_before, std::int64_t room) {
  if (count_before <= room) return 0;
  if (count_before == 0) return 1;  // More than ever fits: there is nothing that could fade.
  return 1 -
         static_cast<double>(std::max<std::int64_t>(room, 0)) / static_cast<double>(count_before);
}

}  // namespace

RateLimiter::Window& RateLimiter::window_of(Windows& windows, std::string_view key,
                                            RateLimit limit) const {
  const auto now = clock_.now();
  Window* window = windows.find(key);
  if (window == nullptr) {
    window = &windows.insert(std::string(key), Window{.begin = now});
    if (windows.is_over()) static_cast<void>(windows.pop());
  }
  const auto passed = (now - window->begin) / limit.window;
  if (passed >= 2) {
    *window = Window{.begin = now};
  } else if (passed == 1) {
    *window = Window{.begin = window->begin + limit.window, .count_before = window->count};
  }
  return *window;
}

RateDecision RateLimiter::decide(const Window& window, RateLimit limit, std::int64_t cost) const {
  const Seconds length = limit.window;
  const Seconds passed = clock_.now() - window.begin;
  const double weight = std::max(0.0, 1 - passed / length);
  const auto before = static_cast<std::int64_t>(
      std::ceil(static_cast<double>(window.count_before) * weight - 1e-9));
  const std::int64_t used = before + window.count;
  RateDecision decision{.is_allowed = used + cost <= limit.quota,
                        .limit = limit.quota,
                        .remaining = std::max<std::int64_t>(0, limit.quota - used),
                        .reset = round_up(length - passed)};
  if (!decision.is_allowed) {
    // What was counted before fades within this window; what was counted in this one, in the next.
    const std::int64_t room = limit.quota - cost - window.count;
    decision.reset = room >= 0
                         ? round_up(length * fade(window.count_before, room) - passed)
                         : round_up(length * (1 + fade(window.count, limit.quota - cost)) - passed);
  }
  return decision;
}

RateDecision RateLimiter::take(std::string_view key, RateLimit limit, std::int64_t cost) {
  return windows_.with_lock([&](Windows& windows) {
    Window& window = window_of(windows, key, limit);
    RateDecision decision = decide(window, limit, cost);
    if (decision.is_allowed) {
      window.count += cost;
      decision.remaining -= cost;
    }
    return decision;
  });
}

RateDecision RateLimiter::look(std::string_view key, RateLimit limit, std::int64_t cost) {
  return windows_.with_lock(
      [&](Windows& windows) { return decide(window_of(windows, key, limit), limit, cost); });
}

void RateLimiter::give_back(std::string_view key, std::int64_t cost) {
  windows_.with_lock([&](Windows& windows) {
    if (Window* window = windows.find(key)) {
      window->count = std::max<std::int64_t>(0, window->count - cost);
    }
  });
}

std::string network_of(std::string_view ip) {
  const std::string text(ip);
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
  const bool is_mapped = std::all_of(bytes.begin(), bytes.begin() + 10,
                                     [](unsigned char byte) { return byte == 0; }) &&
                         bytes[10] == 0xFF && bytes[11] == 0xFF;
  if (is_mapped) {  // ::ffff:192.0.2.1 is 192.0.2.1.
    return fmt::format("{}.{}.{}.{}", bytes[12], bytes[13], bytes[14], bytes[15]);
  }
  std::string network;
  for (std::size_t i = 0; i < 8; ++i) network += fmt::format("{:02x}", bytes[i]);
  return network + "/64";
}

}  // namespace katip::app
