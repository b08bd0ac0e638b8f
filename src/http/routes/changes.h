#pragma once

#include "app/change_watch.h"
#include "http/route.h"

namespace katip::http {

/// /api/v1/changes: when there is something new to ask for.
///
/// Lifetime: the watch outlives the table.
void add_change_routes(RouteTable& table, app::ChangeWatch& changes);

}  // namespace katip::http
