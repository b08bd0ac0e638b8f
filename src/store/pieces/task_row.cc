#include "store/pieces/task_row.h"

#include "store/row_fields.h"

/// Tested by jobs/queue_test.cc and conformance/task_pages_test.cc.
namespace katip::store {

Result<TaskRecord> task_of(const Row& row) {
  TaskRecord task;
  task.id = KATIP_TRY(row.get<std::string>("id"));
  task.kind = KATIP_TRY(row.get<std::string>("kind"));
  task.worker_kind = KATIP_TRY(row.get<std::string>("worker_kind"));
  task.queue = KATIP_TRY(row.get<std::string>("queue"));
  task.tenant = KATIP_TRY(row.get<std::string>("tenant"));
  task.state = KATIP_TRY(row.get<std::string>("state"));
  task.priority = KATIP_TRY(int_of(row, "priority"));
  task.token = KATIP_TRY(row.get<std::int64_t>("token"));
  task.attempt = KATIP_TRY(int_of(row, "attempt"));
  task.attempt_count_max = KATIP_TRY(int_of(row, "attempt_count_max"));
  task.crash_count = KATIP_TRY(int_of(row, "crash_count"));
  task.progress = KATIP_TRY(row.get<double>("progress"));
  task.args = KATIP_TRY(row.get<std::optional<std::string>>("args")).value_or("{}");
  task.errors = KATIP_TRY(row.get<std::optional<std::string>>("errors")).value_or("[]");
  task.result = KATIP_TRY(row.get<std::optional<std::string>>("result"));
  task.unique_key = KATIP_TRY(row.get<std::optional<std::string>>("unique_key"));
  task.job_id = KATIP_TRY(row.get<std::optional<std::string>>("job_id"));
  task.request_id = KATIP_TRY(row.get<std::optional<std::string>>("request_id"));
  task.worker_id = KATIP_TRY(row.get<std::optional<std::string>>("worker_id"));
  task.run_at = KATIP_TRY(time_of(row, "run_at"));
  task.created_at = KATIP_TRY(time_of(row, "created_at"));
  task.claimed_at = KATIP_TRY(optional_time_of(row, "claimed_at"));
  task.finished_at = KATIP_TRY(optional_time_of(row, "finished_at"));
  return task;
}

}  // namespace katip::store
