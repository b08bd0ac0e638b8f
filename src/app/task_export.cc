#include "app/task_export.h"

#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/records/csv.h"
#include "app/timestamp.h"

/// Tested by task_export_test.cc.
namespace katip::app {
namespace {

std::string field(std::string_view text) {
  const bool is_formula = !text.empty() && std::string_view("=+-@\t\r").contains(text.front());
  return csv_field(is_formula ? "'" + std::string(text) : std::string(text));
}

std::string time(const std::optional<Timestamp>& at) { return at ? to_text(*at) : std::string(); }

}  // namespace

std::string_view task_csv_head() {
  return "id,name,state,queue,priority,attempt,tenant,job_id,source_name,created_at,run_at,"
         "claimed_at,finished_at,errors\n";
}

std::string task_csv_line(const store::ListedTask& listed) {
  const store::TaskRecord& task = listed.task;
  const std::string fields[] = {task.id,
                                field(task.kind),
                                task.state,
                                field(task.queue),
                                std::to_string(task.priority),
                                std::to_string(task.attempt),
                                field(task.tenant),
                                field(listed.job_name.value_or("")),
                                field(listed.source_name.value_or("")),
                                to_text(task.created_at),
                                to_text(task.run_at),
                                time(task.claimed_at),
                                time(task.finished_at),
                                field(task.errors == "[]" ? "" : task.errors)};
  return fmt::format("{}\n", fmt::join(fields, ","));
}

}  // namespace katip::app
