#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/principal.h"
#include "app/task_figures.h"
#include "app/task_watch.h"
#include "app/timestamp.h"
#include "base/guarded.h"
#include "base/result.h"
#include "jobs/queue.h"
#include "store/schedule_store.h"
#include "store/task_pages.h"
#include "store/worker_store.h"

/// What operators see and do: queues, tasks, workers and schedules of the whole installation.
namespace katip::app {

/// What operators see of a task holds no secrets: its arguments and results are shown without.
using Task = store::TaskRecord;
using ListedTask = store::ListedTask;
using TaskFilter = store::TaskFilter;
using Worker = store::WorkerRecord;
using SlotBounds = store::SlotBounds;

struct QueueView {
  std::string name;
  std::string mode;                           ///< open, paused or draining.
  std::map<std::string, std::int64_t> tasks;  ///< By state, of those that have not ended.
  std::optional<Timestamp> oldest_since;      ///< Of what is ready: when it could have begun.
};

enum class QueueMode {
  kOpen,
  kPaused,    ///< Nothing is begun.
  kDraining,  ///< Nothing is added.
};

struct TaskOrder {
  std::string kind;  ///< "cleanup.history".
  std::string args = "{}";
  std::optional<std::string> queue = {};
  std::optional<int> priority = {};
  std::optional<std::string> unique_key = {};
  std::optional<int> timeout_s = {};
  std::optional<Timestamp> run_at = {};
  std::optional<std::string> request_id = {};
};

struct TaskQuery {
  TaskFilter filter = {};  ///< `state` is one of docs/queue.md, or `live`, or `ended`.
  std::optional<std::string> cursor = {};
  int count_max = 50;  ///< 1 to 200.
};

struct TaskList {
  std::vector<ListedTask> tasks;
  std::optional<std::string> next_cursor;
  /// It was searched as far as time allows; what else fits is behind `next_cursor`.
  bool is_cut = false;
  std::optional<Timestamp> searched_to = {};  ///< Where it is cut.
};

/// What is done to several tasks: to those named, or to those that a filter finds.
struct TaskSelection {
  std::vector<std::string> ids = {};
  std::optional<TaskQuery> query = {};  ///< Counts when there are no ids.
};

struct BulkReport {
  int changed = 0;
  int refused = 0;                              ///< They had ended, or begun anew, meanwhile.
  std::optional<std::string> next_cursor = {};  ///< Of a query: the rest.
};

struct ScheduleView {
  store::ScheduleRecord schedule;
  std::optional<Timestamp> next_at;  ///< Nothing for one that rests.
};

/// The workers of a kind that run, and between how many slots they follow the load.
struct AutoscaleView {
  std::string worker_kind;                   ///< engine or general.
  std::optional<store::SetBounds> set = {};  ///< Nothing: each goes by its configuration.
  std::vector<Worker> workers = {};
};

/// A schedule that somebody adds or changes.
struct ScheduleOrder {
  std::string name;  ///< 1 to 128 bytes.
  std::string cron;
  std::string time_zone = "UTC";
  std::string kind;         ///< Of its task.
  std::string args = "{}";  ///< Of its task: a JSON object.
  std::string missed = "once";
};

/// How a task stands, for those who only want its result.
enum class TaskVerdict { kReady, kFailed, kProcessing };
TaskVerdict verdict_of(const Task& task);

/// Errors:   kPermissionDenied for who may not operate; kNotFound; kInvalidArgument, naming the
///           field; those of the queue and the database.
/// Threads:  thread-safe.
/// Lifetime: queue and watch outlive it.
class Operations {
 public:
  Operations(jobs::Queue& queue, TaskWatch& watch) : queue_(queue), watch_(watch) {}

  Result<std::vector<QueueView>> queues(const Principal& principal, std::stop_token stop);
  Result<QueueView> set_mode(const Principal& principal, const std::string& queue, QueueMode mode,
                             std::stop_token stop);

  Result<jobs::Enqueued> trigger(const Principal& principal, const TaskOrder& order,
                                 std::stop_token stop);
  Result<Task> task(const Principal& principal, const std::string& id, std::stop_token stop);
  Result<TaskList> tasks(const Principal& principal, const TaskQuery& query, std::stop_token stop);
  /// A waiting task is cancelled at once, a running one is asked to stop.
  Result<Task> cancel(const Principal& principal, const std::string& id, std::stop_token stop);
  /// One that was discarded, quarantined or cancelled begins anew.
  Result<Task> retry(const Principal& principal, const std::string& id, std::stop_token stop);
  /// The same for many, a page of a query at a time.
  ///
  /// Errors: kInvalidArgument also for a state that cannot be cancelled, or retried.
  Result<BulkReport> cancel_many(const Principal& principal, const TaskSelection& selection,
                                 std::stop_token stop);
  Result<BulkReport> retry_many(const Principal& principal, const TaskSelection& selection,
                                std::stop_token stop);

  /// How long tasks waited and ran that ended within `span`, as of at most two seconds ago.
  Result<TaskFigures> figures(const Principal& principal, std::chrono::minutes span,
                              std::stop_token stop);

  /// Those that run, and those that ended within the last hour.
  Result<std::vector<Worker>> workers(const Principal& principal, std::stop_token stop);
  /// Softly: it finishes or gives back what it has.
  Status stop_worker(const Principal& principal, const std::string& id, std::stop_token stop);

  Result<std::vector<AutoscaleView>> autoscale(const Principal& principal, std::stop_token stop);
  /// Other bounds for all workers of a kind, on all machines, within seconds and until they are set
  /// again; nothing: back to what each is configured with. What runs is not stopped.
  ///
  /// Errors: kInvalidArgument unless 1 <= min <= max <= 1000.
  Result<AutoscaleView> set_autoscale(const Principal& principal, const std::string& worker_kind,
                                      const std::optional<SlotBounds>& bounds,
                                      std::stop_token stop);

  Result<std::vector<ScheduleView>> schedules(const Principal& principal, std::stop_token stop);
  /// Now, besides its times.
  Result<jobs::Enqueued> run_schedule(const Principal& principal, const std::string& name,
                                      const std::string& request_id, std::stop_token stop);

  /// Adds one, or puts this in the place of one that was added.
  ///
  /// Errors: kConflict for the name of one of the configuration.
  Result<ScheduleView> put_schedule(const Principal& principal, const ScheduleOrder& order,
                                    std::stop_token stop);
  /// Switches any of them off or on. Slots that pass meanwhile are not missed.
  Result<ScheduleView> pause_schedule(const Principal& principal, const std::string& name,
                                      bool is_paused, std::stop_token stop);
  /// Errors: kConflict for one of the configuration: it can be switched off.
  Status remove_schedule(const Principal& principal, const std::string& name, std::stop_token stop);

  [[nodiscard]] TaskWatch& watch() { return watch_; }

 private:
  Result<ScheduleView> schedule(const Principal& principal, const std::string& name,
                                std::stop_token stop);

  struct KeptFigures {
    std::chrono::steady_clock::time_point read_at = {};
    TaskFigures figures = {};
  };
  using Change = Status (jobs::Queue::*)(const std::string& id, std::stop_token stop);
  Result<BulkReport> change_many(const Principal& principal, const TaskSelection& selection,
                                 Change change, std::stop_token stop);

  jobs::Queue& queue_;
  TaskWatch& watch_;
  Guarded<std::map<std::chrono::minutes, KeptFigures>> figures_;
};

}  // namespace katip::app
