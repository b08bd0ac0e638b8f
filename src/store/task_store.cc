#include "store/task_store.h"

#include <algorithm>

#include <boost/json.hpp>

#include "base/uuid.h"
#include "store/pieces/task_row.h"
#include "store/queries.h"
#include "store/row_fields.h"

/// Tested by jobs/queue_test.cc on both databases.
namespace katip::store {
namespace {

namespace json = boost::json;

template <typename T>
json::value optional_json(const std::optional<T>& value) {
  return value ? json::value_from(*value) : json::value(nullptr);
}

/// JSON of the caller's goes into the list as it is; the database reads it once.
std::string join_objects(std::vector<std::string> objects) {
  std::string list = "[";
  for (std::string& object : objects) {
    if (list.size() > 1) {
      list += ',';
    }
    list += object;
  }
  return list + "]";
}

/// {"a":1} and `,"b":{...}` -> {"a":1,"b":{...}}.
std::string with_raw(json::object object, std::string_view name, std::string_view raw) {
  std::string text = json::serialize(object);
  text.pop_back();
  return text + ",\"" + std::string(name) + "\":" + std::string(raw) + "}";
}

json::object key_json(const TaskKey& key) { return {{"id", key.id}, {"token", key.token}}; }

std::string to_json(const NewTask& task) {
  json::object object = {{"id", task.id},
                         {"kind", task.kind},
                         {"worker_kind", task.worker_kind},
                         {"queue", task.queue},
                         {"priority", task.priority},
                         {"tenant", task.tenant},
                         {"state", task.is_scheduled ? "scheduled" : "available"},
                         {"attempt_count_max", task.attempt_count_max},
                         {"unique_key", optional_json(task.unique_key)},
                         {"job_id", optional_json(task.job_id)},
                         {"request_id", optional_json(task.request_id)},
                         {"timeout_s", optional_json(task.timeout_s)},
                         {"run_at", to_text(task.run_at)},
                         {"created_at", to_text(task.created_at)}};
  return with_raw(std::move(object), "args", task.args);
}

std::string to_json(const FinishedTask& task) {
  json::object object = key_json(task.key);
  object["state"] = task.state;
  std::string text = with_raw(std::move(object), "result", task.result.value_or("null"));
  text.pop_back();
  return text + ",\"error\":" + task.error.value_or("null") + "}";
}

std::string to_json(const RetriedTask& task) {
  json::object object = key_json(task.key);
  object["run_at"] = to_text(task.run_at);
  return with_raw(std::move(object), "error", task.error);
}

std::string to_json(const RequeuedTask& task) {
  json::object object = key_json(task.key);
  object["crash_count"] = task.crash_count;
  object["runs_alone"] = task.runs_alone;
  object["is_counted"] = task.is_counted;
  return with_raw(std::move(object), "error", task.error);
}

std::string to_json(const TaskKey& key) { return json::serialize(key_json(key)); }

std::string to_json(const LaneClaim& claim) {
  return json::serialize(json::object{{"queue", claim.queue},
                                      {"priority", claim.priority},
                                      {"tenant", claim.tenant},
                                      {"count", claim.count}});
}

template <typename T>
std::string list_json(std::span<const T> items) {
  std::vector<std::string> objects;
  objects.reserve(items.size());
  for (const T& item : items) {
    objects.push_back(to_json(item));
  }
  return join_objects(std::move(objects));
}

std::string list_json(const std::vector<std::string>& texts) {
  return json::serialize(json::value_from(texts));
}

Value kinds_json(const Claimer& claimer) {
  return claimer.kinds ? Value(list_json(*claimer.kinds)) : Value();
}

Result<ClaimedTask> to_claimed(const Row& row) {
  ClaimedTask task;
  task.key.id = KATIP_TRY(row.get<std::string>("id"));
  task.key.token = KATIP_TRY(row.get<std::int64_t>("token"));
  task.kind = KATIP_TRY(row.get<std::string>("kind"));
  task.queue = KATIP_TRY(row.get<std::string>("queue"));
  task.priority = KATIP_TRY(int_of(row, "priority"));
  task.tenant = KATIP_TRY(row.get<std::string>("tenant"));
  task.attempt = KATIP_TRY(int_of(row, "attempt"));
  task.attempt_count_max = KATIP_TRY(int_of(row, "attempt_count_max"));
  task.crash_count = KATIP_TRY(int_of(row, "crash_count"));
  task.runs_alone = KATIP_TRY(row.get<bool>("runs_alone"));
  task.args = KATIP_TRY(row.get<std::string>("args"));
  task.job_id = KATIP_TRY(row.get<std::optional<std::string>>("job_id"));
  task.request_id = KATIP_TRY(row.get<std::optional<std::string>>("request_id"));
  task.timeout_s = KATIP_TRY(optional_int_of(row, "timeout_s"));
  task.run_at = KATIP_TRY(time_of(row, "run_at"));
  task.created_at = KATIP_TRY(time_of(row, "created_at"));
  return task;
}

Result<OrphanedTask> to_orphan(const Row& row) {
  OrphanedTask task;
  task.key.id = KATIP_TRY(row.get<std::string>("id"));
  task.key.token = KATIP_TRY(row.get<std::int64_t>("token"));
  task.attempt = KATIP_TRY(int_of(row, "attempt"));
  task.attempt_count_max = KATIP_TRY(int_of(row, "attempt_count_max"));
  task.crash_count = KATIP_TRY(int_of(row, "crash_count"));
  task.runs_alone = KATIP_TRY(row.get<bool>("runs_alone"));
  task.worker_id = KATIP_TRY(row.get<std::string>("worker_id"));
  task.is_cancel_requested = KATIP_TRY(row.get<bool>("is_cancel_requested"));
  task.company_count = KATIP_TRY(row.get<std::int64_t>("company_count"));
  return task;
}

template <typename T>
Result<std::vector<T>> each(const Rows& rows, Result<T> (*convert)(const Row&)) {
  std::vector<T> result;
  result.reserve(rows.size());
  for (const Row row : rows) {
    result.push_back(KATIP_TRY(convert(row)));
  }
  return result;
}

Result<Lane> to_lane(const Row& row) {
  Lane lane;
  lane.queue = KATIP_TRY(row.get<std::string>("queue"));
  lane.priority = KATIP_TRY(int_of(row, "priority"));
  lane.tenant = KATIP_TRY(row.get<std::string>("tenant"));
  lane.oldest_run_at = KATIP_TRY(time_of(row, "run_at"));
  return lane;
}

Result<RunningCount> to_running_count(const Row& row) {
  RunningCount running;
  running.queue = KATIP_TRY(row.get<std::string>("queue"));
  running.tenant = KATIP_TRY(row.get<std::string>("tenant"));
  running.count = KATIP_TRY(int_of(row, "running_count"));
  return running;
}

Result<Checkpoint> to_checkpoint(const Row& row) {
  Checkpoint checkpoint;
  checkpoint.position = KATIP_TRY(int_of(row, "position"));
  checkpoint.data = KATIP_TRY(row.get<std::string>("data"));
  return checkpoint;
}

Result<TaskKey> to_key(const Row& row) {
  TaskKey key;
  key.id = KATIP_TRY(row.get<std::string>("id"));
  key.token = KATIP_TRY(row.get<std::int64_t>("token"));
  return key;
}

Result<TaskCount> to_count(const Row& row) {
  TaskCount count;
  count.queue = KATIP_TRY(row.get<std::string>("queue"));
  count.state = KATIP_TRY(row.get<std::string>("state"));
  count.count = KATIP_TRY(row.get<std::int64_t>("task_count"));
  count.oldest_run_at = KATIP_TRY(time_of(row, "oldest_run_at"));
  return count;
}

Result<TaskCount> to_kind_count(const Row& row) {
  TaskCount count = KATIP_TRY(to_count(row));
  count.kind = KATIP_TRY(row.get<std::string>("kind"));
  return count;
}

Result<TaskCount> to_history_count(const Row& row) {
  TaskCount count;
  count.state = KATIP_TRY(row.get<std::string>("state"));
  count.count = KATIP_TRY(row.get<std::int64_t>("task_count"));
  return count;
}

Result<QueueRecord> to_queue(const Row& row) {
  QueueRecord queue;
  queue.name = KATIP_TRY(row.get<std::string>("name"));
  queue.mode = KATIP_TRY(row.get<std::string>("mode"));
  return queue;
}

}  // namespace

Result<Rows> TaskStore::run(std::string_view name, std::initializer_list<Value> parameters) {
  return sql_.query(Queries::of(sql_.dialect()).get(name), parameters);
}

Result<std::vector<std::string>> TaskStore::run_for_ids(std::string_view name,
                                                        std::initializer_list<Value> parameters) {
  const Rows rows = KATIP_TRY(run(name, parameters));
  std::vector<std::string> ids;
  ids.reserve(rows.size());
  for (const Row row : rows) {
    ids.push_back(KATIP_TRY(row.get<std::string>(0)));
  }
  return ids;
}

Status TaskStore::forget(std::string_view name, const std::vector<std::string>& ids) {
  if (is_sqlite() && !ids.empty()) {
    KATIP_TRY(run(name, {list_json(ids)}));
  }
  return {};
}

Status TaskStore::follow(std::string_view name, const std::vector<std::string>& ids,
                         Timestamp now) {
  if (!ids.empty()) {
    KATIP_TRY(run(name, {list_json(ids), to_text(now)}));
  }
  return {};
}

Status TaskStore::end_jobs_of(const std::vector<std::string>& ids, Timestamp now) {
  if (ids.empty()) return {};
  auto jobs = KATIP_TRY(run_for_ids("end_jobs_of_tasks", {list_json(ids), to_text(now)}));
  ended_jobs_.insert(ended_jobs_.end(), jobs.begin(), jobs.end());
  return {};
}

Status TaskStore::start_jobs_of(std::span<const ClaimedTask> tasks, Timestamp now) {
  std::vector<std::string> ids;
  for (const ClaimedTask& task : tasks) {
    if (task.job_id) ids.push_back(task.key.id);
  }
  return follow("start_jobs_of_tasks", ids, now);
}

Result<std::vector<std::string>> TaskStore::insert(std::span<const NewTask> tasks) {
  return run_for_ids("insert_tasks", {list_json(tasks)});
}

Result<std::optional<std::string>> TaskStore::find_by_unique_key(const std::string& unique_key) {
  const auto ids = KATIP_TRY(
      run_for_ids("find_tasks_by_unique_key", {list_json(std::vector<std::string>{unique_key})}));
  return ids.empty() ? std::nullopt : std::optional(ids.front());
}

Result<std::vector<Lane>> TaskStore::lanes(const LaneQuery& query) {
  return each(
      KATIP_TRY(run("list_lanes", {query.worker_kind, query.count_max, query.priority_min})),
      to_lane);
}

Result<std::vector<Lane>> TaskStore::lanes_behind(const LaneQuery& query, const Lane& lane) {
  return each(KATIP_TRY(run("list_lanes_behind", {query.worker_kind, query.count_max, lane.queue,
                                                  lane.priority, lane.tenant})),
              to_lane);
}

Result<std::vector<RunningCount>> TaskStore::running_counts(const std::string& worker_kind) {
  return each(KATIP_TRY(run("count_running_by_tenant", {worker_kind})), to_running_count);
}

Result<std::vector<ClaimedTask>> TaskStore::claim(const Claimer& claimer,
                                                  std::span<const LaneClaim> claims,
                                                  Timestamp now) {
  std::vector<ClaimedTask> all;
  const Value kinds = kinds_json(claimer);
  if (!is_sqlite()) {
    const Rows rows = KATIP_TRY(run("claim_tasks", {claimer.worker_kind, list_json(claims),
                                                    claimer.worker_id, to_text(now), kinds}));
    all = KATIP_TRY(each(rows, to_claimed));
    KATIP_TRY(start_jobs_of(all, now));
    return all;
  }
  for (const LaneClaim& claim : claims) {
    const Rows rows = KATIP_TRY(
        run("claim_tasks", {claimer.worker_kind, claim.queue, claim.priority, claim.tenant,
                            claim.count, claimer.worker_id, to_text(now), kinds}));
    std::vector<ClaimedTask> some = KATIP_TRY(each(rows, to_claimed));
    all.insert(all.end(), std::make_move_iterator(some.begin()),
               std::make_move_iterator(some.end()));
  }
  KATIP_TRY(start_jobs_of(all, now));
  return all;
}

Result<std::optional<ClaimedTask>> TaskStore::claim_alone(const Claimer& claimer, Timestamp now) {
  const Rows rows = KATIP_TRY(run("claim_task_alone", {claimer.worker_kind, claimer.worker_id,
                                                       to_text(now), kinds_json(claimer)}));
  if (rows.empty()) {
    return std::optional<ClaimedTask>();
  }
  ClaimedTask task = KATIP_TRY(to_claimed(rows[0]));
  KATIP_TRY(start_jobs_of(std::span(&task, 1), now));
  return std::optional(std::move(task));
}

Result<bool> TaskStore::has_alone(const Claimer& claimer) {
  return !KATIP_TRY(run("has_task_alone", {claimer.worker_kind, kinds_json(claimer)})).empty();
}

Result<std::vector<std::string>> TaskStore::finish(std::span<const FinishedTask> tasks,
                                                   Timestamp now) {
  auto ids = KATIP_TRY(run_for_ids("finish_tasks", {list_json(tasks), to_text(now)}));
  KATIP_TRY(forget("delete_tasks", ids));
  const auto is_completed = [](const FinishedTask& task) { return task.state == "completed"; };
  if (!std::ranges::all_of(tasks, is_completed)) {
    KATIP_TRY(end_jobs_of(ids, now));
  }
  return ids;
}

Result<std::vector<std::string>> TaskStore::retry_later(std::span<const RetriedTask> tasks,
                                                        Timestamp now) {
  auto ids = KATIP_TRY(run_for_ids("retry_tasks", {list_json(tasks)}));
  KATIP_TRY(follow("requeue_jobs_of_tasks", ids, now));
  return ids;
}

Result<std::vector<std::string>> TaskStore::release(std::span<const TaskKey> tasks, Timestamp now) {
  auto ids = KATIP_TRY(run_for_ids("release_tasks", {list_json(tasks)}));
  KATIP_TRY(follow("requeue_jobs_of_tasks", ids, now));
  return ids;
}

Result<std::vector<std::string>> TaskStore::requeue(std::span<const RequeuedTask> tasks,
                                                    Timestamp now) {
  auto ids = KATIP_TRY(run_for_ids("requeue_orphans", {list_json(tasks)}));
  KATIP_TRY(follow("requeue_jobs_of_tasks", ids, now));
  return ids;
}

Result<std::int64_t> TaskStore::wake_due(Timestamp now, int count_max) {
  return std::ssize(KATIP_TRY(run_for_ids("wake_due_tasks", {to_text(now), count_max})));
}

Result<std::optional<Timestamp>> TaskStore::next_due_at() {
  const Rows rows = KATIP_TRY(run("next_due_at"));
  return optional_time_of(rows[0], "run_at");
}

Result<bool> TaskStore::sweep(std::int64_t dead_count_max) {
  const Rows rows = KATIP_TRY(run("count_dead_tasks"));
  if (KATIP_TRY(rows[0].get<std::int64_t>("dead_count")) <= dead_count_max) return false;
  KATIP_TRY(run("vacuum_tasks"));
  return true;
}

Result<bool> TaskStore::set_progress(const TaskKey& key, double progress) {
  return KATIP_TRY(run("set_task_progress", {key.id, key.token, progress})).affected_count() == 1;
}

Result<bool> TaskStore::hold(const TaskKey& key) {
  return !KATIP_TRY(run("hold_task", {key.id, key.token})).empty();
}

Result<bool> TaskStore::save_checkpoint(const TaskKey& key, const Checkpoint& checkpoint,
                                        Timestamp now) {
  return !KATIP_TRY(run("insert_checkpoint",
                        {key.id, key.token, checkpoint.position, checkpoint.data, to_text(now)}))
              .empty();
}

Result<std::vector<Checkpoint>> TaskStore::checkpoints(const std::string& id) {
  return each(KATIP_TRY(run("list_checkpoints", {id})), to_checkpoint);
}

Result<bool> TaskStore::cancel_waiting(const std::string& id, Timestamp now) {
  const auto ids = KATIP_TRY(run_for_ids("cancel_waiting_task", {id, to_text(now)}));
  KATIP_TRY(forget("delete_tasks", ids));
  KATIP_TRY(end_jobs_of(ids, now));
  return !ids.empty();
}

Result<bool> TaskStore::request_cancel(const std::string& id) {
  return !KATIP_TRY(run("request_cancel", {id})).empty();
}

Result<std::vector<TaskKey>> TaskStore::cancel_requests(const std::string& worker_id) {
  return each(KATIP_TRY(run("list_cancel_requests", {worker_id})), to_key);
}

Result<bool> TaskStore::revive(const std::string& id, Timestamp now) {
  const auto ids = KATIP_TRY(run_for_ids("revive_task", {id, to_text(now)}));
  KATIP_TRY(forget("delete_history", ids));
  KATIP_TRY(follow("requeue_jobs_of_tasks", ids, now));
  return !ids.empty();
}

Result<std::vector<OrphanedTask>> TaskStore::orphans(int count_max) {
  return each(KATIP_TRY(run("list_orphans", {count_max})), to_orphan);
}

Status TaskStore::lock_rescues() {
  KATIP_TRY(run("lock_rescues"));
  return {};
}

Result<bool> TaskStore::try_lock_rescues() {
  return KATIP_TRY(run("try_lock_rescues"))[0].get<bool>(0);
}

Status TaskStore::lock_counts() {
  KATIP_TRY(run("lock_counts"));
  return {};
}

Result<std::int64_t> TaskStore::pardon(const std::string& worker_id,
                                       const std::vector<std::string>& suspects) {
  return std::ssize(KATIP_TRY(run_for_ids("pardon_tasks", {worker_id, list_json(suspects)})));
}

Result<std::vector<TaskKey>> TaskStore::held_by(const std::string& worker_id) {
  return each(KATIP_TRY(run("list_held", {worker_id})), to_key);
}

Status TaskStore::lock(const std::string& id) {
  KATIP_TRY(run("lock_task", {id}));
  return {};
}

Result<std::optional<TaskRecord>> TaskStore::find(const std::string& id) {
  const Rows rows = KATIP_TRY(run("find_task", {id}));
  if (rows.empty()) {
    return std::optional<TaskRecord>();
  }
  return std::optional(KATIP_TRY(task_of(rows[0])));
}

Result<std::vector<std::string>> TaskStore::ended(const std::vector<std::string>& ids) {
  return run_for_ids("find_ended_tasks", {list_json(ids)});
}

Result<std::vector<TaskCount>> TaskStore::counts() {
  return each(KATIP_TRY(run("count_tasks")), to_count);
}

Result<std::vector<TaskCount>> TaskStore::counts_by_kind() {
  return each(KATIP_TRY(run("count_tasks_by_kind")), to_kind_count);
}

Result<std::vector<TaskCount>> TaskStore::history_counts(Timestamp since) {
  return each(KATIP_TRY(run("count_history", {to_text(since)})), to_history_count);
}

Result<std::vector<JobTask>> TaskStore::of_job(const std::string& job_id) {
  std::vector<JobTask> tasks;
  if (!is_uuid(job_id)) return tasks;
  for (const Row row : KATIP_TRY(run("tasks_of_job", {job_id}))) {
    JobTask task;
    task.id = KATIP_TRY(row.get<std::string>("id"));
    task.kind = KATIP_TRY(row.get<std::string>("kind"));
    task.state = KATIP_TRY(row.get<std::string>("state"));
    task.created_at = KATIP_TRY(time_of(row, "created_at"));
    tasks.push_back(std::move(task));
  }
  return tasks;
}

Result<std::vector<TaskRecord>> TaskStore::final_tasks(const std::string& state,
                                                       const std::optional<std::string>& kind,
                                                       int count_max) {
  return each(KATIP_TRY(run("list_final_tasks", {state, kind, count_max})), task_of);
}

Result<std::vector<TaskRecord>> TaskStore::live_tasks(const std::string& state,
                                                      const std::optional<std::string>& kind,
                                                      int count_max) {
  return each(KATIP_TRY(run("list_live_tasks", {state, kind, count_max})), task_of);
}

Result<std::int64_t> TaskStore::prune_history(Timestamp before, int count_max) {
  return KATIP_TRY(run("prune_history", {to_text(before), count_max})).affected_count();
}

Result<std::int64_t> TaskStore::delete_waiting(int count_max) {
  return KATIP_TRY(run("delete_waiting_tasks", {count_max})).affected_count();
}

Status TaskStore::set_queue_mode(const std::string& queue, const std::string& mode,
                                 const std::string& changed_by, Timestamp now) {
  KATIP_TRY(run("set_queue_mode", {queue, mode, changed_by, to_text(now)}));
  return {};
}

Result<std::vector<QueueRecord>> TaskStore::queues() {
  return each(KATIP_TRY(run("list_queues")), to_queue);
}

}  // namespace katip::store
