#include "jobs/queue.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "jobs/request_check.h"
#include "jobs/storable_text.h"
#include "store/transaction.h"
#include "store/worker_store.h"

/// Every public function is one transaction, tried again when another one was in the way. Rows are
/// the only memory: this class can be thrown away and made anew at any moment.
///
/// Tested by queue_test.cc on both databases, and with faults by simulation_test.cc.
namespace katip::jobs {

namespace json = boost::json;
using store::ClaimedTask;
using store::TaskStore;

namespace {

constexpr int kOrphanCountMax = 10'000;

/// The other place where an exception may end: an effect that threw must not end the worker, and
/// with it all tasks beside it.
Status call_effect(const Outcome& outcome, store::Connection& sql) {
  try {
    return outcome.effect(sql);
  } catch (const std::exception& e) {
    return fail(ErrorCode::kCorruptData, fmt::format("the result cannot be written: {}", e.what()));
  }
}

/// Errors that say nothing about the result: it can be written later as it is.
bool can_be_written_later(ErrorCode code) {
  return code == ErrorCode::kOverloaded || code == ErrorCode::kUnavailable ||
         code == ErrorCode::kTimeout || code == ErrorCode::kCancelled;
}

/// What becomes of a task whose outcome the database refuses for good.
Outcome refused(const Outcome& outcome, const Error& error) {
  return {.task = outcome.task, .status = fail("the result cannot be stored", error)};
}

bool is_suspected(const Death& death, const store::OrphanedTask& task) {
  return !death.is_orderly && std::ranges::find(death.started, task.key.id) != death.started.end();
}

constexpr store::RetryOptions kByIndex{.mode = store::TransactionMode::kWriteByIndex};

}  // namespace

Queue::Queue(store::Pool& pool, const Clock& clock, Rng& rng, QueueOptions options)
    : pool_(pool), clock_(clock), rng_(rng), options_(std::move(options)), ids_(clock, rng) {}

Status Queue::with_store(const std::function<Status(TaskStore&)>& body, std::stop_token stop) {
  store::PooledConnection connection = KATIP_TRY(pool_.acquire(stop));
  return store::run_transaction(*connection, kByIndex, stop, [&](store::Connection& sql) -> Status {
    TaskStore tasks(sql);
    KATIP_TRY(body(tasks));
    return tell(tasks, sql);
  });
}

/// Whoever wants to be told of jobs writes it down in the transaction that ends them.
Status Queue::tell(const TaskStore& tasks, store::Connection& sql) {
  if (tasks.ended_jobs().empty() || !options_.on_jobs_ended) return {};
  return options_.on_jobs_ended(*this, sql, tasks.ended_jobs());
}

// --- In ---------------------------------------------------------------------------------------

store::NewTask Queue::to_row(const TaskRequest& request) {
  const Route route = options_.routing.route(request.kind);
  const std::string queue = request.queue.value_or(route.queue);
  const store::Timestamp created_at = now();
  const store::Timestamp run_at = request.run_at.value_or(created_at);
  return {.id = new_id(),
          .kind = request.kind,
          .worker_kind = route.worker_kind,
          .queue = queue,
          .priority = request.priority.value_or(*priority_of_queue(queue)),
          .tenant = request.tenant,
          .attempt_count_max = request.attempt_count_max,
          .args = request.args,
          .unique_key = request.unique_key,
          .job_id = request.job_id,
          .request_id = request.request_id,
          .timeout_s = request.timeout_s,
          .run_at = run_at,
          .created_at = created_at,
          .is_scheduled = run_at > created_at};
}

Result<std::vector<Enqueued>> Queue::enqueue_in(store::Connection& sql,
                                                std::span<const TaskRequest> requests) {
  TaskStore tasks(sql);
  std::vector<store::NewTask> rows;
  for (const TaskRequest& request : requests) {
    KATIP_TRY(check_request(request));
    rows.push_back(to_row(request));
  }
  for (const store::QueueRecord& queue : KATIP_TRY(tasks.queues())) {
    const bool is_wanted = std::ranges::any_of(
        rows, [&](const store::NewTask& row) { return row.queue == queue.name; });
    if (queue.mode == "draining" && is_wanted) {
      return fail(ErrorCode::kUnavailable,
                  fmt::format("the queue {} is drained and takes no tasks; `katip queue resume {}` "
                              "opens it",
                              queue.name, queue.name));
    }
  }
  const auto inserted = KATIP_TRY(tasks.insert(rows));
  const std::unordered_set<std::string> is_new(inserted.begin(), inserted.end());
  std::vector<Enqueued> result;
  for (const store::NewTask& row : rows) {
    if (is_new.contains(row.id)) {
      result.push_back({.id = row.id, .is_new = true});
      continue;
    }
    const auto existing = KATIP_TRY(tasks.find_by_unique_key(*row.unique_key));
    if (!existing) {  // It ended between the two statements.
      return fail(ErrorCode::kOverloaded, "the task with this unique key has just ended");
    }
    result.push_back({.id = *existing, .is_new = false});
  }
  return result;
}

Result<std::vector<Enqueued>> Queue::enqueue(std::span<const TaskRequest> requests,
                                             std::stop_token stop) {
  store::PooledConnection connection = KATIP_TRY(pool_.acquire(stop));
  return store::run_transaction(*connection, kByIndex, stop,
                                [&](store::Connection& sql) { return enqueue_in(sql, requests); });
}

Result<Enqueued> Queue::enqueue(const TaskRequest& request, std::stop_token stop) {
  std::vector<Enqueued> all = KATIP_TRY(enqueue(std::span(&request, 1), std::move(stop)));
  return std::move(all.front());
}

// --- Out --------------------------------------------------------------------------------------

Result<std::vector<ClaimedTask>> Queue::claim(const ClaimRequest& request, std::stop_token stop) {
  std::vector<ClaimedTask> claimed;
  const auto body = [&](TaskStore& tasks) -> Status {
    claimed.clear();
    return claim_in(tasks, request, claimed);
  };
  KATIP_TRY(with_store(body, std::move(stop)));
  return claimed;
}

Status Queue::claim_in(TaskStore& tasks, const ClaimRequest& request,
                       std::vector<ClaimedTask>& claimed) {
  const std::string& worker_kind = request.claimer.worker_kind;
  ClaimRoom room = {.count = request.free_count,
                    .ordinary_count = request.ordinary_count.value_or(request.free_count)};
  if (options_.fair_share.tenant_running_max > 0) {
    // Two who count at once would both see room for the same task.
    KATIP_TRY(tasks.lock_counts());
  }
  std::vector<store::Lane> lanes = KATIP_TRY(lanes_.look(
      tasks,
      {.worker_kind = worker_kind,
       .count_max = options_.lane_count_max,
       .priority_min = room.ordinary_count > 0 ? 0 : options_.fair_share.critical_priority}));
  if (lanes.empty()) return {};
  std::set<std::string> paused;
  for (const store::QueueRecord& queue : KATIP_TRY(tasks.queues())) {
    if (queue.mode == "paused") paused.insert(queue.name);
  }
  const auto running = KATIP_TRY(tasks.running_counts(worker_kind));
  FairShare share(options_.fair_share, std::move(lanes), running, paused);
  while (room.count > 0) {
    const auto claims = share.next(room);
    if (claims.empty()) break;
    std::vector<ClaimedTask> some = KATIP_TRY(tasks.claim(request.claimer, claims, now()));
    std::map<std::pair<std::string, std::string>, int> given;
    for (const ClaimedTask& task : some) ++given[{task.queue, task.tenant}];
    share.took(claims, given);
    room.count -= static_cast<int>(some.size());
    room.ordinary_count -= static_cast<int>(
        std::ranges::count_if(some, [&](const ClaimedTask& task) { return !is_critical(task); }));
    std::ranges::move(some, std::back_inserter(claimed));
  }
  return {};
}

Result<std::optional<ClaimedTask>> Queue::claim_alone(const store::Claimer& claimer,
                                                      std::stop_token stop) {
  std::optional<ClaimedTask> claimed;
  KATIP_TRY(with_store(
      [&](TaskStore& tasks) -> Status {
        claimed = KATIP_TRY(tasks.claim_alone(claimer, now()));
        return {};
      },
      stop));
  return claimed;
}

Result<bool> Queue::has_alone(const store::Claimer& claimer, std::stop_token stop) {
  store::PooledConnection connection = KATIP_TRY(pool_.acquire(std::move(stop)));
  return TaskStore(*connection).has_alone(claimer);
}

Result<std::int64_t> Queue::wake_due(std::stop_token stop) {
  std::int64_t count = 0;
  KATIP_TRY(with_store(
      [&](TaskStore& tasks) -> Status {
        count = KATIP_TRY(tasks.wake_due(now(), kWakeCountMax));
        return {};
      },
      stop));
  return count;
}

// --- The end of an attempt --------------------------------------------------------------------

std::string Queue::error_json(const Error& error, int attempt) const {
  const std::string message = storable_text(error.message);
  return json::serialize(json::object{{"at", store::to_text(now())},
                                      {"attempt", attempt},
                                      {"code", std::string(name(error.code))},
                                      {"message", message}});
}

Status Queue::settle_in(TaskStore& tasks, std::span<const Outcome> outcomes,
                        std::vector<std::string>& ours) {
  std::vector<store::FinishedTask> finished;
  std::vector<store::RetriedTask> retried;
  std::vector<store::TaskKey> released;
  for (const Outcome& outcome : outcomes) {
    const ClaimedTask& task = outcome.task;
    const TaskState state =
        state_after(outcome.status, outcome.reason, task.attempt, task.attempt_count_max);
    const std::string error =
        outcome.status ? "" : error_json(outcome.status.error(), task.attempt);
    if (state == TaskState::kAvailable) {
      released.push_back(task.key);
    } else if (state == TaskState::kRetryable) {
      retried.push_back({.key = task.key,
                         .run_at = now() + options_.retry.backoff(task.attempt, rng_),
                         .error = error});
    } else {
      finished.push_back({.key = task.key, .state = std::string(name(state))});
      if (outcome.status) {
        finished.back().result = outcome.result;
      } else {
        finished.back().error = error;
      }
    }
  }
  ours.clear();
  const auto keep = [&](std::vector<std::string> ids) {
    std::ranges::move(ids, std::back_inserter(ours));
  };
  if (!finished.empty()) keep(KATIP_TRY(tasks.finish(finished, now())));
  keep(KATIP_TRY(put_back(tasks, retried, released)));
  return {};
}

/// What somebody has cancelled meanwhile does not wait for another attempt: its end is now.
Result<std::vector<std::string>> Queue::put_back(TaskStore& tasks,
                                                 std::span<const store::RetriedTask> retried,
                                                 std::span<const store::TaskKey> released) {
  std::vector<std::string> ours;
  if (!retried.empty()) ours = KATIP_TRY(tasks.retry_later(retried, now()));
  if (!released.empty())
    std::ranges::move(KATIP_TRY(tasks.release(released, now())), std::back_inserter(ours));
  std::vector<store::FinishedTask> cancelled;
  const auto add = [&](const store::TaskKey& key, std::optional<std::string> error) {
    if (std::ranges::find(ours, key.id) == ours.end()) {
      cancelled.push_back({.key = key,
                           .state = std::string(name(TaskState::kCancelled)),
                           .error = std::move(error)});
    }
  };
  for (const store::RetriedTask& task : retried) add(task.key, task.error);
  for (const store::TaskKey& key : released) add(key, std::nullopt);
  if (!cancelled.empty()) {
    std::ranges::move(KATIP_TRY(tasks.finish(cancelled, now())), std::back_inserter(ours));
  }
  return ours;
}

Result<std::vector<bool>> Queue::settle_batch(std::span<const Outcome> outcomes,
                                              std::stop_token stop) {
  std::vector<std::string> ids;
  KATIP_TRY(with_store([&](TaskStore& tasks) { return settle_in(tasks, outcomes, ids); }, stop));
  const std::unordered_set<std::string> ours(ids.begin(), ids.end());
  // Of one task there may be two attempts: only that with the last token can have been ours.
  std::map<std::string, std::int64_t> last;
  for (const Outcome& outcome : outcomes) {
    std::int64_t& token = last[outcome.task.key.id];
    token = std::max(token, outcome.task.key.token);
  }
  std::vector<bool> result;
  for (const Outcome& outcome : outcomes) {
    const store::TaskKey& key = outcome.task.key;
    result.push_back(ours.contains(key.id) && last[key.id] == key.token);
  }
  return result;
}

/// The effect belongs to whoever holds the row: a worker that lost its lease changes nothing.
Result<bool> Queue::settle_with_effect(const Outcome& outcome, std::stop_token stop) {
  bool is_ours = false;
  Outcome failed = {.task = outcome.task, .status = {}};
  const auto body = [&](store::Connection& sql) -> Status {
    TaskStore tasks(sql);
    failed.status = {};
    is_ours = KATIP_TRY(tasks.hold(outcome.task.key));
    if (!is_ours) return {};
    failed.status = call_effect(outcome, sql);
    KATIP_TRY(failed.status);
    std::vector<std::string> ids;
    KATIP_TRY(settle_in(tasks, std::span(&outcome, 1), ids));
    return tell(tasks, sql);
  };
  const Status status = [&]() -> Status {
    // Given back before the next one is taken: all of a pool could wait for each other else.
    const store::PooledConnection connection = KATIP_TRY(pool_.acquire(stop));
    return store::run_transaction(*connection, kByIndex, stop, body);
  }();
  // What passes by itself (a full disk, a server that restarts) is tried again with the same
  // result.
  const Status& cause = failed.status ? status : failed.status;
  if (!status && !can_be_written_later(cause.error().code)) {
    if (failed.status) failed = refused(outcome, status.error());
    return KATIP_TRY(settle_batch(std::span(&failed, 1), stop)).front();
  }
  KATIP_TRY(status);
  return is_ours;
}

Result<std::vector<bool>> Queue::settle(std::span<const Outcome> outcomes, std::stop_token stop) {
  std::vector<bool> result(outcomes.size());
  std::vector<Outcome> plain;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i].effect && outcomes[i].status) {
      result[i] = KATIP_TRY(settle_with_effect(outcomes[i], stop));
    } else {
      plain.push_back(outcomes[i]);
      places.push_back(i);
    }
  }
  if (plain.empty()) {
    return result;
  }
  auto batch = settle_batch(plain, stop);
  if (!batch && !can_be_written_later(batch.error().code)) {
    // A result that the database does not take must not hold up those beside it.
    if (plain.size() == 1) {
      plain.front() = refused(plain.front(), batch.error());
      batch = settle_batch(plain, stop);
    } else {
      batch = std::vector<bool>();
      for (const Outcome& outcome : plain) {
        batch->push_back(KATIP_TRY(settle(std::span(&outcome, 1), stop)).front());
      }
    }
  }
  const std::vector<bool> settled = KATIP_TRY(std::move(batch));
  for (std::size_t i = 0; i < settled.size(); ++i) {
    result[places[i]] = settled[i];
  }
  return result;
}

/// Only an outcome leads to these states: who rescues a running task makes it available,
/// quarantined or cancelled.
Result<bool> Queue::is_settled(const store::TaskKey& key, std::stop_token stop) {
  const store::PooledConnection connection = KATIP_TRY(pool_.acquire(std::move(stop)));
  const auto task = KATIP_TRY(TaskStore(*connection).find(key.id));
  constexpr TaskState kStates[] = {TaskState::kCompleted, TaskState::kDiscarded,
                                   TaskState::kRetryable};
  return task && task->token == key.token &&
         std::ranges::any_of(kStates, [&](TaskState state) { return task->state == name(state); });
}

Status Queue::release(std::span<const store::TaskKey> keys, std::stop_token stop) {
  return with_store(
      [&](TaskStore& tasks) -> Status {
        KATIP_TRY(put_back(tasks, {}, keys));
        return {};
      },
      stop);
}

Result<std::int64_t> Queue::release_unknown(const std::string& worker_id,
                                            std::span<const store::TaskKey> known,
                                            std::stop_token stop) {
  std::int64_t count = 0;
  KATIP_TRY(with_store(
      [&](TaskStore& tasks) -> Status {
        std::vector<store::TaskKey> held = KATIP_TRY(tasks.held_by(worker_id));
        std::erase_if(held, [&](const store::TaskKey& key) {
          return std::ranges::find(known, key) != known.end();
        });
        count = std::ssize(KATIP_TRY(put_back(tasks, {}, held)));
        return {};
      },
      stop));
  return count;
}

// --- After a death ----------------------------------------------------------------------------

/// What is kept of a death; without a witness also what was before, for whoever knows better later.
std::string Queue::death_json(const store::OrphanedTask& task,
                              const std::optional<Death>& death) const {
  json::object error = {
      {"at", store::to_text(now())},
      {"attempt", task.attempt},
      {"code", std::string(name(ErrorCode::kInternal))},
      {"message", death ? fmt::format("worker {} ended while it had this task: {}", task.worker_id,
                                      storable_text(death->how))
                        : fmt::format("worker {} was silent for its lease while "
                                      "it had this task",
                                      task.worker_id)},
      {"worker_id", task.worker_id}};
  if (!death) {
    error["before"] = {{"crash_count", task.crash_count}, {"runs_alone", task.runs_alone}};
  }
  return json::serialize(error);
}

/// `orphans` are all that one worker had, so that it is known whether a task was alone.
Status Queue::judge(TaskStore& tasks, std::span<const store::OrphanedTask> orphans,
                    int suspect_count, const std::optional<Death>& death, RescueCounts& counts) {
  std::vector<store::FinishedTask> finished;
  std::vector<store::RequeuedTask> requeued;
  for (const store::OrphanedTask& task : orphans) {
    const bool is_suspect = !death || is_suspected(*death, task);
    const bool was_alone = task.runs_alone || suspect_count == 1;
    const int crash_count = task.crash_count + (is_suspect && was_alone ? 1 : 0);
    const std::string error = death_json(task, death);
    if (task.is_cancel_requested) {
      finished.push_back({.key = task.key, .state = std::string(name(TaskState::kCancelled))});
      ++counts.cancelled;
    } else if (crash_count >= options_.crash_count_max) {
      finished.push_back(
          {.key = task.key, .state = std::string(name(TaskState::kQuarantined)), .error = error});
      ++counts.quarantined;
    } else {
      // A death is counted as a crash, never as a failed attempt.
      requeued.push_back({.key = task.key,
                          .crash_count = crash_count,
                          .runs_alone = task.runs_alone || is_suspect,
                          .is_counted = false,
                          .error = error});
      ++counts.requeued;
    }
  }
  if (!finished.empty()) KATIP_TRY(tasks.finish(finished, now()));
  if (!requeued.empty()) KATIP_TRY(tasks.requeue(requeued, now()));
  return {};
}

Status Queue::rescue_in(TaskStore& tasks, std::span<const store::OrphanedTask> orphans,
                        const std::optional<Death>& death, RescueCounts& counts) {
  counts = {};
  while (!orphans.empty()) {
    const std::string& worker_id = orphans.front().worker_id;
    const auto end = std::ranges::find_if(
        orphans, [&](const store::OrphanedTask& task) { return task.worker_id != worker_id; });
    const auto own = orphans.first(static_cast<std::size_t>(end - orphans.begin()));
    const bool is_whole = std::ssize(own) == own.front().company_count;
    // More than fit in at once are judged in parts: none of so many was alone.
    const bool is_cut = own.size() == orphans.size() && std::ssize(own) >= kOrphanCountMax;
    if (is_whole || is_cut) {
      const bool is_seen = death && death->worker_id == worker_id;
      const auto suspect_count =
          is_seen ? std::ranges::count_if(
                        own,
                        [&](const store::OrphanedTask& task) { return is_suspected(*death, task); })
                  : own.front().company_count;
      KATIP_TRY(judge(tasks, own, static_cast<int>(suspect_count), is_seen ? death : std::nullopt,
                      counts));
    }
    orphans = orphans.subspan(own.size());
  }
  return {};
}

Result<RescueCounts> Queue::rescue(const std::optional<Death>& death, std::stop_token stop) {
  RescueCounts counts;
  store::PooledConnection connection = KATIP_TRY(pool_.acquire(stop));
  const auto body = [&](store::Connection& sql) -> Status {
    counts = {};
    TaskStore tasks(sql);
    if (death) {
      KATIP_TRY(tasks.lock_rescues());
      KATIP_TRY(store::WorkerStore(sql).end(
          death->worker_id, death->is_orderly ? "stopped" : "dead", death->how, now()));
    } else if (!KATIP_TRY(tasks.try_lock_rescues())) {
      return {};
    }
    const auto orphans = KATIP_TRY(tasks.orphans(kOrphanCountMax));
    KATIP_TRY(rescue_in(tasks, orphans, death, counts));
    if (death) {  // Somebody who only missed the worker may have judged its tasks before.
      const auto suspects = death->is_orderly ? std::vector<std::string>() : death->started;
      KATIP_TRY(tasks.pardon(death->worker_id, suspects));
    }
    KATIP_TRY(tell(tasks, sql));
    if (death && !KATIP_TRY(tasks.held_by(death->worker_id)).empty()) {
      // What is left over would be judged by somebody who does not know what had begun.
      return fail(ErrorCode::kOverloaded, "somebody holds a task of the worker that has died");
    }
    return {};
  };
  KATIP_TRY(store::run_transaction(*connection, kByIndex, stop, body));
  return counts;
}

Status Queue::give_up(const std::string& worker_id, const std::string& how, std::stop_token stop) {
  return with_store(
      [&](TaskStore& tasks) -> Status {
        KATIP_TRY(tasks.lock_rescues());
        KATIP_TRY(store::WorkerStore(tasks.connection()).end(worker_id, "stopped", how, now()));
        const std::vector<store::TaskKey> held = KATIP_TRY(tasks.held_by(worker_id));
        KATIP_TRY(put_back(tasks, {}, held));
        KATIP_TRY(tasks.pardon(worker_id, {}));
        return {};
      },
      std::move(stop));
}

// --- By hand ----------------------------------------------------------------------------------

namespace {

Status check_id(const std::string& id) {
  if (!is_uuid(id)) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("`{}` is no id of a task; `katip queue list` shows them", id.substr(0, 64)));
  }
  return {};
}

}  // namespace

Status Queue::cancel(const std::string& id, std::stop_token stop) {
  KATIP_TRY(check_id(id));
  bool is_found = false;
  KATIP_TRY(with_store(
      [&](TaskStore& tasks) -> Status {
        // Held, so that it does not go from running to waiting between the two.
        KATIP_TRY(tasks.lock(id));
        is_found = KATIP_TRY(tasks.cancel_waiting(id, now()));
        if (!is_found) is_found = KATIP_TRY(tasks.request_cancel(id));
        return {};
      },
      stop));
  return is_found ? Status{}
                  : fail(ErrorCode::kNotFound,
                         fmt::format("no task {} waits or runs; it may have ended", id));
}

Status Queue::revive(const std::string& id, std::stop_token stop) {
  KATIP_TRY(check_id(id));
  bool is_found = false;
  KATIP_TRY(with_store(
      [&](TaskStore& tasks) -> Status {
        is_found = KATIP_TRY(tasks.revive(id, now()));
        return {};
      },
      stop));
  return is_found ? Status{}
                  : fail(ErrorCode::kNotFound,
                         fmt::format("no discarded, quarantined or cancelled task {} is kept", id));
}

}  // namespace katip::jobs
