#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/stats/latency_counts.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/pool.h"

namespace katip::app {

struct QueueFigures {
  std::int64_t available = 0;
  std::int64_t running = 0;
  std::int64_t scheduled = 0;  ///< With those that wait for another attempt.
  double oldest_age_s = 0;     ///< Of what is available.
  bool is_paused = false;
};

/// How the whole installation is doing, for people and for /health.
struct HealthFigures {
  bool is_database_up = false;
  std::string database;  ///< "sqlite" or "postgresql".
  std::string problem;   ///< Why something is not well; empty: all is.
  std::int64_t uptime_seconds = 0;
  std::int64_t tasks_completed = 0;  ///< Since this server started.
  std::int64_t tasks_failed = 0;
  std::int64_t active_tasks = 0;
  std::int64_t waiting_tasks = 0;
  double success_rate = 100;  ///< Per cent; 100 when nothing has ended yet.
  std::map<std::string, QueueFigures> queues = {};
  std::map<std::string, std::int64_t> workers = {};  ///< Alive, by kind.
  std::int64_t disk_free_bytes = 0;
  std::int64_t disk_size_bytes = 0;
  std::int64_t job_watch_count = 0;
  bool is_backup_overdue = false;  ///< Nothing was verified for 26 hours in which one could be.
  bool is_schema_as_begun = true;  ///< No revision came or went since this server started.
  /// For half a minute tasks have waited, in a queue that is not paused, while every worker is
  /// idle.
  bool is_stalled = false;
};

struct RequestFigures {
  std::string_view method;
  std::string_view route;  ///< As declared: "/api/v1/jobs/{job_id}".
  int status = 0;
  std::chrono::microseconds duration{0};
  /// It waits for something by its nature: a transcript, news. How long says nothing about us.
  bool is_patient = false;
};

/// Requests of this process since somebody asked last.
struct RequestCounts {
  LatencyCounts latencies = {};    ///< Of those that are answered at once.
  std::int64_t failure_count = 0;  ///< With a status of 500 or above.
};

/// One figure of /metrics with all its labels, for those who do not read the format of Prometheus.
struct Figure {
  struct Sample {
    std::map<std::string, std::string> labels = {};
    double value = 0;  ///< Of a histogram: the sum of what was observed.
    std::uint64_t count = 0;
    /// Of a histogram: how many were at most so much; without the last one, which is all of them.
    std::vector<std::pair<double, std::uint64_t>> buckets = {};
  };
  std::string name = {};
  std::string help = {};
  std::string_view kind = {};  ///< "counter", "gauge" or "histogram".
  std::vector<Sample> samples = {};
};

/// Figures in the format of Prometheus. What happens in this process is counted as it happens; what
/// workers did is read from the history of the queue, wherever they run: with several servers on
/// one database each tells of all tasks.
///
/// Threads:  thread-safe.
/// Lifetime: pool and clock outlive it.
class Metrics {
 public:
  Metrics(store::Pool& pool, const Clock& clock, std::string version, std::string data_dir);
  ~Metrics();

  void on_request(const RequestFigures& request);
  void on_rate_limited();
  /// And begins to count anew.
  RequestCounts take_requests();

  /// As of at most a second ago. Never fails: what cannot be read is said in the figures.
  HealthFigures health(std::stop_token stop);
  /// "text/plain; version=0.0.4".
  std::string text(std::stop_token stop);
  /// The same, in the order of their names.
  std::vector<Figure> figures(std::stop_token stop);

 private:
  struct State;
  Status refresh(std::stop_token stop);
  Status read_queues(store::Connection& sql, HealthFigures& figures);
  Status read_workers(store::Connection& sql, HealthFigures& figures);
  void look_for_stall(HealthFigures& figures);
  Status read_history(store::Connection& sql);
  Status read_totals(store::Connection& sql);

  store::Pool& pool_;
  const Clock& clock_;
  const std::string data_dir_;
  std::unique_ptr<State> state_;
};

}  // namespace katip::app
