#include "store/task_pages.h"

#include <algorithm>
#include <array>

#include "base/uuid.h"
#include "store/pieces/select.h"
#include "store/pieces/task_row.h"
#include "store/row_fields.h"

/// A page is a window of rows in the order of an index, filtered. When the page is not full, a
/// second statement finds the last row of the window, and the next page goes on behind it.
///
/// Tested by conformance/task_pages_test.cc on both databases.
namespace katip::store {
namespace {

enum class Order { kFinishedAt, kId, kRunAt };

bool is_ended(const std::string& state) {
  constexpr std::array<std::string_view, 5> kEnded = {"completed", "cancelled", "discarded",
                                                      "quarantined", "ended"};
  return std::ranges::find(kEnded, state) != kEnded.end();
}

Order order_of(const TaskFilter& filter) {
  if (is_ended(filter.state)) return Order::kFinishedAt;
  return filter.state == "scheduled" || filter.state == "retryable" ? Order::kRunAt : Order::kId;
}

/// A kind is rarer than a state as a rule, so its index gives the rows where both are asked for.
void add_window(Select& select, const TaskFilter& filter) {
  if (is_ended(filter.state)) {
    if (filter.kind) {
      select.add("task_page_kind", {*filter.kind});
    } else if (filter.state != "ended") {
      select.add("task_page_state", {filter.state});
    }
    if (filter.from) select.add("task_page_finished_from", {to_text(*filter.from)});
    if (filter.before) select.add("task_page_finished_before", {to_text(*filter.before)});
  } else if (filter.state != "live") {
    select.add("task_page_is_" + filter.state, {});
  }
}

void add_place(Select& select, const TaskFilter& filter, const PageCursor& after) {
  const std::string time = to_text(after.time);
  switch (order_of(filter)) {
    case Order::kFinishedAt:
      return select.add("task_page_behind_finished", {time, time, after.id});
    case Order::kRunAt:
      return select.add("task_page_behind_run_at", {time, time, after.id});
    case Order::kId:
      return select.add("task_page_behind_id", {after.id});
  }
}

void add_order(Select& select, const TaskFilter& filter, int count) {
  switch (order_of(filter)) {
    case Order::kFinishedAt:
      return select.add("task_page_by_finished_at", {count});
    case Order::kRunAt:
      return select.add("task_page_by_run_at", {count});
    case Order::kId:
      return select.add(filter.state == "running" ? "task_page_by_id_of_few" : "task_page_by_id",
                        {count});
  }
}

void add_filters(Select& select, const TaskFilter& filter) {
  const bool names_state = filter.state != "ended" && filter.state != "live";
  if (names_state) select.add("task_page_only_state", {filter.state});
  select.add_if("task_page_only_id", filter.id);
  select.add_if("task_page_only_kind", filter.kind);
  select.add_if("task_page_only_queue", filter.queue);
  select.add_if("task_page_only_worker", filter.worker_id);
  select.add_if("task_page_only_request", filter.request_id);
  select.add_if("task_page_only_text", filter.text);
}

void add_end(Select& select, const TaskFilter& filter, int count) {
  switch (order_of(filter)) {
    case Order::kFinishedAt:
      return select.add("task_page_end_by_finished_at", {count});
    case Order::kRunAt:
      return select.add("task_page_end_by_run_at", {count});
    case Order::kId:
      return select.add("task_page_end_by_id", {count});
  }
}

PageCursor place_of(const TaskRecord& task) {
  return {.time = task.finished_at.value_or(task.run_at), .id = task.id};
}

/// Where the window ends; nothing: it holds all that is left.
Result<std::optional<PageCursor>> end_of_window(Connection& sql, const TaskPageQuery& query) {
  Select select(sql, is_ended(query.filter.state) ? "task_page_ended_span" : "task_page_live_span");
  add_window(select, query.filter);
  if (query.after) add_place(select, query.filter, *query.after);
  add_order(select, query.filter, 1);
  select.add("task_page_skip", {query.window - 1});
  for (const Row row : KATIP_TRY(select.run())) {
    return std::optional<PageCursor>(
        {.time = KATIP_TRY(time_of(row, "place")), .id = KATIP_TRY(row.get<std::string>("id"))});
  }
  return std::optional<PageCursor>();
}

/// Whether every row of the window fits: then the window is the page.
bool is_whole(const TaskFilter& filter) {
  const bool is_kind_filtered = filter.kind && filter.state != "ended";
  return !is_kind_filtered && !filter.id && !filter.queue && !filter.worker_id &&
         !filter.request_id && !filter.text;
}

}  // namespace

Result<TaskPage> list_tasks(Connection& sql, const TaskPageQuery& query) {
  KATIP_TRY(check_page_size(query.count_max));
  const bool is_page = is_whole(query.filter);
  Select select(sql, is_ended(query.filter.state) ? "task_page_ended" : "task_page_live");
  add_window(select, query.filter);
  if (query.after) add_place(select, query.filter, *query.after);
  add_order(select, query.filter, is_page ? query.count_max + 1 : query.window);
  select.add("task_page_window_end", {});
  add_filters(select, query.filter);
  add_end(select, query.filter, query.count_max + 1);
  TaskPage page;
  for (const Row row : KATIP_TRY(select.run())) {
    page.tasks.push_back(
        {.task = KATIP_TRY(task_of(row)),
         .job_name = KATIP_TRY(row.get<std::optional<std::string>>("job_name")),
         .source_name = KATIP_TRY(row.get<std::optional<std::string>>("source_name"))});
  }
  if (std::ssize(page.tasks) > query.count_max) {
    page.tasks.pop_back();
    page.next = place_of(page.tasks.back().task);
    return page;
  }
  if (is_page) return page;
  page.next = KATIP_TRY(end_of_window(sql, query));
  page.is_cut = page.next.has_value();
  return page;
}

}  // namespace katip::store
