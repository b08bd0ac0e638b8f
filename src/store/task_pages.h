#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/connection.h"
#include "store/page_cursor.h"
#include "store/task_store.h"

/// Lists of tasks for operators, page by page, over a queue of any length.
///
/// Errors: those of Connection; kInvalidArgument for what is not 1 to 1,000 rows.
namespace katip::store {

/// Everything that is set has to hold.
struct TaskFilter {
  /// scheduled, available, running, retryable, completed, cancelled, discarded, quarantined; `live`
  /// for all of the first four, `ended` for all of the last.
  std::string state = "running";
  std::optional<std::string> kind = {};
  std::optional<std::string> queue = {};
  std::optional<std::string> worker_id = {};  ///< A uuid, as is `id`.
  std::optional<std::string> id = {};
  std::optional<std::string> request_id = {};
  std::optional<std::string> text = {};             ///< Part of anything that is written in it.
  std::optional<Timestamp> from = {}, before = {};  ///< When it ended.
};

/// A task, and what people call the job that it belongs to.
struct ListedTask {
  TaskRecord task;
  std::optional<std::string> job_name;  ///< "job_…".
  std::optional<std::string> source_name;
};

struct TaskPageQuery {
  TaskFilter filter = {};
  std::optional<PageCursor> after = {};
  int count_max = 50;
  /// So many rows in order are looked at for those that fit.
  int window = 10'000;
};

struct TaskPage {
  std::vector<ListedTask> tasks = {};
  std::optional<PageCursor> next = {};  ///< Nothing: this was the end.
  bool is_cut = false;  ///< The window ended before the page was full; `next` goes on behind it.
};

/// What has ended: the latest first. What waits for its time: what is next first. The others: those
/// made last first.
Result<TaskPage> list_tasks(Connection& sql, const TaskPageQuery& query);

}  // namespace katip::store
