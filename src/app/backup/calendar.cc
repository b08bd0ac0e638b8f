#include "app/backup/calendar.h"

#include <date/tz.h>
#include <fmt/format.h>

#include "jobs/cron.h"

/// Tested by backup_folder_test.cc.
namespace katip::app {

Status check_time_zone(const std::string& zone) {
  KATIP_TRY(jobs::Cron::parse("@daily", zone));
  return {};
}

LocalMoment local_moment(Timestamp time, const std::string& zone) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const date::sys_info info = date::locate_zone(zone)->get_info(seconds);
  const std::chrono::sys_seconds shown = seconds + info.offset;
  const auto day = std::chrono::floor<std::chrono::days>(shown);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(shown - day);
  return {.day = day,
          .stamp = fmt::format("{:04}{:02}{:02}_{:02}{:02}{:02}", int{date.year()},
                               unsigned{date.month()}, unsigned{date.day()}, clock.hours().count(),
                               clock.minutes().count(), clock.seconds().count())};
}

}  // namespace katip::app
