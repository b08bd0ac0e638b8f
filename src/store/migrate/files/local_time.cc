#include "store/migrate/files/local_time.h"

#include <cstdlib>
#include <memory>

#include <fmt/format.h>
#include <unicode/timezone.h>
#include <unicode/unistr.h>

/// Tested by local_time_test.cc.
namespace katip::store::migrate {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::seconds;

/// Minutes east of Greenwich at a moment; nothing for an unknown zone.
Result<int> offset_minutes(std::int64_t epoch_s, const std::string& zone) {
  const auto wanted = icu::UnicodeString::fromUTF8(zone);
  const std::unique_ptr<icu::TimeZone> found(icu::TimeZone::createTimeZone(wanted));
  if (found == nullptr || *found == icu::TimeZone::getUnknown()) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("Can't locate timezone: {} (write it like Europe/Istanbul or UTC)", zone));
  }
  std::int32_t raw_ms = 0;
  std::int32_t summer_ms = 0;
  UErrorCode status = U_ZERO_ERROR;
  found->getOffset(static_cast<double>(epoch_s) * 1000.0, /*local=*/0, raw_ms, summer_ms, status);
  if (U_FAILURE(status)) return fail(ErrorCode::kInternal, "time zone data cannot be read");
  return (raw_ms + summer_ms) / 60'000;
}

}  // namespace

Result<LocalTime> local_time(std::chrono::system_clock::time_point moment,
                             const std::string& zone) {
  LocalTime time;
  time.epoch_s = floor<seconds>(moment).time_since_epoch().count();
  time.offset_minutes = KATIP_TRY(offset_minutes(time.epoch_s, zone));
  const std::chrono::sys_seconds shown{seconds(time.epoch_s + time.offset_minutes * 60)};
  const auto midnight = floor<days>(shown);
  const std::chrono::year_month_day date(midnight);
  const std::chrono::hh_mm_ss clock(shown - midnight);
  time.year = static_cast<int>(date.year());
  time.month = static_cast<int>(static_cast<unsigned>(date.month()));
  time.day = static_cast<int>(static_cast<unsigned>(date.day()));
  time.hour = static_cast<int>(clock.hours().count());
  time.minute = static_cast<int>(clock.minutes().count());
  time.second = static_cast<int>(clock.seconds().count());
  return time;
}

std::string text_of(const LocalTime& time) {
  const int offset = std::abs(time.offset_minutes);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}{}{:02}:{:02}", time.year, time.month,
                     time.day, time.hour, time.minute, time.second,
                     time.offset_minutes < 0 ? '-' : '+', offset / 60, offset % 60);
}

}  // namespace katip::store::migrate
