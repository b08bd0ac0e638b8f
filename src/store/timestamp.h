#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace katip::store {

using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// As both databases take it and SQLite keeps it: "2026-03-01T12:00:00.000Z". Texts of this form
/// are ordered as their times are, from year 0 to 9999; times outside are brought to the nearest of
/// these.
std::string to_text(Timestamp time);

/// Reads that form with none to six digits of a second; what is finer than a millisecond is cut
/// off.
///
/// Errors: kCorruptData.
Result<Timestamp> parse_timestamp(std::string_view text);

/// The calendar time of a clock as databases keep it.
inline Timestamp to_timestamp(std::chrono::system_clock::time_point time) {
  return std::chrono::floor<std::chrono::milliseconds>(time);
}

}  // namespace katip::store
