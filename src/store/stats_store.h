#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/event_counters.h"
#include "base/result.h"
#include "store/connection.h"
#include "store/timestamp.h"

/// The rows of stats_samples: how the installation did, step by step.
///
/// Errors: those of Connection; kCorruptData for a row that cannot be read.
namespace katip::store {

struct StatsRecord {
  int step_s = 60;  ///< 60, 900 or 3,600.
  Timestamp begins_at = {};
  int minute_count = 1;              ///< Minutes of the step that somebody measured.
  std::string queues = "{}";         ///< A JSON object; means of the minutes.
  double worker_count = 0;           ///< A mean.
  std::int64_t tasks_completed = 0;  ///< From here on sums.
  std::int64_t tasks_failed = 0;
  double task_wait_s = 0;
  double task_run_s = 0;
  std::int64_t jobs_completed = 0;
  std::int64_t jobs_failed = 0;
  double audio_s = 0;  ///< Of completed jobs, as is the next one.
  double processing_s = 0;
  std::int64_t request_failures = 0;
  std::string request_counts = "[]";  ///< A JSON array: by how long they took.
};

/// False: this step is there already, and stays.
Result<bool> insert_stats(Connection& sql, const StatsRecord& record);
/// In the order of their times. Errors: kInvalidArgument when count_max is not 1 to 20,000.
Result<std::vector<StatsRecord>> list_stats(Connection& sql, int step_s, Timestamp from,
                                            Timestamp before, int count_max);
Result<std::optional<Timestamp>> find_last_stats(Connection& sql, int step_s);
/// Sets the figures of requests to those of `changed`. False: they are no longer
/// `expected_counts`, or the step is not there.
Result<bool> change_stats_requests(Connection& sql, const StatsRecord& changed,
                                   const std::string& expected_counts);
Result<std::int64_t> prune_stats(Connection& sql, int step_s, Timestamp before);

/// Adds what has ended within a time to a record: tasks, jobs, audio.
Status add_ended(Connection& sql, Timestamp from, Timestamp before, StatsRecord& record);
/// The jobs alone.
Status add_ended_jobs(Connection& sql, Timestamp from, Timestamp before, StatsRecord& record);

/// What happened in all processes since ever. Adding is for one transaction.
Status add_event_counts(Connection& sql, const EventCounts& counts);
Result<EventCounts> list_event_counts(Connection& sql);

/// The revisions that the schema stands at.
Result<std::vector<std::string>> list_schema_heads(Connection& sql);

}  // namespace katip::store
