#pragma once

#include <boost/json/fwd.hpp>

#include "app/operations.h"

namespace katip::app {

/// A schedule as the API and `katip queue schedules --json` show it.
///
/// Threads: pure; safe from any thread.
boost::json::object to_json(const ScheduleView& view);

}  // namespace katip::app
