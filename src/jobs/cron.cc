#include "jobs/cron.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include <date/tz.h>
#include <fmt/format.h>

#include "base/suggestion.h"

/// A slot is a minute on the wall. It happens at the first moment at which the wall shows it or
/// something later: that is the end of the gap for a minute that is skipped, and the first of the
/// two for a minute that comes twice. So what is behind a moment is what lies above the highest
/// minute that the wall has shown until then.
///
/// Tested by cron_test.cc, against golden values and against a walk over every minute.
namespace katip::jobs {
namespace {

using std::chrono::floor;
using std::chrono::minutes;
using std::chrono::seconds;
using store::Timestamp;
using SysSeconds = std::chrono::sys_seconds;

/// Clocks are never moved by more than this at once.
constexpr std::chrono::hours kMoveMax(26);

constexpr Timestamp kTimeMin = std::chrono::sys_days(std::chrono::year(1) / 1 / 2);
constexpr Timestamp kTimeMax = std::chrono::sys_days(std::chrono::year(9'999) / 12 / 30);

LocalMinute to_minute(seconds local) { return LocalMinute(floor<minutes>(local)); }

/// The first minute that the wall has not shown until `time`.
LocalMinute first_unseen(const date::time_zone& zone, SysSeconds time) {
  date::sys_info info = zone.get_info(time);
  LocalMinute unseen = to_minute(time.time_since_epoch() + info.offset) + minutes(1);
  while (info.begin > time - kMoveMax) {
    const date::sys_info before = zone.get_info(info.begin - seconds(1));
    const seconds reached = info.begin.time_since_epoch() + before.offset - seconds(1);
    unseen = std::max(unseen, to_minute(reached) + minutes(1));
    info = before;
  }
  return unseen;
}

SysSeconds first_moment(const date::time_zone& zone, LocalMinute minute) {
  const date::local_seconds local(minute.time_since_epoch());
  const date::local_info info = zone.get_info(local);
  if (info.result == date::local_info::nonexistent) {
    return info.first.end;
  }
  return SysSeconds(local.time_since_epoch() - info.first.offset);
}

std::unexpected<Error> unknown_zone(std::string_view zone) {
  std::vector<std::string> names;
  for (const date::time_zone& known : date::get_tzdb().zones) {
    names.push_back(known.name());
  }
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("`{}` is no time zone; write it like Europe/Istanbul or UTC.{}",
                          zone.substr(0, 64), did_you_mean(nearest(zone.substr(0, 64), names))));
}

Result<const date::time_zone*> find_zone(std::string_view zone) {
  try {
    static_cast<void>(date::get_tzdb());
  } catch (const std::exception& e) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("no time zones on this machine; install tzdata: {}", e.what()));
  }
  try {
    return date::locate_zone(std::string(zone));
  } catch (const std::runtime_error&) {
    return unknown_zone(zone);
  }
}

}  // namespace

Result<Cron> Cron::parse(std::string_view text, std::string_view zone) {
  const Result<CronFields> fields = CronFields::parse(text);
  if (!fields) {
    return fail(fmt::format("cron `{}`", text.substr(0, 64)), fields.error());
  }
  const date::time_zone* const found = KATIP_TRY(find_zone(zone));
  return Cron(*fields, *found);
}

std::optional<Timestamp> Cron::next_after(Timestamp time) const {
  if (time > kTimeMax) return std::nullopt;
  const SysSeconds moment = floor<seconds>(std::max(time, kTimeMin));
  const auto minute = fields_.first_from(first_unseen(*zone_, moment));
  if (!minute) return std::nullopt;
  return first_moment(*zone_, *minute);
}

std::optional<Timestamp> Cron::last_in(Timestamp after, Timestamp until) const {
  // Spans that grow backwards: the slots of the last one that has any are few enough to walk.
  for (std::chrono::milliseconds span = std::chrono::hours(1);; span *= 8) {
    const Timestamp begin = span < until - after ? until - span : after;
    std::optional<Timestamp> last;
    for (auto slot = next_after(begin); slot && *slot <= until; slot = next_after(*slot)) {
      last = slot;
    }
    if (last || begin <= after) return last;
  }
}

}  // namespace katip::jobs
