#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace katip::store::migrate {

/// A moment as the calendar and clocks of a time zone show it.
struct LocalTime {
  std::int64_t epoch_s = 0;  ///< Seconds since 1970 in UTC.
  int year = 1970;
  int month = 1;  ///< From 1.
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int offset_minutes = 0;  ///< East of Greenwich.
};

/// `zone` is a name of the IANA database ("Europe/Istanbul"), or "UTC".
///
/// Errors:  kInvalidArgument "Can't locate timezone".
/// Threads: any.
Result<LocalTime> local_time(std::chrono::system_clock::time_point moment, const std::string& zone);

/// "2026-03-01 15:00:00+03:00".
std::string text_of(const LocalTime& time);

}  // namespace katip::store::migrate
