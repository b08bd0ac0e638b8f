#pragma once

#include "app/stats.h"
#include "http/route.h"

namespace katip::http {

/// /api/v1/admin/stats: figures over time, for plots.
void add_stats_routes(RouteTable& table, app::Stats& stats);

}  // namespace katip::http
