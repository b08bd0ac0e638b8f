#pragma once

#include "app/audit.h"
#include "app/operations.h"
#include "http/route.h"

namespace katip::http {

/// /api/v1/tasks (trigger by name, wait for the result) and /api/v1/admin/ queues, tasks, workers
/// and schedules. What is changed goes into the audit log.
void add_operation_routes(RouteTable& table, app::Operations& operations, app::Audit& audit);

/// Of these: lists of tasks and files of them, what is done to many at once, the overview.
void add_task_list_routes(RouteTable& table, app::Operations& operations, app::Audit& audit);

/// Slots of workers and their bounds.
void add_autoscale_routes(RouteTable& table, app::Operations& operations, app::Audit& audit);

/// And what runs by the calendar.
void add_schedule_routes(RouteTable& table, app::Operations& operations, app::Audit& audit);

}  // namespace katip::http
