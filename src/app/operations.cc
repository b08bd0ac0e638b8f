#include "app/operations.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/utf8.h"
#include "base/uuid.h"
#include "jobs/cron.h"
#include "jobs/task_state.h"

/// Tested by operations_test.cc on both databases.
namespace katip::app {
namespace {

constexpr std::array<std::string_view, 4> kQueueNames = {"critical", "high", "default", "low"};
constexpr int kPageSizeMax = 200;
constexpr int kWorkerCountMax = 1'000;

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
  return *std::move(found);
}

Result<TaskPage> Operations::tasks(const Principal& principal, const TaskQuery& query,
                                   std::stop_token stop) {
  KATIP_TRY(check(principal));
  const auto state = parse_state(query.state);
  if (!state) {
    return fail(ErrorCode::kInvalidArgument,
                "state: scheduled, available, running, retryable, completed, cancelled, discarded "
                "or quarantined");
  }
  if (query.count_max < 1 || query.count_max > kPageSizeMax) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("limit: 1 to {}", kPageSizeMax));
  }
  if (query.after && !is_uuid(*query.after)) {
    return fail(ErrorCode::kInvalidArgument, "cursor: next_cursor of the page before");
  }
  const store::PooledConnection sql = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  store::TaskStore tasks(*sql);
  const store::TaskStore::ListOptions options{.state = query.state,
                                              .kind = query.kind,
                                              .count_max = query.count_max + 1,
                                              .after = query.after};
  TaskPage page{
      .tasks = KATIP_TRY(is_live(*state) ? tasks.live_tasks(options) : tasks.final_tasks(options))};
  page.has_more = page.tasks.size() > static_cast<std::size_t>(query.count_max);
  if (page.has_more) page.tasks.pop_back();
  return page;
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

Result<std::vector<ScheduleView>> Operations::schedules(const Principal& principal,
                                                        std::stop_token stop) {
  KATIP_TRY(check(principal));
  const store::PooledConnection sql = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  std::vector<ScheduleView> views;
  for (store::ScheduleRecord& schedule : KATIP_TRY(store::ScheduleStore(*sql).list())) {
    ScheduleView view{.schedule = std::move(schedule), .next_at = {}};
    const auto cron = jobs::Cron::parse(view.schedule.cron, view.schedule.time_zone);
    if (cron && view.schedule.is_active) view.next_at = cron->next_after(queue_.now());
    views.push_back(std::move(view));
  }
  return views;
}

Result<jobs::Enqueued> Operations::run_schedule(const Principal& principal, const std::string& name,
                                                const std::string& request_id,
                                                std::stop_token stop) {
  const std::vector<ScheduleView> all = KATIP_TRY(schedules(principal, stop));
  const auto found =
      std::ranges::find(all, name, [](const ScheduleView& view) { return view.schedule.name; });
  if (found == all.end()) return fail(ErrorCode::kNotFound, "there is no schedule of this name");
  TaskOrder order{.kind = found->schedule.kind, .args = found->schedule.args};
  if (!request_id.empty()) order.request_id = request_id;
  return trigger(principal, order, std::move(stop));
}

}  // namespace katip::app
