#pragma once

#include <boost/json/fwd.hpp>

#include "app/operations.h"

namespace katip::app {

/// Bounds and slots of a kind of workers as the API and `katip queue autoscale --json` show them.
///
/// Threads: pure; safe from any thread.
boost::json::object to_json(const AutoscaleView& view);

}  // namespace katip::app
