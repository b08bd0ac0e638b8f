#include "base/readable.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

namespace katip {

std::string readable_duration(std::int64_t duration_ms) {
  const std::int64_t seconds = std::max<std::int64_t>(0, duration_ms) / 1000;
  const std::int64_t hours = seconds / 3600;
  if (hours > 0) {
    return fmt::format("{}:{:02}:{:02}", hours, seconds / 60 % 60, seconds % 60);
  }
  return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
}

std::string readable_bytes(std::int64_t size) {
  constexpr std::array<std::string_view, 5> kUnits = {"B", "kB", "MB", "GB", "TB"};
  double value = static_cast<double>(std::max<std::int64_t>(0, size));
  std::size_t unit = 0;
  // 999.5 would be shown as 1000: it belongs to the next unit.
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  const bool shows_tenths = unit > 0 && value < 9.95;
  return fmt::format("{:.{}f} {}", value, shows_tenths ? 1 : 0, kUnits[unit]);
}

}  // namespace katip
