#pragma once

#include "app/webhooks.h"
#include "http/route.h"

namespace katip::http {

/// /api/v1/webhooks: those of the caller, their deliveries, replay, test, new secrets.
void add_webhook_routes(RouteTable& table, app::Webhooks& webhooks);

}  // namespace katip::http
