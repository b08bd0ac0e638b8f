#include "jobs/queue.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "jobs/request_check.h"
#include "store/transaction.h"

/// Every public function is one transaction, tried again when another one was in the way. Rows are
/// the only memory: this class can be thrown away and made anew at any moment.
///
/// Tested by queue_test.cc on both databases, and with faults by simulation_test.cc.
namespace katip::jobs {

namespace json = boost::json;
using store::ClaimedTask;
using store::TaskStore;

Queue::Queue(store::Pool& pool, const Clock& clock, Rng& rng, QueueOptions options)
    : pool_(pool), clock_(clock), rng_(rng), options_(std::move(options)), ids_(clock, rng) {}

Status Queue::with_store(const std::function<Status(TaskStore&)>& body, std::stop_token stop) {
  store::PooledConnection connection = KATIP_TRY(pool_.acquire(stop));
  return store::run_transaction(*connection, {}, stop, [&](store::Connection& sql) -> Status {
    TaskStore tasks(sql);
    return body(tasks);
  });
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
  return store::run_transaction(*connection, {}, stop,
                                [&](store::Connection& sql) { return enqueue_in(sql, requests); });
}

Result<Enqueued> Queue::enqueue(const TaskRequest& request, std::stop_token stop) {
  std::vector<Enqueued> all = KATIP_TRY(enqueue(std::span(&request, 1), std::move(stop)));
  return std::move(all.front());
}

// --- Out --------------------------------------------------------------------------------------

Result<std::vector<ClaimedTask>> Queue::claim(const ClaimRequest& request, std::stop_token stop) {
  std::vector<ClaimedTask> claimed;
  KATIP_TRY(with_store(
      [&](TaskStore& tasks) -> Status {
        claimed.clear();
        std::vector<store::Lane> lanes =
            KATIP_TRY(tasks.lanes(request.worker_kind, options_.lane_count_max));
        if (lanes.empty()) return {};
        std::set<std::string> paused;
        for (const store::QueueRecord& queue : KATIP_TRY(tasks.queues())) {
          if (queue.mode == "paused") paused.insert(queue.name);
        }
        const auto running = KATIP_TRY(tasks.running_counts(request.worker_kind));
        FairShare share(options_.fair_share, std::move(lanes), running, paused);
        for (int free = request.free_count; free > 0;) {
          const auto claims = share.next(free);
          if (claims.empty()) break;
          std::vector<ClaimedTask> some =
              KATIP_TRY(tasks.claim(request.worker_kind, claims, request.worker_id, now()));
          std::map<std::pair<std::string, std::string>, int> given;
          for (const ClaimedTask& task : some) ++given[{task.queue, task.tenant}];
          share.took(claims, given);
          free -= static_cast<int>(some.size());
          std::ranges::move(some, std::back_inserter(claimed));
        }
        return {};
      },
      stop));
  return claimed;
}

Result<std::optional<ClaimedTask>> Queue::claim_alone(const ClaimRequest& request,
                                                      std::stop_token stop) {
  std::optional<ClaimedTask> claimed;
  KATIP_TRY(with_store(
      [&](TaskStore& tasks) -> Status {
        claimed = KATIP_TRY(tasks.claim_alone(request.worker_kind, request.worker_id, now()));
        return {};
      },
      stop));
  return claimed;
}

Result<bool> Queue::has_alone(const std::string& worker_kind, std::stop_token stop) {
  store::PooledConnection connection = KATIP_TRY(pool_.acquire(std::move(stop)));
  return TaskStore(*connection).has_alone(worker_kind);
}

Result<std::int64_t> Queue::wake_due(std::stop_token stop) {
  std::int64_t count = 0;
  KATIP_TRY(with_store(
      [&](TaskStore& tasks) -> Status {
        count = KATIP_TRY(tasks.wake_due(now(), 1'000));
        return {};
      },
      stop));
  return count;
}

// --- The end of an attempt --------------------------------------------------------------------

std::string Queue::error_json(const Error& error, int attempt) const {
  constexpr std::size_t kMessageSizeMax = 2'000;
  std::string message = error.message.substr(0, kMessageSizeMax);
  std::erase(message, '\0');
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
  if (!retried.empty()) keep(KATIP_TRY(tasks.retry_later(retried)));
  if (!released.empty()) keep(KATIP_TRY(tasks.release(released)));
  return {};
}

Result<std::vector<bool>> Queue::settle_batch(std::span<const Outcome> outcomes,
                                              std::stop_token stop) {
  std::vector<std::string> ids;
  KATIP_TRY(with_store([&](TaskStore& tasks) { return settle_in(tasks, outcomes, ids); }, stop));
  const std::unordered_set<std::string> ours(ids.begin(), ids.end());
  std::vector<bool> result;
  for (const Outcome& outcome : outcomes) {
    result.push_back(ours.contains(outcome.task.key.id));
  }
  return result;
}

/// The effect belongs to whoever holds the row: a worker that lost its lease changes nothing.
Result<bool> Queue::settle_with_effect(const Outcome& outcome, std::stop_token stop) {
  bool is_ours = false;
  store::PooledConnection connection = KATIP_TRY(pool_.acquire(stop));
  Outcome failed = {.task = outcome.task, .status = {}};
  const Status status =
      store::run_transaction(*connection, {}, stop, [&](store::Connection& sql) -> Status {
        TaskStore tasks(sql);
        failed.status = {};
        is_ours = KATIP_TRY(tasks.hold(outcome.task.key));
        if (!is_ours) return {};
        failed.status = outcome.effect(sql);
        KATIP_TRY(failed.status);
        std::vector<std::string> ids;
        return settle_in(tasks, std::span(&outcome, 1), ids);
      });
  if (!status && !failed.status && failed.status.error().code != ErrorCode::kOverloaded) {
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
  if (!batch && batch.error().code == ErrorCode::kInvalidArgument) {
    // A result that the database does not take must not hold up those beside it.
    if (plain.size() == 1) {
      plain.front() = {.task = plain.front().task,
                       .status = fail("the result cannot be stored", batch.error())};
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

Status Queue::release(std::span<const store::TaskKey> keys, std::stop_token stop) {
  return with_store(
      [&](TaskStore& tasks) -> Status {
        KATIP_TRY(tasks.release(keys));
        return {};
      },
      stop);
}

// --- After a death ----------------------------------------------------------------------------

Status Queue::rescue_in(TaskStore& tasks, std::span<const store::OrphanedTask> orphans,
                        const std::optional<Death>& death, RescueCounts& counts) {
  const auto is_suspect = [&](const store::OrphanedTask& task) {
    return !death || task.worker_id != death->worker_id ||
           std::ranges::find(death->started, task.key.id) != death->started.end();
  };
  std::map<std::string, int> suspect_counts;  // By worker.
  for (const store::OrphanedTask& task : orphans) {
    suspect_counts[task.worker_id] += is_suspect(task) ? 1 : 0;
  }
  counts = {};
  std::vector<store::FinishedTask> finished;
  std::vector<store::RequeuedTask> requeued;
  for (const store::OrphanedTask& task : orphans) {
    const bool was_alone = task.runs_alone || suspect_counts[task.worker_id] == 1;
    const int crash_count = task.crash_count + (is_suspect(task) && was_alone ? 1 : 0);
    const std::string error = error_json(
        {.code = ErrorCode::kInternal,
         .message = fmt::format("worker {} ended while it had this task", task.worker_id)},
        task.attempt);
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
                          .runs_alone = task.runs_alone || is_suspect(task),
                          .is_counted = false,
                          .error = error});
      ++counts.requeued;
    }
  }
  if (!finished.empty()) KATIP_TRY(tasks.finish(finished, now()));
  if (!requeued.empty()) KATIP_TRY(tasks.requeue(requeued));
  return {};
}

Result<RescueCounts> Queue::rescue(const std::optional<Death>& death, std::stop_token stop) {
  constexpr int kOrphanCountMax = 1'000;
  RescueCounts counts;
  KATIP_TRY(with_store(
      [&](TaskStore& tasks) -> Status {
        const auto orphans = KATIP_TRY(tasks.orphans(kOrphanCountMax));
        return rescue_in(tasks, orphans, death, counts);
      },
      stop));
  return counts;
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
