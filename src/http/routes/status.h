#pragma once

#include "http/route.h"

namespace katip::http {

/// GET /livez.
void add_status_routes(RouteTable& table);

}  // namespace katip::http
