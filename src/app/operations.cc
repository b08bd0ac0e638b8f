#include "app/operations.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "app/task_secrets.h"
#include "app/worker_kinds.h"
#include "base/utf8.h"
#include "base/uuid.h"
#include "jobs/autoscaler.h"
#include "jobs/cron.h"
#include "jobs/scheduler.h"
#include "jobs/task_state.h"

/// Tested by operations_test.cc on both databases.
namespace katip::app {
namespace {

constexpr std::array<std::string_view, 4> kQueueNames = {"critical", "high", "default", "low"};
constexpr int kPageSizeMax = 200;
constexpr int kWorkerCountMax = 1'000;
/// Many who look at the same figures make the database count once.
constexpr std::chrono::seconds kFiguresKept(2);
constexpr std::size_t kFigureSpansMax = 16;

Status check(const Principal& principal) {
  if (principal.may(Permission::kOperate)) return {};
  return fail(ErrorCode::kPermissionDenied, "this is for operators: it needs the scope `operate`");
}

std::string_view name(QueueMode mode) {
  switch (mode) {
    case QueueMode::kOpen:
      return "open";
    case QueueMode::kPaused:
      return "paused";
    case QueueMode::kDraining:
      return "draining";
  }
  return "open";
}

std::optional<jobs::TaskState> parse_state(std::string_view text) {
  using enum jobs::TaskState;
  for (const jobs::TaskState state : {kScheduled, kAvailable, kRunning, kRetryable, kCompleted,
                                      kCancelled, kDiscarded, kQuarantined}) {
    if (jobs::name(state) == text) return state;
  }
  return std::nullopt;
}

bool is_live(jobs::TaskState state) {
  using enum jobs::TaskState;
  return state == kScheduled || state == kAvailable || state == kRunning || state == kRetryable;
}

std::unexpected<Error> no_task() {
  return fail(ErrorCode::kNotFound, "there is no task of this id");
}

bool is_state(std::string_view text) {
  return text == "live" || text == "ended" || parse_state(text).has_value();
}

Status check(const TaskQuery& query) {
  if (!is_state(query.filter.state)) {
    return fail(ErrorCode::kInvalidArgument,
                "state: scheduled, available, running, retryable, completed, cancelled, discarded, "
                "quarantined, live or ended");
  }
  for (const auto& id : {query.filter.id, query.filter.worker_id}) {
    if (id && !is_uuid(*id)) return fail(ErrorCode::kInvalidArgument, "an id is a uuid");
  }
  if (query.count_max < 1 || query.count_max > kPageSizeMax) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("limit: 1 to {}", kPageSizeMax));
  }
  return {};
}

void hide_secrets(Task& task) {
  task.args = without_secrets(task.args);
  if (task.result) task.result = without_secrets(*task.result);
}

QueueView view_of(std::string_view queue, const std::vector<store::TaskCount>& counts,
                  const std::vector<store::QueueRecord>& records) {
  QueueView view{.name = std::string(queue), .mode = "open", .tasks = {}, .oldest_since = {}};
  for (const store::QueueRecord& record : records) {
    if (record.name == queue) view.mode = record.mode;
  }
  for (const store::TaskCount& count : counts) {
    if (count.queue != queue) continue;
    view.tasks[count.state] = count.count;
    if (count.state == "available") view.oldest_since = count.oldest_run_at;
  }
  return view;
}

}  // namespace

TaskVerdict verdict_of(const Task& task) {
  const auto state = parse_state(task.state);
  if (!state || is_live(*state)) return TaskVerdict::kProcessing;
  return *state == jobs::TaskState::kCompleted ? TaskVerdict::kReady : TaskVerdict::kFailed;
}

Result<std::vector<QueueView>> Operations::queues(const Principal& principal,
                                                  std::stop_token stop) {
  KATIP_TRY(check(principal));
  const store::PooledConnection sql = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  store::TaskStore tasks(*sql);
  const auto counts = KATIP_TRY(tasks.counts());
  const auto records = KATIP_TRY(tasks.queues());
  std::vector<QueueView> views;
  for (const std::string_view queue : kQueueNames) {
    views.push_back(view_of(queue, counts, records));
  }
  return views;
}

Result<QueueView> Operations::set_mode(const Principal& principal, const std::string& queue,
                                       QueueMode mode, std::stop_token stop) {
  KATIP_TRY(check(principal));
  if (std::ranges::find(kQueueNames, queue) == kQueueNames.end()) {
    return fail(ErrorCode::kNotFound, "the queues are critical, high, default and low");
  }
  const std::string who = principal.name.substr(0, cut_size(principal.name, 200));
  QueueView view;
  KATIP_TRY(queue_.with_store(
      [&](store::TaskStore& tasks) -> Status {
        KATIP_TRY(tasks.set_queue_mode(queue, std::string(name(mode)), who, queue_.now()));
        const auto counts = KATIP_TRY(tasks.counts());
        view = view_of(queue, counts, KATIP_TRY(tasks.queues()));
        return {};
      },
      stop));
  return view;
}

Result<jobs::Enqueued> Operations::trigger(const Principal& principal, const TaskOrder& order,
                                           std::stop_token stop) {
  KATIP_TRY(check(principal));
  return queue_.enqueue({.kind = order.kind,
                         .args = order.args,
                         .tenant = principal.owner.substr(0, cut_size(principal.owner, 128)),
                         .queue = order.queue,
                         .priority = order.priority,
                         .unique_key = order.unique_key,
                         .request_id = order.request_id,
                         .timeout_s = order.timeout_s,
                         .run_at = order.run_at},
                        std::move(stop));
}

Result<Task> Operations::task(const Principal& principal, const std::string& id,
                              std::stop_token stop) {
  KATIP_TRY(check(principal));
  if (!is_uuid(id)) return no_task();
  const store::PooledConnection sql = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  auto found = KATIP_TRY(store::TaskStore(*sql).find(id));
  if (!found) return no_task();
  hide_secrets(*found);
  return *std::move(found);
}

Result<TaskList> Operations::tasks(const Principal& principal, const TaskQuery& query,
                                   std::stop_token stop) {
  KATIP_TRY(check(principal));
  KATIP_TRY(check(query));
  store::TaskPageQuery wanted{.filter = query.filter, .after = {}, .count_max = query.count_max};
  if (query.cursor) wanted.after = KATIP_TRY(store::parse_page_cursor(*query.cursor));
  const store::PooledConnection sql = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  store::TaskPage page = KATIP_TRY(store::list_tasks(*sql, wanted));
  TaskList list{.tasks = std::move(page.tasks), .next_cursor = {}, .is_cut = page.is_cut};
  for (ListedTask& each : list.tasks) hide_secrets(each.task);
  if (page.next) list.next_cursor = store::to_text(*page.next);
  if (page.next && page.is_cut) list.searched_to = page.next->time;
  return list;
}

Result<Task> Operations::cancel(const Principal& principal, const std::string& id,
                                std::stop_token stop) {
  const Task found = KATIP_TRY(task(principal, id, stop));
  if (verdict_of(found) != TaskVerdict::kProcessing) {
    return fail(ErrorCode::kConflict, fmt::format("the task has ended: it is {}", found.state));
  }
  KATIP_TRY(queue_.cancel(id, stop));
  return task(principal, id, stop);
}

Result<Task> Operations::retry(const Principal& principal, const std::string& id,
                               std::stop_token stop) {
  const Task found = KATIP_TRY(task(principal, id, stop));
  if (verdict_of(found) != TaskVerdict::kFailed) {
    return fail(
        ErrorCode::kConflict,
        fmt::format("only what was discarded, quarantined or cancelled can be retried; this "
                    "task is {}",
                    found.state));
  }
  KATIP_TRY(queue_.revive(id, stop));
  return task(principal, id, stop);
}

Result<BulkReport> Operations::change_many(const Principal& principal,
                                           const TaskSelection& selection, Change change,
                                           std::stop_token stop) {
  KATIP_TRY(check(principal));
  BulkReport report;
  std::vector<std::string> ids = selection.ids;
  if (ids.empty() && selection.query) {
    const TaskList list = KATIP_TRY(tasks(principal, *selection.query, stop));
    for (const ListedTask& each : list.tasks) ids.push_back(each.task.id);
    report.next_cursor = list.next_cursor;
  }
  for (const std::string& id : ids) {
    const Status done = (queue_.*change)(id, stop);
    if (done) {
      ++report.changed;
      continue;
    }
    const ErrorCode code = done.error().code;
    const bool is_about_it = code == ErrorCode::kNotFound || code == ErrorCode::kConflict ||
                             code == ErrorCode::kInvalidArgument;
    if (!is_about_it) return std::unexpected(done.error());
    ++report.refused;
  }
  return report;
}

Result<BulkReport> Operations::cancel_many(const Principal& principal,
                                           const TaskSelection& selection, std::stop_token stop) {
  if (selection.query) {
    const std::string& state = selection.query->filter.state;
    const auto known = parse_state(state);
    if (state != "live" && !(known && is_live(*known))) {
      return fail(ErrorCode::kInvalidArgument, "what has ended cannot be cancelled");
    }
  }
  return change_many(principal, selection, &jobs::Queue::cancel, std::move(stop));
}

Result<BulkReport> Operations::retry_many(const Principal& principal,
                                          const TaskSelection& selection, std::stop_token stop) {
  if (selection.query) {
    const auto known = parse_state(selection.query->filter.state);
    if (!known || is_live(*known) || *known == jobs::TaskState::kCompleted) {
      return fail(ErrorCode::kInvalidArgument,
                  "only what was discarded, quarantined or cancelled can be retried");
    }
  }
  return change_many(principal, selection, &jobs::Queue::revive, std::move(stop));
}

Result<TaskFigures> Operations::figures(const Principal& principal, std::chrono::minutes span,
                                        std::stop_token stop) {
  KATIP_TRY(check(principal));
  const auto read_at = queue_.clock().now();
  const auto kept = figures_.with_lock([&](auto& all) -> std::optional<TaskFigures> {
    const auto found = all.find(span);
    if (found == all.end() || read_at - found->second.read_at > kFiguresKept) return std::nullopt;
    return found->second.figures;
  });
  if (kept) return *kept;
  const FigureSpan wanted{.since = queue_.now() - span, .now = queue_.now()};
  const store::PooledConnection sql = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  const auto ended = KATIP_TRY(store::latest_finished_tasks(*sql, wanted.since, wanted.count_max));
  TaskFigures figures = summarize(ended, wanted);
  figures_.with_lock([&](auto& all) {
    if (all.size() > kFigureSpansMax) all.clear();
    all[span] = {.read_at = read_at, .figures = figures};
  });
  return figures;
}

Result<std::vector<Worker>> Operations::workers(const Principal& principal, std::stop_token stop) {
  KATIP_TRY(check(principal));
  const store::PooledConnection sql = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  return store::WorkerStore(*sql).list(queue_.now() - std::chrono::hours(1), kWorkerCountMax);
}

Status Operations::stop_worker(const Principal& principal, const std::string& id,
                               std::stop_token stop) {
  const std::vector<Worker> all = KATIP_TRY(workers(principal, stop));
  const auto found = std::ranges::find(all, id, &Worker::id);
  if (found == all.end()) return fail(ErrorCode::kNotFound, "there is no worker of this id");
  if (found->ended_at) {
    return fail(ErrorCode::kConflict, fmt::format("the worker is {}", found->state));
  }
  const store::PooledConnection sql = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  return store::WorkerStore(*sql).ask_to_stop(id);
}

Result<std::vector<AutoscaleView>> Operations::autoscale(const Principal& principal,
                                                         std::stop_token stop) {
  KATIP_TRY(check(principal));
  const store::PooledConnection sql = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  store::WorkerStore store(*sql);
  const std::vector<store::SetBounds> set = KATIP_TRY(store.list_bounds());
  const std::vector<Worker> workers = KATIP_TRY(store.list(queue_.now(), kWorkerCountMax));
  std::vector<AutoscaleView> views;
  for (const std::string_view kind : kWorkerKinds) {
    AutoscaleView view{.worker_kind = std::string(kind)};
    const auto found = std::ranges::find(set, kind, &store::SetBounds::worker_kind);
    if (found != set.end()) view.set = *found;
    std::ranges::copy_if(workers, std::back_inserter(view.workers), [&](const Worker& worker) {
      return worker.worker_kind == kind && !worker.ended_at;
    });
    views.push_back(std::move(view));
  }
  return views;
}

Result<AutoscaleView> Operations::set_autoscale(const Principal& principal,
                                                const std::string& worker_kind,
                                                const std::optional<SlotBounds>& bounds,
                                                std::stop_token stop) {
  KATIP_TRY(check(principal));
  const auto kind = std::ranges::find(kWorkerKinds, worker_kind);
  if (kind == kWorkerKinds.end()) {
    return fail(ErrorCode::kNotFound, "the kinds of workers are engine and general");
  }
  if (bounds) {
    const jobs::AutoscaleOptions slots{.slot_count_max = bounds->slot_count_max,
                                       .slot_count_min = bounds->slot_count_min};
    KATIP_TRY(slots.validate());
  }
  {
    const store::PooledConnection sql = KATIP_TRY(queue_.pool().acquire(stop));
    store::WorkerStore store(*sql);
    KATIP_TRY(bounds ? store.put_bounds(
                           {.worker_kind = worker_kind,
                            .bounds = *bounds,
                            .changed_by = principal.name.substr(0, cut_size(principal.name, 200)),
                            .updated_at = queue_.now()})
                     : store.delete_bounds(worker_kind));
  }
  auto views = KATIP_TRY(autoscale(principal, std::move(stop)));
  return std::move(views.at(static_cast<std::size_t>(kind - kWorkerKinds.begin())));
}

Result<std::vector<ScheduleView>> Operations::schedules(const Principal& principal,
                                                        std::stop_token stop) {
  KATIP_TRY(check(principal));
  const store::PooledConnection sql = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  std::vector<ScheduleView> views;
  for (store::ScheduleRecord& schedule : KATIP_TRY(store::ScheduleStore(*sql).list())) {
    ScheduleView view{.schedule = std::move(schedule), .next_at = {}};
    const auto cron = jobs::Cron::parse(view.schedule.cron, view.schedule.time_zone);
    if (cron && view.schedule.is_active && !view.schedule.is_paused) {
      view.next_at = cron->next_after(queue_.now());
    }
    views.push_back(std::move(view));
  }
  return views;
}

Result<jobs::Enqueued> Operations::run_schedule(const Principal& principal, const std::string& name,
                                                const std::string& request_id,
                                                std::stop_token stop) {
  const ScheduleView found = KATIP_TRY(schedule(principal, name, stop));
  TaskOrder order{.kind = found.schedule.kind, .args = found.schedule.args};
  if (!request_id.empty()) order.request_id = request_id;
  return trigger(principal, order, std::move(stop));
}

Result<ScheduleView> Operations::schedule(const Principal& principal, const std::string& name,
                                          std::stop_token stop) {
  std::vector<ScheduleView> all = KATIP_TRY(schedules(principal, std::move(stop)));
  const auto found =
      std::ranges::find(all, name, [](const ScheduleView& view) { return view.schedule.name; });
  if (found == all.end()) return fail(ErrorCode::kNotFound, "there is no schedule of this name");
  return std::move(*found);
}

Result<ScheduleView> Operations::put_schedule(const Principal& principal,
                                              const ScheduleOrder& order, std::stop_token stop) {
  KATIP_TRY(check(principal));
  KATIP_TRY(jobs::check_schedule({.name = order.name,
                                  .cron = order.cron,
                                  .time_zone = order.time_zone,
                                  .kind = order.kind,
                                  .args = order.args}));
  if (order.missed != "once" && order.missed != "skip") {
    return fail(ErrorCode::kInvalidArgument, "missed is once or skip");
  }
  {
    const store::PooledConnection sql = KATIP_TRY(queue_.pool().acquire(stop));
    const store::ScheduleRecord record{.name = order.name,
                                       .cron = order.cron,
                                       .time_zone = order.time_zone,
                                       .kind = order.kind,
                                       .args = order.args,
                                       .missed = order.missed};
    if (!KATIP_TRY(store::ScheduleStore(*sql).put_added(record, queue_.now()))) {
      return fail(ErrorCode::kConflict,
                  "the configuration has a schedule of this name: change it there");
    }
  }
  return schedule(principal, order.name, std::move(stop));
}

Result<ScheduleView> Operations::pause_schedule(const Principal& principal, const std::string& name,
                                                bool is_paused, std::stop_token stop) {
  KATIP_TRY(check(principal));
  {
    const store::PooledConnection sql = KATIP_TRY(queue_.pool().acquire(stop));
    KATIP_TRY(store::ScheduleStore(*sql).set_paused(name, is_paused, queue_.now()));
  }
  return schedule(principal, name, std::move(stop));
}

Status Operations::remove_schedule(const Principal& principal, const std::string& name,
                                   std::stop_token stop) {
  KATIP_TRY(schedule(principal, name, stop));
  const store::PooledConnection sql = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  if (KATIP_TRY(store::ScheduleStore(*sql).remove_added(name))) return {};
  return fail(ErrorCode::kConflict,
              "the configuration has this schedule: switch it off here, or take it out there");
}

}  // namespace katip::app
