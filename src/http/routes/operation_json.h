#pragma once

#include <boost/json/object.hpp>

#include "app/operations.h"
#include "app/schedule_json.h"
#include "http/schema.h"

/// Queues, tasks and workers as the API shows them, and the shapes of that and of schedules.
namespace katip::http {

boost::json::object to_json(const app::QueueView& queue);
boost::json::object to_json(const app::Task& task);
boost::json::object to_json(const app::Worker& worker);

Schema queue_schema();
Schema task_schema();
Schema worker_schema();
Schema schedule_schema();

}  // namespace katip::http
