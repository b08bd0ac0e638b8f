#pragma once

#include <chrono>
#include <string>

#include "app/timestamp.h"
#include "base/result.h"

namespace katip::app {

/// What the calendar and the clock of a place show at a moment.
struct LocalMoment {
  std::chrono::sys_days day;
  std::string stamp;  ///< "20260301_030000".
};

/// Errors: kInvalidArgument for a name that is no time zone; kUnavailable when this machine has no
///         time zones.
Status check_time_zone(const std::string& zone);
/// The zone has been checked.
LocalMoment local_moment(Timestamp time, const std::string& zone);

}  // namespace katip::app
