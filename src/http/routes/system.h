#pragma once

#include "app/system_desk.h"
#include "http/route.h"

namespace katip::http {

/// /api/v1/admin/ logs, migrations and settings.
void add_system_routes(RouteTable& table, app::SystemDesk& system);

}  // namespace katip::http
