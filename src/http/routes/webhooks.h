#pragma once

#include "app/audit.h"
#include "app/webhooks.h"
#include "http/route.h"

namespace katip::http {

/// /api/v1/webhooks: those of the caller, their deliveries, replay, test, new secrets. What is
/// changed goes into the audit log.
void add_webhook_routes(RouteTable& table, app::Webhooks& webhooks, app::Audit& audit);

}  // namespace katip::http
