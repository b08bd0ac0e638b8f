#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "jobs/queue.h"
#include "jobs/task_state.h"
#include "store/connection.h"

/// Watches what happens to the rows of the queue, and says which rule was broken. Triggers write
/// every step of every task down, in the transaction that makes it; the audit keeps a picture of
/// its own of what should be, and compares.
namespace katip::jobs {

/// SQLite only. Errors: those of the database.
Status install_audit(store::Connection& sql);
/// Throws away every row, for the next seed.
Status clear_rows(store::Connection& sql);

struct AuditRules {
  int tenant_running_max = 0;
  int crash_count_max = 3;
};

/// Threads:  one thread.
/// Lifetime: the connection outlives it.
class Audit {
 public:
  struct Task {
    TaskState state = TaskState::kScheduled;
    std::int64_t token = 0;
    std::string worker_id = {};
    std::string queue = {};
    std::string tenant = {};
    std::optional<std::string> unique_key = {};
    int crash_count = 0;
    bool runs_alone = false;
    bool was_cancelled = false;  ///< Somebody was told so.
    int completed_count = 0;
  };

  Audit(store::Connection& sql, AuditRules rules) : sql_(sql), rules_(rules) {}

  /// Reads what has happened since the last time. `death`: what the parent of a worker has told.
  void look(const std::optional<Death>& death = std::nullopt);
  void blame(std::string problem);
  [[nodiscard]] const std::optional<std::string>& problem() const { return problem_; }
  [[nodiscard]] const AuditRules& rules() const { return rules_; }

  /// As of the last look.
  [[nodiscard]] bool holds(const store::TaskKey& key) const;
  [[nodiscard]] const Task* find(const std::string& id) const;
  [[nodiscard]] const std::map<std::string, Task>& tasks() const { return tasks_; }
  void set_cancelled(const std::string& id) { tasks_[id].was_cancelled = true; }
  void set_mode(const std::string& queue, const std::string& mode) { modes_[queue] = mode; }
  /// A worker that may claim; and one that the database was told has ended.
  void set_worker(const std::string& id, bool may_claim);
  /// Slots that were served, by schedule, in order.
  [[nodiscard]] const std::map<std::string, std::vector<std::string>>& slots() const {
    return slots_;
  }
  [[nodiscard]] int live_count() const;
  /// When all is quiet: every task has ended and is kept, and every slot has its task.
  void check_end();

 private:
  struct Entry {
    std::string event, id;
    std::optional<std::string> from, to;
    Task task;
  };

  std::vector<Entry> read_log();
  void apply(const Entry& entry, const std::optional<Death>& death);
  void on_insert(const Entry& entry);
  void on_update(const Entry& entry, const std::optional<Death>& death);
  void on_history(const Entry& entry, const std::optional<Death>& death);
  void check_claim(const Entry& entry, const Task& task);
  void check_crash_count(const Entry& entry, const Task& task, const std::optional<Death>& death);
  [[nodiscard]] bool may_be_blamed(const std::string& id, const Task& task,
                                   const std::optional<Death>& death) const;
  void check_slot(const Entry& entry);

  store::Connection& sql_;
  AuditRules rules_;
  std::map<std::string, Task> tasks_;
  std::map<std::string, std::string> modes_;              // By queue.
  std::map<std::string, bool> may_claim_;                 // By worker.
  std::map<std::string, std::set<std::string>> company_;  // By worker, before the steps of a look.
  std::map<std::string, std::vector<std::string>> slots_;
  std::set<std::string> schedule_keys_;
  std::optional<std::string> problem_;  // The first one.
};

}  // namespace katip::jobs
