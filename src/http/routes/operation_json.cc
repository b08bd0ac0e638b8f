#include "http/routes/operation_json.h"

#include <boost/json.hpp>

#include "http/routes/record_answers.h"

/// Tested by tests/e2e/test_operation_routes.py.
namespace katip::http {
namespace json = boost::json;
namespace {

/// JSON as the queue keeps it.
json::value parsed(const std::string& text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  return error ? json::value(text) : value;
}

std::string_view status_of(const app::Task& task) {
  switch (app::verdict_of(task)) {
    case app::TaskVerdict::kReady:
      return "ready";
    case app::TaskVerdict::kFailed:
      return "failed";
    case app::TaskVerdict::kProcessing:
      return "processing";
  }
  return "processing";
}

Schema time_schema() { return Schema::string().format("date-time"); }

Property required(std::string name, Schema schema) {
  return {std::move(name), std::move(schema), Need::kRequired};
}

}  // namespace

json::object to_json(const app::QueueView& queue) {
  json::object tasks;
  for (const auto& [state, count] : queue.tasks) tasks[state] = count;
  return {{"name", queue.name},
          {"mode", queue.mode},
          {"tasks", std::move(tasks)},
          {"oldest_since", or_null(queue.oldest_since)}};
}

json::object to_json(const app::Task& task) {
  return {{"id", task.id},
          {"name", task.kind},
          {"status", status_of(task)},
          {"state", task.state},
          {"result", task.result ? parsed(*task.result) : json::value(nullptr)},
          {"errors", parsed(task.errors)},
          {"args", parsed(task.args)},
          {"queue", task.queue},
          {"priority", task.priority},
          {"progress", task.progress},
          {"attempt", task.attempt},
          {"attempt_count_max", task.attempt_count_max},
          {"crash_count", task.crash_count},
          {"unique_key", or_null(task.unique_key)},
          {"job_row_id", or_null(task.job_id)},
          {"request_id", or_null(task.request_id)},
          {"worker_id", or_null(task.worker_id)},
          {"created_at", app::to_text(task.created_at)},
          {"run_at", app::to_text(task.run_at)},
          {"claimed_at", or_null(task.claimed_at)},
          {"finished_at", or_null(task.finished_at)}};
}

json::object to_json(const app::Worker& worker) {
  return {{"id", worker.id},
          {"name", worker.name},
          {"host", worker.host},
          {"pid", worker.pid},
          {"kind", worker.worker_kind},
          {"state", worker.state},
          {"version", worker.version},
          {"slots", worker.figures.slot_count},
          {"busy", worker.figures.busy_count},
          {"finished", worker.figures.finished_count},
          {"failed", worker.figures.failed_count},
          {"memory_bytes", worker.figures.memory_bytes},
          {"started_at", app::to_text(worker.started_at)},
          {"seen_at", app::to_text(worker.seen_at)},
          {"ended_at", or_null(worker.ended_at)},
          {"end_reason", or_null(worker.end_reason)}};
}

Schema queue_schema() {
  return Schema::object({required("name", Schema::string()),
                         required("mode", Schema::string().one_of({"open", "paused", "draining"})),
                         required("tasks", Schema::object({}).open()),
                         required("oldest_since", time_schema().nullable())});
}

Schema task_schema() {
  return Schema::object(
      {required("id", Schema::string().format("uuid")),
       required("name", Schema::string()),
       required("status", Schema::string().one_of({"ready", "failed", "processing"})),
       required("state", Schema::string()),
       required("result", Schema::any()),
       required("errors", Schema::array(Schema::any())),
       required("args", Schema::any()),
       required("queue", Schema::string()),
       required("priority", Schema::integer()),
       required("progress", Schema::number()),
       required("attempt", Schema::integer()),
       required("attempt_count_max", Schema::integer()),
       required("crash_count", Schema::integer()),
       required("unique_key", Schema::string().nullable()),
       required("job_row_id", Schema::string().nullable()),
       required("request_id", Schema::string().nullable()),
       required("worker_id", Schema::string().nullable()),
       required("created_at", time_schema()),
       required("run_at", time_schema()),
       required("claimed_at", time_schema().nullable()),
       required("finished_at", time_schema().nullable())});
}

Schema worker_schema() {
  return Schema::object(
      {required("id", Schema::string().format("uuid")), required("name", Schema::string()),
       required("host", Schema::string()), required("pid", Schema::integer()),
       required("kind", Schema::string()), required("state", Schema::string()),
       required("version", Schema::string()), required("slots", Schema::integer()),
       required("busy", Schema::integer()), required("finished", Schema::integer()),
       required("failed", Schema::integer()), required("memory_bytes", Schema::integer()),
       required("started_at", time_schema()), required("seen_at", time_schema()),
       required("ended_at", time_schema().nullable()),
       required("end_reason", Schema::string().nullable())});
}

Schema schedule_schema() {
  return Schema::object(
      {required("name", Schema::string()), required("cron", Schema::string()),
       required("time_zone", Schema::string()), required("task", Schema::string()),
       required("args", Schema::any()), required("active", Schema::boolean()),
       required("paused", Schema::boolean()),
       required("origin", Schema::string().one_of({"configured", "added"})),
       required("missed", Schema::string()), required("last_at", time_schema().nullable()),
       required("next_at", time_schema().nullable())});
}

}  // namespace katip::http
