#include "store/timestamp.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

/// Tested by timestamp_test.cc.
namespace katip::store {
namespace {

using namespace std::chrono;  // NOLINT: half of this file is its names.

/// The digits of text[begin, begin + size) as a number; nothing when one is none.
std::optional<int> digits(std::string_view text, std::size_t begin, std::size_t size) {
  if (begin + size > text.size()) {
    return std::nullopt;
  }
  int value = 0;
  for (const char c : text.substr(begin, size)) {
    if (c < '0' || c > '9') {
      return std::nullopt;
    }
    value = value * 10 + (c - '0');
  }
  return value;
}

/// ".123456Z" -> 123; "Z" -> 0.
std::optional<int> parse_fraction(std::string_view text) {
  if (text == "Z") {
    return 0;
  }
  if (text.size() < 3 || text.size() > 8 || text.front() != '.' || text.back() != 'Z') {
    return std::nullopt;
  }
  std::string fraction(text.substr(1, text.size() - 2));
  if (!digits(fraction, 0, fraction.size())) {
    return std::nullopt;
  }
  fraction.resize(3, '0');
  return digits(fraction, 0, 3);
}

bool has_separators(std::string_view text) {
  return text.size() >= 20 && text[4] == '-' && text[7] == '-' && text[10] == 'T' &&
         text[13] == ':' && text[16] == ':';
}

}  // namespace

std::string to_text(Timestamp time) {
  constexpr Timestamp kFirst = sys_days(year(0) / January / 1);
  constexpr Timestamp kLast = sys_days(year(10000) / January / 1) - 1ms;
  time = std::clamp(time, kFirst, kLast);
  const sys_days day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

Result<Timestamp> parse_timestamp(std::string_view text) {
  const auto year_number = digits(text, 0, 4);
  const auto month_number = digits(text, 5, 2);
  const auto day_number = digits(text, 8, 2);
  const auto hour = digits(text, 11, 2);
  const auto minute = digits(text, 14, 2);
  const auto second = digits(text, 17, 2);
  if (has_separators(text) && year_number && month_number && day_number && hour && minute &&
      second && *hour < 24 && *minute < 60 && *second < 60) {
    const auto fraction = parse_fraction(text.substr(19));
    const year_month_day date(year(*year_number), month(static_cast<unsigned>(*month_number)),
                              day(static_cast<unsigned>(*day_number)));
    if (fraction && date.ok()) {
      return sys_days(date) + hours(*hour) + minutes(*minute) + seconds(*second) +
             milliseconds(*fraction);
    }
  }
  return fail(ErrorCode::kCorruptData, fmt::format("`{}` is not a time in UTC", text));
}

}  // namespace katip::store
