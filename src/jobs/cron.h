#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "jobs/cron/cron_fields.h"
#include "store/timestamp.h"

namespace date {
class time_zone;
}

/// When something runs by the calendar.
///
///   const Cron cron = KATIP_TRY(Cron::parse("0 3 * * mon-fri", "Europe/Istanbul"));
///   std::optional<Timestamp> slot = cron.next_after(now);
///
/// Five fields: minute, hour, day of month, month, day of week (0 and 7 are Sunday). Each is `*`,
/// a number, a range `1-5`, a step `*/15` or `8-18/2`, or a list of these; months and days of the
/// week have their English names of three letters. @hourly, @daily, @weekly, @monthly and @yearly
/// stand for the obvious. When both day fields are restricted one of them is enough; a field that
/// begins with `*` restricts with the other one.
///
/// When clocks are set forward, slots of the skipped hour are one slot right behind it. When they
/// are set back, a slot of the doubled hour is the first of the two.
namespace katip::jobs {

/// Threads: immutable.
/// Source:  the crontab(5) of Paul Vixie's cron.
class Cron {
 public:
  /// `zone` is a name of the time zone database of this machine: "Europe/Istanbul", "UTC".
  ///
  /// Errors: kInvalidArgument, naming the field and what to write; kUnavailable when this machine
  ///         has no time zone database.
  static Result<Cron> parse(std::string_view text, std::string_view zone);

  /// The first slot behind `time`. Nothing: there is none (30 February).
  [[nodiscard]] std::optional<store::Timestamp> next_after(store::Timestamp time) const;
  /// The last slot in (`after`, `until`], without a walk over all of them.
  [[nodiscard]] std::optional<store::Timestamp> last_in(store::Timestamp after,
                                                        store::Timestamp until) const;

 private:
  Cron(const CronFields& fields, const date::time_zone& zone) : fields_(fields), zone_(&zone) {}

  CronFields fields_;
  const date::time_zone* zone_;  // Of the database, which is never unloaded.
};

}  // namespace katip::jobs
