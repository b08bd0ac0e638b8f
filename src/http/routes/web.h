#pragma once

#include "http/route.h"
#include "http/web_app.h"

namespace katip::http {

/// GET of every page of the app and of /assets/….
void add_web_routes(RouteTable& table, const WebApp& app);

}  // namespace katip::http
