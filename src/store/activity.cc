#include "store/activity.h"

#include <fmt/format.h>

#include "store/queries.h"

/// Tested by conformance/activity_test.cc.
namespace katip::store {
namespace {

Result<Rows> run(Connection& sql, std::string_view name) {
  return sql.query(Queries::of(sql.dialect()).get(name));
}

Result<std::string> text_of(const Row& row, std::string_view column) {
  return KATIP_TRY(row.get<std::optional<std::string>>(std::string(column))).value_or("");
}

}  // namespace

Result<std::map<std::string, std::string>> job_activity(Connection& sql) {
  std::map<std::string, std::string> activity;
  const Rows jobs = KATIP_TRY(run(sql, "job_activity"));
  for (const Row row : jobs) {
    activity[KATIP_TRY(row.get<std::string>("owner"))] += fmt::format(
        "{} {} {};", KATIP_TRY(row.get<std::string>("status")),
        KATIP_TRY(row.get<std::int64_t>("job_count")), KATIP_TRY(text_of(row, "moved_at")));
  }
  const Rows progress = KATIP_TRY(run(sql, "progress_activity"));
  for (const Row row : progress) {
    activity[KATIP_TRY(row.get<std::string>("owner"))] += KATIP_TRY(text_of(row, "progress"));
  }
  return activity;
}

Result<std::map<std::string, std::string>> ended_job_activity(Connection& sql, Timestamp since) {
  std::map<std::string, std::string> activity;
  const Rows jobs = KATIP_TRY(run_statement(sql, "ended_job_activity", {to_text(since)}));
  for (const Row row : jobs) {
    activity[KATIP_TRY(row.get<std::string>("owner"))] = KATIP_TRY(text_of(row, "ended_at"));
  }
  return activity;
}

Result<std::string> queue_activity(Connection& sql) {
  const Rows ended = KATIP_TRY(run(sql, "ended_activity"));
  std::string activity = fmt::format("{} {} {}", KATIP_TRY(text_of(ended[0], "ended_at")),
                                     KATIP_TRY(ended[0].get<std::int64_t>("running_count")),
                                     KATIP_TRY(ended[0].get<std::int64_t>("stopping_count")));
  const Rows tasks = KATIP_TRY(run(sql, "queue_activity"));
  for (const Row row : tasks) {
    activity += fmt::format(";{} {} {}", KATIP_TRY(row.get<std::string>("queue")),
                            KATIP_TRY(row.get<std::string>("state")),
                            KATIP_TRY(row.get<std::int64_t>("task_count")));
  }
  if (!tasks.empty()) activity += ";" + KATIP_TRY(text_of(tasks[0], "progress"));
  return activity;
}

}  // namespace katip::store
