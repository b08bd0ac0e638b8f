#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace katip::jobs {

/// A minute as a clock on a wall shows it, in no zone.
using LocalMinute = std::chrono::local_time<std::chrono::minutes>;

/// The five fields of a cron expression, each as a set: bit n stands for the value n.
///
/// Threads: a value type.
struct CronFields {
  std::uint64_t minutes = 0;   ///< 0 to 59.
  std::uint64_t hours = 0;     ///< 0 to 23.
  std::uint64_t days = 0;      ///< 1 to 31.
  std::uint64_t months = 0;    ///< 1 to 12.
  std::uint64_t weekdays = 0;  ///< 0 to 6, Sunday is 0.
  bool is_day_starred = false;
  bool is_weekday_starred = false;

  /// Errors: kInvalidArgument, naming the field, what is wrong in it and what to write instead.
  static Result<CronFields> parse(std::string_view text);

  /// Both day fields must fit when one of them begins with `*`, else one of them is enough.
  [[nodiscard]] bool fits(const std::chrono::year_month_day& day) const;
  /// The first minute from `begin` on that fits; nothing when there is none until the year 9999 or
  /// within 60 years: the calendar repeats itself in fewer.
  [[nodiscard]] std::optional<LocalMinute> first_from(LocalMinute begin) const;
};

}  // namespace katip::jobs
