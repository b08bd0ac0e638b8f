#pragma once

#include <boost/json/object.hpp>

#include "app/operations.h"
#include "http/schema.h"

/// Queues, tasks, workers and schedules as the API shows them, and the shapes of that.
namespace katip::http {

boost::json::object to_json(const app::QueueView& queue);
boost::json::object to_json(const app::Task& task);
boost::json::object to_json(const app::Worker& worker);
boost::json::object to_json(const app::ScheduleView& schedule);

Schema queue_schema();
Schema task_schema();
Schema worker_schema();
Schema schedule_schema();

}  // namespace katip::http
