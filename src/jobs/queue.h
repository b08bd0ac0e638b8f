#pragma once

#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/uuid.h"
#include "jobs/fair_share.h"
#include "jobs/lane_windows.h"
#include "jobs/retry_policy.h"
#include "jobs/routing.h"
#include "store/pool.h"
#include "store/task_store.h"

/// The durable queue: what is put in runs to its end at least once, and has its effect exactly
/// once, whatever dies in between.
///
///   Queue queue(pool, clock, rng, {});
///   const Enqueued task = KATIP_TRY(queue.enqueue({.kind = "cleanup.temp_files"}, stop));
///
/// docs/queue.md draws a task's life and says what an operator does when something fails.
namespace katip::jobs {

struct TaskRequest {
  std::string kind;         ///< "transcription.process": words of a-z 0-9 _ with dots between.
  std::string args = "{}";  ///< A JSON object of at most 64 KiB.
  std::string tenant = {};  ///< Whose it is: tenants have equal shares. At most 128 bytes.
  std::optional<std::string> queue = {};  ///< Else by the kind.
  std::optional<int> priority = {};       ///< 0 to 10; else that of the queue.
  int attempt_count_max = 3;              ///< 1 to 100.
  /// While a task with this key waits or runs no other one is made.
  std::optional<std::string> unique_key = {};
  std::optional<std::string> job_id = {};
  std::optional<std::string> request_id = {};
  std::optional<int> timeout_s = {};  ///< An attempt that takes longer is stopped.
  std::optional<store::Timestamp> run_at = {};
};

struct Enqueued {
  std::string id;
  bool is_new = true;  ///< False: a task with this unique key was there already, and this is it.
};

/// How an attempt ended.
struct Outcome {
  store::ClaimedTask task;
  Status status;
  StopReason reason = StopReason::kNone;
  std::optional<std::string> result = {};  ///< JSON, kept in the history.
  /// Rows that belong to the result: changed in the transaction that completes the task, or not at
  /// all. May run more than once.
  std::function<Status(store::Connection&)> effect = {};
};

struct ClaimRequest {
  store::Claimer claimer;
  int free_count = 1;
  /// So many of them that are not critical at most; nothing: all may be.
  std::optional<int> ordinary_count = {};
};

class Queue;

/// Is told of jobs (by the ids of their rows) whose tasks took them along: they have failed or were
/// cancelled. Runs in that transaction, and again when the transaction is tried again.
using JobsEnded = std::function<Status(Queue& queue, store::Connection& sql,
                                       std::span<const std::string> job_ids)>;

struct QueueOptions {
  FairShareOptions fair_share;
  RetryPolicy retry;
  Routing routing;
  int crash_count_max = 3;   ///< So many crashes alone, and a task is quarantined.
  int lane_count_max = 500;  ///< Tenants of a queue and priority looked at in a claim; the next one
                             ///< goes on behind them.
  JobsEnded on_jobs_ended = {};
};

/// What the parent of a worker knows when it has ended.
struct Death {
  std::string worker_id;
  std::vector<std::string> started;  ///< The ids of the tasks that were under way.
  bool is_orderly = false;  ///< It ended by itself, whatever for: nothing that it did killed it.
  std::string how = "its process died";  ///< For people: "signal 9 (Killed)".
};

struct RescueCounts {
  int requeued = 0;
  int quarantined = 0;
  int cancelled = 0;
};

/// Threads:  thread-safe; each call takes a connection of the pool.
/// Lifetime: pool, clock and rng outlive it.
class Queue {
 public:
  Queue(store::Pool& pool, const Clock& clock, Rng& rng, QueueOptions options);

  /// Errors: kInvalidArgument, naming what is wrong with a request; kUnavailable for a queue that
  ///         takes no tasks now (it is drained).
  Result<std::vector<Enqueued>> enqueue(std::span<const TaskRequest> requests,
                                        std::stop_token stop);
  Result<Enqueued> enqueue(const TaskRequest& request, std::stop_token stop);
  /// The same in a transaction of the caller, so that a task and the rows that it is about are
  /// there together or not at all.
  Result<std::vector<Enqueued>> enqueue_in(store::Connection& sql,
                                           std::span<const TaskRequest> requests);

  /// At most `free_count` tasks, the most urgent first, fairly among tenants.
  Result<std::vector<store::ClaimedTask>> claim(const ClaimRequest& request, std::stop_token stop);
  /// A task that has to run without company, as it may have ended a worker.
  Result<std::optional<store::ClaimedTask>> claim_alone(const store::Claimer& claimer,
                                                        std::stop_token stop);
  Result<bool> has_alone(const store::Claimer& claimer, std::stop_token stop);

  /// Writes down how attempts ended. True for each that was still ours; the others had been taken
  /// away, and nothing of them is written.
  ///
  /// An outcome that the database refuses for good fails its task, and holds up no other one.
  Result<std::vector<bool>> settle(std::span<const Outcome> outcomes, std::stop_token stop);
  /// Was an attempt of this token settled? For who asks after a commit of which nobody was told
  /// whether it happened. False when the task was taken away, or cannot be found any more.
  Result<bool> is_settled(const store::TaskKey& key, std::stop_token stop);
  /// Gives back what has not begun, or was stopped by us: the attempt is not counted.
  Status release(std::span<const store::TaskKey> tasks, std::stop_token stop);
  /// Gives back what this worker has by the database but does not know of: when the connection
  /// broke while a claim was committed, nobody was told whether it happened. Returns how many.
  Result<std::int64_t> release_unknown(const std::string& worker_id,
                                       std::span<const store::TaskKey> known, std::stop_token stop);

  /// Scheduled and retryable tasks whose time came become available. Returns how many: at most
  /// kWakeCountMax at once.
  Result<std::int64_t> wake_due(std::stop_token stop);
  static constexpr int kWakeCountMax = 1'000;

  /// Takes the tasks of workers that are gone. Of a worker whose parent saw it die it is known
  /// which of them were under way; those that it had only claimed are not suspected of anything.
  /// That worker is signed off here: between its end and this nobody else judges its tasks.
  ///
  /// A worker that is only silent is missed after its lease, and whether it died nobody knows: all
  /// that it had is suspected. Whoever knows better later takes that back: a death that was seen,
  /// and give_up() of a worker that lives.
  ///
  /// The tasks of a worker are judged together. While somebody holds one of them the others wait
  /// too, and while somebody else rescues nothing is done without a death.
  ///
  /// Errors: kOverloaded when somebody holds a task of that worker for long; it then stays signed
  ///         on, and is found when its lease has run out.
  Result<RescueCounts> rescue(const std::optional<Death>& death, std::stop_token stop);

  /// A worker that lost its lease and lives: what it still has goes back, and what was said about
  /// its tasks is taken back. The attempts are not counted.
  Status give_up(const std::string& worker_id, const std::string& how, std::stop_token stop);

  /// A waiting task is cancelled at once; a running one is asked to stop. kNotFound when it has
  /// ended or never was.
  Status cancel(const std::string& id, std::stop_token stop);
  /// A discarded, quarantined or cancelled task begins anew. kNotFound when there is none.
  Status revive(const std::string& id, std::stop_token stop);

  /// Runs `body` in a transaction on a connection of the pool.
  Status with_store(const std::function<Status(store::TaskStore&)>& body, std::stop_token stop);

  /// Somebody waits for it: slots are kept for such tasks.
  [[nodiscard]] bool is_critical(const store::ClaimedTask& task) const {
    return task.priority >= options_.fair_share.critical_priority;
  }
  [[nodiscard]] store::Timestamp now() const { return store::to_timestamp(clock_.calendar()); }
  [[nodiscard]] const Clock& clock() const { return clock_; }
  [[nodiscard]] store::Pool& pool() const { return pool_; }
  [[nodiscard]] const QueueOptions& options() const { return options_; }
  std::string new_id() { return ids_.next(); }

 private:
  Result<std::vector<bool>> settle_batch(std::span<const Outcome> outcomes, std::stop_token stop);
  Status tell(const store::TaskStore& tasks, store::Connection& sql);
  Result<bool> settle_with_effect(const Outcome& outcome, std::stop_token stop);
  Status claim_in(store::TaskStore& tasks, const ClaimRequest& request,
                  std::vector<store::ClaimedTask>& claimed);
  Status settle_in(store::TaskStore& tasks, std::span<const Outcome> outcomes,
                   std::vector<std::string>& ours);
  Result<std::vector<std::string>> put_back(store::TaskStore& tasks,
                                            std::span<const store::RetriedTask> retried,
                                            std::span<const store::TaskKey> released);
  Status rescue_in(store::TaskStore& tasks, std::span<const store::OrphanedTask> orphans,
                   const std::optional<Death>& death, RescueCounts& counts);
  Status judge(store::TaskStore& tasks, std::span<const store::OrphanedTask> orphans,
               int suspect_count, const std::optional<Death>& death, RescueCounts& counts);
  [[nodiscard]] store::NewTask to_row(const TaskRequest& request);
  [[nodiscard]] std::string error_json(const Error& error, int attempt) const;
  [[nodiscard]] std::string death_json(const store::OrphanedTask& task,
                                       const std::optional<Death>& death) const;

  store::Pool& pool_;
  const Clock& clock_;
  Rng& rng_;
  QueueOptions options_;
  UuidSource ids_;
  LaneWindows lanes_;
};

}  // namespace katip::jobs
