#include "app/task_export.h"

#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/records/csv.h"
#include "app/timestamp.h"

/// Tested by task_export_test.cc.
namespace katip::app {
namespace {

std::string time(const std::optional<Timestamp>& at) { return at ? to_text(*at) : std::string(); }

}  // namespace

std::string_view task_csv_head() {
  return "id,name,state,queue,priority,attempt,tenant,job_id,source_name,created_at,run_at,"
         "claimed_at,finished_at,errors\n";
}

std::string task_csv_line(const store::ListedTask& listed) {
  const store::TaskRecord& task = listed.task;
  const std::string fields[] = {task.id,
                                csv_outside_field(task.kind),
                                task.state,
                                csv_outside_field(task.queue),
                                std::to_string(task.priority),
                                std::to_string(task.attempt),
                                csv_outside_field(task.tenant),
                                csv_outside_field(listed.job_name.value_or("")),
                                csv_outside_field(listed.source_name.value_or("")),
                                to_text(task.created_at),
                                to_text(task.run_at),
                                time(task.claimed_at),
                                time(task.finished_at),
                                csv_outside_field(task.errors == "[]" ? "" : task.errors)};
  return fmt::format("{}\n", fmt::join(fields, ","));
}

}  // namespace katip::app
