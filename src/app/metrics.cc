#include "app/metrics.h"

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <utility>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "base/guarded.h"
#include "store/finished_tasks.h"
#include "store/task_store.h"
#include "store/worker_store.h"

/// Tested by metrics_test.cc and tests/e2e/test_serve.py.
namespace katip::app {
namespace {

using prometheus::Histogram;

constexpr std::chrono::milliseconds kRefreshInterval{1'000};
constexpr int kHistoryPiece = 2'000;
constexpr int kHistoryPieceCountMax = 20;

const Histogram::BucketBoundaries& seconds_buckets() {
  static const Histogram::BucketBoundaries buckets = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                                                      1,     2.5,  5,     10,   30,  60,   300};
  return buckets;
}

double seconds(std::chrono::milliseconds duration) {
  return static_cast<double>(std::max<std::int64_t>(duration.count(), 0)) / 1'000;
}

}  // namespace

struct Metrics::State {
  explicit State(const std::string& version)
      : requests(prometheus::BuildCounter()
                     .Name("http_requests_total")
                     .Help("Requests answered")
                     .Register(registry)),
        request_seconds(prometheus::BuildHistogram()
                            .Name("http_request_duration_seconds")
                            .Help("From a request's head to the end of its answer")
                            .Register(registry)),
        rate_limited(prometheus::BuildCounter()
                         .Name("rate_limited_total")
                         .Help("Requests refused for their rate")
                         .Register(registry)
                         .Add({})),
        ended(prometheus::BuildCounter()
                  .Name("tasks_ended_total")
                  .Help("Tasks that ended since this server started, by how")
                  .Register(registry)),
        retried(prometheus::BuildCounter()
                    .Name("tasks_retried_total")
                    .Help("Attempts beyond the first of tasks that ended")
                    .Register(registry)),
        wait_seconds(prometheus::BuildHistogram()
                         .Name("task_wait_seconds")
                         .Help("From when a task could begin until it did")
                         .Register(registry)),
        run_seconds(prometheus::BuildHistogram()
                        .Name("task_run_seconds")
                        .Help("Length of the attempt with which a task ended")
                        .Register(registry)),
        depth(prometheus::BuildGauge()
                  .Name("queue_depth")
                  .Help("Tasks in each queue, by state")
                  .Register(registry)),
        oldest(prometheus::BuildGauge()
                   .Name("queue_oldest_age_seconds")
                   .Help("How long the oldest available task has waited")
                   .Register(registry)),
        workers(prometheus::BuildGauge().Name("workers").Help("Workers alive").Register(registry)),
        worker_memory(prometheus::BuildGauge()
                          .Name("worker_rss_bytes")
                          .Help("Memory of the workers of a kind together")
                          .Register(registry)),
        pool_used(prometheus::BuildGauge()
                      .Name("db_pool_in_use")
                      .Help("Connections of the database in use")
                      .Register(registry)
                      .Add({})),
        pool_waiting(prometheus::BuildGauge()
                         .Name("db_pool_waiting")
                         .Help("Who waits for a connection")
                         .Register(registry)
                         .Add({})),
        database_up(prometheus::BuildGauge()
                        .Name("database_up")
                        .Help("1 when the database answers")
                        .Register(registry)
                        .Add({})),
        disk_free(prometheus::BuildGauge()
                      .Name("disk_free_bytes")
                      .Help("Room left where the data folder lies")
                      .Register(registry)
                      .Add({})),
        uptime(prometheus::BuildGauge()
                   .Name("uptime_seconds")
                   .Help("Since this server started")
                   .Register(registry)
                   .Add({})) {
    prometheus::BuildGauge()
        .Name("build_info")
        .Help("The version that runs")
        .Register(registry)
        .Add({{"version", version}})
        .Set(1);
  }

  void count(const store::FinishedTaskFigures& task) {
    ended.Add({{"queue", task.queue}, {"kind", task.kind}, {"state", task.state}}).Increment();
    if (task.attempt > 1) {
      retried.Add({{"queue", task.queue}, {"kind", task.kind}}).Increment(task.attempt - 1);
    }
    if (task.claimed_at) {
      wait_seconds.Add({{"queue", task.queue}}, seconds_buckets())
          .Observe(seconds(*task.claimed_at - task.run_at));
      run_seconds.Add({{"kind", task.kind}}, seconds_buckets())
          .Observe(seconds(task.finished_at - *task.claimed_at));
    }
    (task.state == "completed" ? completed_count : failed_count) +=
        task.state == "cancelled" ? 0 : 1;
  }

  void show(const HealthFigures& shown) {
    for (const auto& [name, queue] : shown.queues) {
      depth.Add({{"queue", name}, {"state", "available"}})
          .Set(static_cast<double>(queue.available));
      depth.Add({{"queue", name}, {"state", "running"}}).Set(static_cast<double>(queue.running));
      depth.Add({{"queue", name}, {"state", "scheduled"}})
          .Set(static_cast<double>(queue.scheduled));
      oldest.Add({{"queue", name}}).Set(queue.oldest_age_s);
    }
    database_up.Set(shown.is_database_up ? 1 : 0);
    disk_free.Set(static_cast<double>(shown.disk_free_bytes));
    uptime.Set(static_cast<double>(shown.uptime_seconds));
  }

  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests;
  prometheus::Family<Histogram>& request_seconds;
  prometheus::Counter& rate_limited;
  prometheus::Family<prometheus::Counter>& ended;
  prometheus::Family<prometheus::Counter>& retried;
  prometheus::Family<Histogram>& wait_seconds;
  prometheus::Family<Histogram>& run_seconds;
  prometheus::Family<prometheus::Gauge>& depth;
  prometheus::Family<prometheus::Gauge>& oldest;
  prometheus::Family<prometheus::Gauge>& workers;
  prometheus::Family<prometheus::Gauge>& worker_memory;
  prometheus::Gauge& pool_used;
  prometheus::Gauge& pool_waiting;
  prometheus::Gauge& database_up;
  prometheus::Gauge& disk_free;
  prometheus::Gauge& uptime;

  std::mutex mutex;  // Of all below; held while the database is asked, so that it is asked once.
  std::chrono::steady_clock::time_point start;
  std::optional<std::chrono::steady_clock::time_point> refreshed;
  store::HistoryPosition position;
  std::int64_t completed_count = 0;
  std::int64_t failed_count = 0;
  HealthFigures figures;

  Guarded<HealthFigures> known;  // A copy, for those who do not wait.
  Guarded<RequestCounts> requests_since;
};

Metrics::Metrics(store::Pool& pool, const Clock& clock, std::string version, std::string data_dir)
    : pool_(pool),
      clock_(clock),
      data_dir_(std::move(data_dir)),
      state_(std::make_unique<State>(version)) {
  state_->start = clock.now();
  state_->position.finished_at = store::to_timestamp(clock.calendar());
}

Metrics::~Metrics() = default;

void Metrics::on_request(const RequestFigures& request) {
  const std::string route(request.route.empty() ? "none" : request.route);
  const std::string method(request.method);
  state_->requests
      .Add({{"route", route}, {"method", method}, {"code", std::to_string(request.status)}})
      .Increment();
  state_->request_seconds.Add({{"route", route}, {"method", method}}, seconds_buckets())
      .Observe(static_cast<double>(request.duration.count()) / 1e6);
  state_->requests_since.with_lock([&](RequestCounts& counts) {
    if (!request.is_patient) counts.latencies.add(request.duration);
    if (request.status >= 500) ++counts.failure_count;
  });
}

RequestCounts Metrics::take_requests() {
  return state_->requests_since.with_lock(
      [](RequestCounts& counts) { return std::exchange(counts, {}); });
}

void Metrics::on_rate_limited() { state_->rate_limited.Increment(); }

HealthFigures Metrics::health(std::stop_token stop) {
  // One asks the database, which may be away; the others get what was known before.
  const std::unique_lock lock(state_->mutex, std::try_to_lock);
  if (!lock.owns_lock()) {
    return state_->known.with_lock([](const HealthFigures& before) { return before; });
  }
  if (!state_->refreshed || clock_.now() - *state_->refreshed >= kRefreshInterval) {
    const Status refreshed = refresh(stop);
    HealthFigures& figures = state_->figures;
    figures.is_database_up = refreshed.has_value();
    figures.problem = refreshed ? "" : refreshed.error().message;
    state_->refreshed = clock_.now();
    std::error_code error;
    const auto space = std::filesystem::space(data_dir_, error);
    figures.disk_free_bytes = error ? 0 : static_cast<std::int64_t>(space.available);
    figures.uptime_seconds =
        std::chrono::duration_cast<std::chrono::seconds>(clock_.now() - state_->start).count();
    figures.tasks_completed = state_->completed_count;
    figures.tasks_failed = state_->failed_count;
    const auto ended = static_cast<double>(figures.tasks_completed + figures.tasks_failed);
    figures.success_rate =
        ended == 0 ? 100 : 100 * static_cast<double>(figures.tasks_completed) / ended;
    const store::PoolStats stats = pool_.stats();
    state_->pool_used.Set(static_cast<double>(stats.used_count));
    state_->pool_waiting.Set(static_cast<double>(stats.waiter_count));
    state_->show(figures);
    state_->known.with_lock([&](HealthFigures& before) { before = figures; });
  }
  return state_->figures;
}

std::string Metrics::text(std::stop_token stop) {
  health(stop);
  return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

Status Metrics::refresh(std::stop_token stop) {
  const store::PooledConnection sql = KATIP_TRY(pool_.acquire(stop));
  state_->figures.database = sql->dialect() == store::Dialect::kSqlite ? "sqlite" : "postgresql";
  KATIP_TRY(read_queues(*sql, state_->figures));
  return read_history(*sql);
}

Status Metrics::read_queues(store::Connection& sql, HealthFigures& figures) {
  store::TaskStore tasks(sql);
  const auto now = store::to_timestamp(clock_.calendar());
  std::map<std::string, QueueFigures> queues = {
      {"critical", {}}, {"high", {}}, {"default", {}}, {"low", {}}};
  figures.active_tasks = 0;
  figures.waiting_tasks = 0;
  for (const store::TaskCount& count : KATIP_TRY(tasks.counts())) {
    QueueFigures& queue = queues[count.queue];
    if (count.state == "running") {
      queue.running = count.count;
      figures.active_tasks += count.count;
    } else if (count.state == "available") {
      queue.available = count.count;
      queue.oldest_age_s = seconds(now - count.oldest_run_at);
      figures.waiting_tasks += count.count;
    } else {
      queue.scheduled += count.count;
    }
  }
  for (const store::QueueRecord& record : KATIP_TRY(tasks.queues())) {
    queues[record.name].is_paused = record.mode == "paused";
  }
  figures.queues = std::move(queues);
  figures.workers = {{"engine", 0}, {"general", 0}};
  std::map<std::string, std::int64_t> memory = {{"engine", 0}, {"general", 0}};
  constexpr int kWorkerCountMax = 1'000;
  for (const store::WorkerRecord& worker :
       KATIP_TRY(store::WorkerStore(sql).list(now - std::chrono::minutes(1), kWorkerCountMax))) {
    if (worker.state != "running" && worker.state != "stopping") continue;
    ++figures.workers[worker.worker_kind];
    memory[worker.worker_kind] += worker.figures.memory_bytes;
  }
  for (const auto& [kind, count] : figures.workers) {
    state_->workers.Add({{"kind", kind}}).Set(static_cast<double>(count));
    state_->worker_memory.Add({{"kind", kind}}).Set(static_cast<double>(memory[kind]));
  }
  return {};
}

Status Metrics::read_history(store::Connection& sql) {
  for (int piece = 0; piece < kHistoryPieceCountMax; ++piece) {
    const auto tasks = KATIP_TRY(store::finished_tasks(sql, state_->position, kHistoryPiece));
    for (const store::FinishedTaskFigures& task : tasks) {
      state_->count(task);
      state_->position = {.finished_at = task.finished_at, .id = task.id};
    }
    if (tasks.size() < kHistoryPiece) break;
  }
  return {};
}

}  // namespace katip::app
