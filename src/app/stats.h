#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/metrics.h"
#include "app/principal.h"
#include "app/timestamp.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/pool.h"

/// How the installation did over time: minutes for two days, quarters of an hour for a month, hours
/// for 400 days.
///
/// Each server tries to write each minute, and the first one does; what it measures is the same for
/// all. Requests are each server's own, so every server adds its own to the minute.
namespace katip::app {

/// A mean of the step for each queue.
struct QueueStats {
  double available = 0;
  double running = 0;
  double scheduled = 0;  ///< With those that wait for another attempt.
  double oldest_age_s = 0;
};

/// One step of a plot. What was not measured is not there.
struct StatsPoint {
  Timestamp begins_at = {};
  int minute_count = 0;  ///< Minutes of the step that were measured.
  std::map<std::string, QueueStats> queues = {};
  double worker_count = 0;
  std::int64_t tasks_completed = 0;
  std::int64_t tasks_failed = 0;
  std::optional<double> task_wait_s = {};  ///< Mean: from when it could begin until it did.
  std::optional<double> task_run_s = {};   ///< Mean.
  std::int64_t jobs_completed = 0;
  std::int64_t jobs_failed = 0;
  double audio_s = 0;  ///< Of completed jobs, as is the next one.
  double processing_s = 0;
  std::optional<double> realtime_factor = {};  ///< 0.02 is fifty times faster than speaking.
  std::int64_t request_count = 0;              ///< Of those that are answered at once.
  std::int64_t request_failures = 0;           ///< With a status of 500 or above.
  std::optional<double> request_p50_ms = {};
  std::optional<double> request_p95_ms = {};
};

struct StatsQuery {
  std::optional<Timestamp> from = {};    ///< Nothing: a day before the end.
  std::optional<Timestamp> before = {};  ///< Nothing: now.
  std::optional<int> step_s = {};        ///< Nothing: so that there are some hundred points.
};

struct StatsSeries {
  Timestamp from = {};
  Timestamp before = {};
  int step_s = 60;  ///< As asked for, or coarser where nothing finer is kept.
  std::vector<StatsPoint> points;
};

inline constexpr int kStatsPointCountMax = 2'000;

/// Threads:  thread-safe.
/// Lifetime: pool, metrics and clock outlive it.
class Stats {
 public:
  Stats(store::Pool& pool, Metrics& metrics, const Clock& clock)
      : pool_(pool), metrics_(metrics), clock_(clock) {}

  /// Writes each minute when it has ended, until it is stopped. `on_problem`: one could not be
  /// written.
  void run(std::stop_token stop, const std::function<void(const Error&)>& on_problem);
  /// Writes the minute that has ended last, sums up what is old enough, forgets what is older.
  Status sample(std::stop_token stop);

  /// Errors: kPermissionDenied for who may not operate; kInvalidArgument for a time that ends
  ///         before it begins, a step that is no number of minutes, and too many points.
  Result<StatsSeries> read(const Principal& principal, const StatsQuery& query,
                           std::stop_token stop);

 private:
  Status add_requests(store::Connection& sql, Timestamp minute);

  store::Pool& pool_;
  Metrics& metrics_;
  const Clock& clock_;
};

}  // namespace katip::app
