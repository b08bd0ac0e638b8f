#pragma once

#include "app/audit.h"
#include "app/backups.h"
#include "http/route.h"

namespace katip::http {

/// /api/v1/admin/backups: what there is, how it stands, and tasks that make and verify one. What is
/// started goes into the audit log.
void add_backup_routes(RouteTable& table, app::Backups& backups, app::Audit& audit);

}  // namespace katip::http
