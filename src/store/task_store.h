#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/connection.h"
#include "store/timestamp.h"

/// The rows of the queue: tasks, their checkpoints, their history, and how queues are open.
///
/// Functions change rows and decide nothing: which lanes to claim from, what a failure means and
/// who is dead is known by the module jobs. Each is one statement, or a few that belong in one
/// transaction, which the caller begins.
///
/// A job follows its task: it is processing when the task is claimed, and failed or cancelled when
/// that is how the task ends. What completes it is the effect of the task.
///
/// A task's row is deleted when the task has ended, and a row of history takes its place in the
/// same transaction, so the table of tasks stays as small as the work in hand.
///
/// Errors: those of Connection.
namespace katip::store {

struct NewTask {
  std::string id = {};  ///< A uuid made by the caller.
  std::string kind = {};
  std::string worker_kind = "general";
  std::string queue = "default";
  int priority = 5;  ///< 0 to 10; 10 is first.
  std::string tenant = {};
  int attempt_count_max = 3;
  std::string args = "{}";  ///< JSON, checked by the caller.
  std::optional<std::string> unique_key = {};
  std::optional<std::string> job_id = {};
  std::optional<std::string> request_id = {};
  std::optional<int> timeout_s = {};
  Timestamp run_at = {};
  Timestamp created_at = {};
  bool is_scheduled = false;  ///< run_at lies ahead.
};

/// What every write to a running task has to name. The token rises with each claim, so a worker
/// that lost its lease and came back names an old one.
struct TaskKey {
  std::string id;
  std::int64_t token = 0;
  friend bool operator==(const TaskKey&, const TaskKey&) = default;
};

struct ClaimedTask {
  TaskKey key;
  std::string kind;
  std::string queue;
  int priority = 0;
  std::string tenant;
  int attempt = 0;  ///< 1 for the first.
  int attempt_count_max = 0;
  int crash_count = 0;
  bool runs_alone = false;
  std::string args;
  std::optional<std::string> job_id;
  std::optional<std::string> request_id;
  std::optional<int> timeout_s;
  Timestamp run_at;
  Timestamp created_at;
};

/// Tasks that are ready and differ in nothing that decides who is next but their age.
struct Lane {
  std::string queue;
  int priority = 0;
  std::string tenant;
  Timestamp oldest_run_at;
};

struct LaneClaim {
  std::string queue;
  int priority = 0;
  std::string tenant;
  int count = 0;
};

/// Who claims.
struct Claimer {
  std::string worker_id;
  std::string worker_kind = "general";
  /// The kinds that it knows; nothing: all.
  std::optional<std::vector<std::string>> kinds = {};
};

/// Which lanes are looked at.
struct LaneQuery {
  std::string worker_kind = "general";
  int count_max = 500;   ///< Of one queue and priority.
  int priority_min = 0;  ///< Those below are left out.
};

struct RunningCount {
  std::string queue;
  std::string tenant;
  int count = 0;
};

struct FinishedTask {
  TaskKey key;
  std::string state;                       ///< completed, cancelled, discarded or quarantined.
  std::optional<std::string> result = {};  ///< JSON.
  std::optional<std::string> error = {};   ///< JSON.
};

struct RetriedTask {
  TaskKey key;
  Timestamp run_at;
  std::string error;  ///< JSON.
};

/// A running task whose worker is no longer there.
struct OrphanedTask {
  TaskKey key;
  int attempt = 0;
  int attempt_count_max = 0;
  int crash_count = 0;
  bool runs_alone = false;
  std::string worker_id;
  bool is_cancel_requested = false;
  std::int64_t company_count = 0;  ///< Running tasks of that worker, this one included.
};

struct RequeuedTask {
  TaskKey key;
  int crash_count = 0;
  bool runs_alone = false;
  bool is_counted = true;  ///< Does the attempt count?
  std::string error;       ///< JSON.
};

struct Checkpoint {
  int position = 0;
  std::string data;  ///< JSON.
};

struct TaskRecord {
  std::string id, kind, worker_kind, queue, tenant, state;
  int priority = 0;
  std::int64_t token = 0;
  int attempt = 0;
  int attempt_count_max = 0;
  int crash_count = 0;
  double progress = 0;
  std::string args, errors;
  std::optional<std::string> result, unique_key, job_id, request_id, worker_id;
  Timestamp run_at, created_at;
  std::optional<Timestamp> claimed_at, finished_at;
};

/// A task of a job, in short.
struct JobTask {
  std::string id, kind, state;
  Timestamp created_at;
};

struct TaskCount {
  std::string queue, state;
  std::int64_t count = 0;
  Timestamp oldest_run_at;
  std::string kind = {};  ///< Of counts_by_kind() alone.
};

struct QueueRecord {
  std::string name, mode;  ///< open, paused (nothing is claimed) or draining (nothing is added).
};

/// Threads:  one thread, that of its connection.
/// Lifetime: the connection outlives it.
class TaskStore {
 public:
  explicit TaskStore(Connection& connection) : sql_(connection) {}
  [[nodiscard]] Connection& connection() const { return sql_; }
  /// The rows of jobs that have failed or were cancelled by what was called so far.
  [[nodiscard]] const std::vector<std::string>& ended_jobs() const { return ended_jobs_; }

  /// The ids of those inserted: a task whose unique key is taken is left out.
  Result<std::vector<std::string>> insert(std::span<const NewTask> tasks);
  Result<std::optional<std::string>> find_by_unique_key(const std::string& unique_key);

  /// Those of a queue and priority are together, by tenant.
  Result<std::vector<Lane>> lanes(const LaneQuery& query);
  /// Those of the same queue and priority whose tenants come behind that of `lane`.
  Result<std::vector<Lane>> lanes_behind(const LaneQuery& query, const Lane& lane);
  Result<std::vector<RunningCount>> running_counts(const std::string& worker_kind);
  /// Up to `count` of each lane, the oldest first. Nothing when the worker was declared dead.
  Result<std::vector<ClaimedTask>> claim(const Claimer& claimer, std::span<const LaneClaim> claims,
                                         Timestamp now);
  Result<std::optional<ClaimedTask>> claim_alone(const Claimer& claimer, Timestamp now);
  Result<bool> has_alone(const Claimer& claimer);

  /// Until the end of the transaction no other one that calls it counts what runs. SQLite: every
  /// write transaction is alone anyway.
  Status lock_counts();

  /// Each returns the ids of those that were ours; the others had been taken away. Those that
  /// somebody asked to cancel are neither retried nor released.
  Result<std::vector<std::string>> finish(std::span<const FinishedTask> tasks, Timestamp now);
  Result<std::vector<std::string>> retry_later(std::span<const RetriedTask> tasks, Timestamp now);
  Result<std::vector<std::string>> release(std::span<const TaskKey> tasks, Timestamp now);
  Result<std::vector<std::string>> requeue(std::span<const RequeuedTask> tasks, Timestamp now);

  /// Scheduled and retryable tasks whose time came become available. Returns how many.
  Result<std::int64_t> wake_due(Timestamp now, int count_max);
  Result<std::optional<Timestamp>> next_due_at();

  /// Frees the place of old row versions when there are more than `dead_count_max`; true when it
  /// did. PostgreSQL's own autovacuum comes once a minute, too late for thousands of tasks a
  /// second: all that were finished since then lie before the first living entry of the index. Not
  /// to be called in a transaction.
  Result<bool> sweep(std::int64_t dead_count_max);

  /// False: the task is no longer ours.
  Result<bool> set_progress(const TaskKey& key, double progress);
  Result<bool> hold(const TaskKey& key);
  Result<bool> save_checkpoint(const TaskKey& key, const Checkpoint& checkpoint, Timestamp now);
  Result<std::vector<Checkpoint>> checkpoints(const std::string& id);

  /// A waiting task is cancelled at once (true); of a running one the worker is asked.
  Result<bool> cancel_waiting(const std::string& id, Timestamp now);
  Result<bool> request_cancel(const std::string& id);
  Result<std::vector<TaskKey>> cancel_requests(const std::string& worker_id);
  /// False: there is no discarded, quarantined or cancelled task of this id.
  /// Errors: kConflict when another task has its unique key now.
  Result<bool> revive(const std::string& id, Timestamp now);

  /// Ordered by worker. Those whose row somebody holds are left out.
  Result<std::vector<OrphanedTask>> orphans(int count_max);
  /// One transaction at a time may rescue: two would share the tasks of one worker between them.
  Status lock_rescues();
  Result<bool> try_lock_rescues();
  /// Takes back what the rescue of this worker's tasks has said about them, but for `suspects`.
  /// Returns how many.
  Result<std::int64_t> pardon(const std::string& worker_id,
                              const std::vector<std::string>& suspects);
  /// What runs under this worker's lease.
  Result<std::vector<TaskKey>> held_by(const std::string& worker_id);
  /// Waits for whoever has its row, and keeps it until the end of the transaction.
  Status lock(const std::string& id);

  Result<std::optional<TaskRecord>> find(const std::string& id);
  /// Live ones and those that have ended, by the id of the job's row; newest first.
  Result<std::vector<JobTask>> of_job(const std::string& job_id);
  /// Those of these tasks that have ended.
  Result<std::vector<std::string>> ended(const std::vector<std::string>& ids);
  Result<std::vector<TaskCount>> counts();
  /// The same for each kind of each queue.
  Result<std::vector<TaskCount>> counts_by_kind();
  /// How many ended in each state since then.
  Result<std::vector<TaskCount>> history_counts(Timestamp since);
  Result<std::vector<TaskRecord>> final_tasks(const std::string& state,
                                              const std::optional<std::string>& kind,
                                              int count_max);
  /// Scheduled, available, running or retryable ones; those made last first.
  Result<std::vector<TaskRecord>> live_tasks(const std::string& state,
                                             const std::optional<std::string>& kind, int count_max);
  Result<std::int64_t> prune_history(Timestamp before, int count_max);
  /// Throws away tasks that nobody runs, without a trace. Returns how many.
  Result<std::int64_t> delete_waiting(int count_max);

  Status set_queue_mode(const std::string& queue, const std::string& mode,
                        const std::string& changed_by, Timestamp now);
  Result<std::vector<QueueRecord>> queues();

 private:
  Result<Rows> run(std::string_view name, std::initializer_list<Value> parameters = {});
  /// The jobs that tasks belong to go the same way, in the same transaction.
  Status follow(std::string_view name, const std::vector<std::string>& ids, Timestamp now);
  Status end_jobs_of(const std::vector<std::string>& ids, Timestamp now);
  Status start_jobs_of(std::span<const ClaimedTask> tasks, Timestamp now);
  Result<std::vector<std::string>> run_for_ids(std::string_view name,
                                               std::initializer_list<Value> parameters);
  /// SQLite moves a row in two statements.
  Status forget(std::string_view name, const std::vector<std::string>& ids);
  [[nodiscard]] bool is_sqlite() const { return sql_.dialect() == Dialect::kSqlite; }

  Connection& sql_;
  std::vector<std::string> ended_jobs_;
};

}  // namespace katip::store
