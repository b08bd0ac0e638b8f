#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/guarded.h"
#include "base/testing/temporary_folder.h"
#include "jobs/queue.h"
#include "store/pool.h"
#include "store/testing/postgres_server.h"

/// A database, a supervisor process with its worker processes, and a record of every effect, for
/// tests that break them. All are real: the processes are this program, started anew.
namespace katip::drill {

struct DrillOptions {
  std::string database = "sqlite";  ///< Or postgres.
  std::uint64_t seed = 1;
  int process_count = 3;
  int slot_count = 4;
  int critical_slot_count = 0;
  int lease_ms = 900;
  std::int64_t memory_mb_max = 0;
  int task_count_max = 0;
  int ageing_ms = 600'000;
  int backoff_first_ms = 50;
  int backoff_max_ms = 500;
  int hard_stop_ms = 60'000;  ///< So long a task may ignore its stop.
  int grace_ms = 30'000;      ///< So long its neighbours have then, or all at a stop.
  std::vector<std::string> postgres_settings = {};
  std::string postgres_folder = {};  ///< Where its files are: on a disk of a scenario's own.
};

/// What became of all tasks, from the history and the table of effects.
struct Tally {
  std::int64_t completed = 0;
  std::int64_t rescued = 0;  ///< Completed, after a worker that had them ended.
  std::int64_t discarded = 0;
  std::int64_t quarantined = 0;
  std::int64_t waiting = 0;          ///< Still in the queue.
  std::int64_t with_one_effect = 0;  ///< Tasks whose effect happened once …
  std::int64_t with_more = 0;        ///< … and more often.
};

/// Ends the program with a message when something that the test needs does not work.
void insist(const Status& status);
template <typename T>
T insist(Result<T> result) {
  if (!result) insist(Status(std::unexpected(result.error())));
  return std::move(result).value();
}

/// Threads: one thread; queue() and put() may be used by another one.
class Drill {
 public:
  explicit Drill(const DrillOptions& options);
  ~Drill();

  jobs::Queue& queue() { return *queue_; }
  [[nodiscard]] const DrillOptions& options() const { return options_; }
  [[nodiscard]] const std::string& url() const { return url_; }
  store::testing::PostgresServer* postgres() { return server_.get(); }

  /// Starts a server, which is a supervisor with its workers; more than one may run.
  void start_server();
  /// Kills the server that was started first, and its workers with it, without a word.
  void kill_server();
  void stop_servers();

  /// Puts all of them in, however often the database refuses.
  void put(const std::string& kind, int count, const std::string& args = "{}");
  /// What put() was refused with so far.
  std::vector<Error> refusals();
  /// Worker processes that are registered as running, in order.
  std::vector<pid_t> workers();
  /// The same when as many run as there should be; empty when they do not come.
  std::vector<pid_t> wait_for_workers(std::chrono::seconds time_max);
  Tally tally();
  /// The one number that a statement gives.
  std::int64_t count(const std::string& sql, const std::vector<store::Value>& parameters = {});
  /// The ids of the tasks that ended and have this in a column: kind or queue.
  std::vector<std::string> ended_of(const std::string& column, const std::string& value);
  std::int64_t count_completed_of(const std::string& tenant);
  /// How many there were.
  int retry_quarantined();
  /// Waits until nothing is left in the queue; false when it takes longer.
  bool wait_until_empty(std::chrono::seconds time_max);

 private:
  DrillOptions options_;
  std::unique_ptr<TemporaryFolder> folder_;
  std::unique_ptr<store::testing::PostgresServer> server_;
  std::string url_;
  std::unique_ptr<store::Pool> pool_;
  std::unique_ptr<jobs::Queue> queue_;
  bool is_there(const std::string& batch);

  std::vector<pid_t> servers_;
  int batch_count_ = 0;
  Guarded<std::vector<Error>> refusals_;
};

/// The other roles of this program: a server, or a worker. Gives the exit code.
int run_role(const std::vector<std::string>& arguments);

}  // namespace katip::drill
