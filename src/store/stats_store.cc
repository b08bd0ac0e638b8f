#include "store/stats_store.h"

#include "store/queries.h"
#include "store/row_fields.h"

/// The statements are in sqlite/stats.sql and postgres/stats.sql.
///
/// Tested by conformance/stats_test.cc on both databases.
namespace katip::store {
namespace {

constexpr int kPageSizeMax = 20'000;

Result<StatsRecord> to_record(const Row& row) {
  StatsRecord record;
  record.step_s = KATIP_TRY(int_of(row, "step_s"));
  record.begins_at = KATIP_TRY(time_of(row, "begins_at"));
  record.minute_count = KATIP_TRY(int_of(row, "minute_count"));
  record.queues = KATIP_TRY(row.get<std::string>("queues"));
  record.worker_count = KATIP_TRY(row.get<double>("worker_count"));
  record.tasks_completed = KATIP_TRY(row.get<std::int64_t>("tasks_completed"));
  record.tasks_failed = KATIP_TRY(row.get<std::int64_t>("tasks_failed"));
  record.task_wait_s = KATIP_TRY(row.get<double>("task_wait_s"));
  record.task_run_s = KATIP_TRY(row.get<double>("task_run_s"));
  record.jobs_completed = KATIP_TRY(row.get<std::int64_t>("jobs_completed"));
  record.jobs_failed = KATIP_TRY(row.get<std::int64_t>("jobs_failed"));
  record.audio_s = KATIP_TRY(row.get<double>("audio_s"));
  record.processing_s = KATIP_TRY(row.get<double>("processing_s"));
  record.request_failures = KATIP_TRY(row.get<std::int64_t>("request_failures"));
  record.request_counts = KATIP_TRY(row.get<std::string>("request_counts"));
  return record;
}

}  // namespace

Result<bool> insert_stats(Connection& sql, const StatsRecord& record) {
  const Rows rows = KATIP_TRY(run_statement(
      sql, "insert_stats",
      {record.step_s, to_text(record.begins_at), record.minute_count, record.queues,
       record.worker_count, record.tasks_completed, record.tasks_failed, record.task_wait_s,
       record.task_run_s, record.jobs_completed, record.jobs_failed, record.audio_s,
       record.processing_s, record.request_failures, record.request_counts}));
  return rows.affected_count() == 1;
}

Result<std::vector<StatsRecord>> list_stats(Connection& sql, int step_s, Timestamp from,
                                            Timestamp before, int count_max) {
  if (count_max < 1 || count_max > kPageSizeMax) {
    return fail(ErrorCode::kInvalidArgument, "a list has 1 to 20,000 steps");
  }
  const Rows rows = KATIP_TRY(
      run_statement(sql, "list_stats", {step_s, to_text(from), to_text(before), count_max}));
  std::vector<StatsRecord> records;
  for (const Row row : rows) records.push_back(KATIP_TRY(to_record(row)));
  return records;
}

Result<std::optional<Timestamp>> find_last_stats(Connection& sql, int step_s) {
  const Rows rows = KATIP_TRY(run_statement(sql, "find_last_stats", {step_s}));
  for (const Row row : rows) return optional_time_of(row, "begins_at");
  return std::optional<Timestamp>();
}

Result<bool> change_stats_requests(Connection& sql, const StatsRecord& changed,
                                   const std::string& expected_counts) {
  const Rows rows =
      KATIP_TRY(run_statement(sql, "change_stats_requests",
                              {changed.step_s, to_text(changed.begins_at), changed.request_counts,
                               changed.request_failures, expected_counts}));
  return rows.affected_count() == 1;
}

Result<std::int64_t> prune_stats(Connection& sql, int step_s, Timestamp before) {
  return KATIP_TRY(run_statement(sql, "prune_stats", {step_s, to_text(before)})).affected_count();
}

Status add_ended(Connection& sql, Timestamp from, Timestamp before, StatsRecord& record) {
  const Rows tasks =
      KATIP_TRY(run_statement(sql, "sum_ended_tasks", {to_text(from), to_text(before)}));
  for (const Row row : tasks) {
    const std::string state = KATIP_TRY(row.get<std::string>("state"));
    const std::int64_t count = KATIP_TRY(row.get<std::int64_t>("task_count"));
    if (state == "cancelled") continue;
    (state == "completed" ? record.tasks_completed : record.tasks_failed) += count;
    record.task_wait_s += KATIP_TRY(row.get<double>("wait_s"));
    record.task_run_s += KATIP_TRY(row.get<double>("run_s"));
  }
  return add_ended_jobs(sql, from, before, record);
}

Status add_ended_jobs(Connection& sql, Timestamp from, Timestamp before, StatsRecord& record) {
  const Rows jobs =
      KATIP_TRY(run_statement(sql, "sum_ended_jobs", {to_text(from), to_text(before)}));
  for (const Row row : jobs) {
    const std::string status = KATIP_TRY(row.get<std::string>("status"));
    const std::int64_t count = KATIP_TRY(row.get<std::int64_t>("job_count"));
    if (status == "failed") record.jobs_failed += count;
    if (status != "completed") continue;
    record.jobs_completed += count;
    record.audio_s += KATIP_TRY(row.get<double>("audio_s"));
    record.processing_s += KATIP_TRY(row.get<double>("processing_s"));
  }
  return {};
}

Status add_event_counts(Connection& sql, const EventCounts& counts) {
  for (const auto& [key, value] : counts) {  // In the order of names: nobody waits in a circle.
    KATIP_TRY(run_statement(sql, "add_event_count", {key.first, key.second, value}));
  }
  return {};
}

Result<EventCounts> list_event_counts(Connection& sql) {
  const Rows rows = KATIP_TRY(run_statement(sql, "list_event_counts"));
  EventCounts counts;
  for (const Row row : rows) {
    std::string name = KATIP_TRY(row.get<std::string>("name"));
    std::string label = KATIP_TRY(row.get<std::string>("label"));
    const double value = KATIP_TRY(row.get<double>("value"));
    counts[{std::move(name), std::move(label)}] = value;
  }
  return counts;
}

Result<std::vector<std::string>> list_schema_heads(Connection& sql) {
  const Rows rows = KATIP_TRY(run_statement(sql, "list_schema_heads"));
  std::vector<std::string> heads;
  for (const Row row : rows) heads.push_back(KATIP_TRY(row.get<std::string>("version_num")));
  return heads;
}

}  // namespace katip::store
