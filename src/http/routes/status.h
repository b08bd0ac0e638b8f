#pragma once

#include "app/metrics.h"
#include "http/route.h"

namespace katip::http {

/// GET /livez, /readyz, /health, /metrics and /api/v1/metrics.
void add_status_routes(RouteTable& table, app::Metrics& metrics);

}  // namespace katip::http
