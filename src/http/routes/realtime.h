#pragma once

#include "app/audit.h"
#include "app/client_secrets.h"
#include "http/route.h"
#include "http/routes/realtime_session.h"

namespace katip::http {

/// GET /v1/realtime, a WebSocket; POST /v1/realtime/client_secrets and, of the beta,
/// /v1/realtime/transcription_sessions. Keys that are made go into the audit log.
///
/// Lifetime: what is referred to outlives the table.
void add_realtime_routes(RouteTable& table, RealtimeDesk desk, app::ClientSecrets& secrets,
                         const Clock& clock, app::Audit& audit);

}  // namespace katip::http
