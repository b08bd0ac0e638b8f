#include "app/metrics.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "app/backup_figures.h"
#include "app/event_ledger.h"
#include "base/event_counters.h"
#include "base/guarded.h"
#include "store/finished_tasks.h"
#include "store/stats_store.h"
#include "store/task_store.h"
#include "store/worker_store.h"

/// Tested by metrics_test.cc and tests/e2e/test_serve.py.
namespace katip::app {
namespace {

using prometheus::Histogram;

constexpr std::chrono::milliseconds kRefreshInterval{1'000};
constexpr std::chrono::seconds kStallAfter{30};
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

/// One of event_counters, as it is shown.
struct KnownEvent {
  const char* name;
  const char* label_name;  ///< Empty: it has none.
  const char* help;
};
constexpr KnownEvent kKnownEvents[] = {
    {"fencing_rejects_total", "", "Results of workers that had lost their lease"},
    {"db_tx_retries_total", "", "Transactions that ran again as others were in the way"},
    {"db_pool_wait_seconds_total", "", "Time spent on waiting for a connection of the database"},
    {"otel_spans_sent_total", "", "Spans that a collector took"},
    {"otel_spans_dropped_total", "", "Spans that found no room or no collector"},
    {"error_reports_sent_total", "", "Errors that were reported"},
    {"error_reports_dropped_total", "",
     "Errors that were not, as they were too many or nobody took them"},
    {"sandbox_kills_total", "reason", "Decoders that their sandbox ended"},
    {"webhook_deliveries_total", "result", "Attempts to deliver a webhook"}};

struct Described {
  const char* name;
  const char* help;
};
constexpr Described kGauges[] = {
    {"build_info", "The version that runs"},
    {"migration_head_info", "The revision that the schema stands at"},
    {"queue_depth", "Tasks in each queue, by state"},
    {"queue_oldest_age_seconds", "How long the oldest available task has waited"},
    {"workers", "Workers alive, by what they do and how they are"},
    {"worker_rss_bytes", "Memory of the workers of a kind together"},
    {"db_pool_in_use", "Connections of the database in use"},
    {"db_pool_waiting", "Who waits for a connection"},
    {"database_up", "1 when the database answers"},
    {"disk_free_bytes", "Room left where the data folder lies"},
    {"disk_size_bytes", "Room there altogether"},
    {"uptime_seconds", "Since this server started"},
    {"tasks_completed", "Tasks that completed since this server started"},
    {"tasks_failed", "Tasks that failed since this server started"},
    {"active_tasks", "Tasks that run"},
    {"backup_last_success_timestamp", "When the newest verified backup was made; 0: there is none"},
    {"backup_size_bytes", "Its size"},
    {"backup_duration_seconds", "How long it took to make"},
    {"backup_verify_ok", "1 when the newest backup that ended could be restored"},
    {"backup_restore_drill_seconds", "How long the last exercise took to restore one"},
    {"backup_restore_drill_ok", "1 when it succeeded"},
    {"realtime_factor", "Processing time by length of the jobs that completed last"}};
constexpr Described kCounters[] = {
    {"http_requests_total", "Requests answered"},
    {"rate_limited_total", "Requests refused for their rate"},
    {"jobs_enqueued_total", "Tasks that came into a queue"},
    {"jobs_completed_total", "Tasks that completed"},
    {"jobs_failed_total", "Tasks that were given up"},
    {"jobs_cancelled_total", "Tasks that somebody cancelled"},
    {"jobs_retried_total", "Attempts beyond the first of tasks that ended"},
    {"jobs_quarantined_total", "Tasks that crashed their worker again and again"},
    {"job_audio_seconds_total", "Length of the recordings of completed jobs"},
    {"job_processing_seconds_total", "Time that these took"},
    {"lease_expired_total", "Workers that were silent for their lease"}};
constexpr Described kHistograms[] = {
    {"http_request_duration_seconds", "From a request's head to the end of its answer"},
    {"job_wait_seconds", "From when a task could begin until it did"},
    {"job_run_seconds", "Length of the attempt with which a task ended"}};

Figure::Sample sample_of(const prometheus::ClientMetric& metric, prometheus::MetricType type) {
  Figure::Sample sample;
  for (const auto& label : metric.label) sample.labels[label.name] = label.value;
  if (type != prometheus::MetricType::Histogram) {
    sample.value =
        type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value;
    return sample;
  }
  sample.value = metric.histogram.sample_sum;
  sample.count = metric.histogram.sample_count;
  for (const auto& bucket : metric.histogram.bucket) {
    if (std::isinf(bucket.upper_bound)) continue;
    sample.buckets.emplace_back(bucket.upper_bound, bucket.cumulative_count);
  }
  return sample;
}

std::string_view kind_of(prometheus::MetricType type) {
  if (type == prometheus::MetricType::Counter) return "counter";
  return type == prometheus::MetricType::Histogram ? "histogram" : "gauge";
}

/// A queue, and a kind of task in it.
using QueueAndKind = std::pair<std::string, std::string>;

const char* counter_of(const std::string& state) {
  if (state == "completed") return "jobs_completed_total";
  if (state == "cancelled") return "jobs_cancelled_total";
  return state == "quarantined" ? "jobs_quarantined_total" : "jobs_failed_total";
}

}  // namespace

struct Metrics::State {
  using Labels = prometheus::Labels;

  explicit State(const std::string& version) {
    for (const auto& [name, help] : kGauges) {
      gauges[name] = &prometheus::BuildGauge().Name(name).Help(help).Register(registry);
    }
    for (const auto& [name, help] : kCounters) add_counter(name, help);
    for (const KnownEvent& event : kKnownEvents) add_counter(event.name, event.help);
    for (const auto& [name, help] : kHistograms) {
      histograms[name] = &prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
    }
    set("build_info", {{"version", version}}, 1);
    // There from the first moment on: what appears with its first event has no rate before.
    for (const char* name : {"rate_limited_total", "job_audio_seconds_total",
                             "job_processing_seconds_total", "lease_expired_total"}) {
      increment(name, {}, 0);
    }
    for (const KnownEvent& event : kKnownEvents) {
      if (*event.label_name == '\0') increment(event.name, {}, 0);
    }
  }

  /// Backups come once a day: they are looked at once a minute.
  Status read_backups(store::Connection& sql, std::chrono::steady_clock::time_point now,
                      Timestamp calendar) {
    constexpr std::chrono::minutes kInterval(1);
    if (backups_read && now - *backups_read < kInterval) return {};
    const BackupFigures backups = KATIP_TRY(backup_figures(sql));
    const auto made_at = backups.last_success_at.value_or(Timestamp{});
    set("backup_last_success_timestamp", {},
        std::chrono::duration<double>(made_at.time_since_epoch()).count());
    set("backup_size_bytes", {}, static_cast<double>(backups.last_size));
    set("backup_duration_seconds", {}, backups.last_duration_s);
    set("backup_verify_ok", {}, backups.last_success_at && backups.is_last_good ? 1 : 0);
    if (backups.drill) {
      set("backup_restore_drill_seconds", {}, backups.drill->seconds);
      set("backup_restore_drill_ok", {}, backups.drill->is_good ? 1 : 0);
    }
    // A new installation has none before its first night.
    const bool had_time = backups.last_success_at || now - start > kBackupAgeMax;
    figures.is_backup_overdue = had_time && backups.is_overdue(calendar, kBackupAgeMax);
    backups_read = now;
    return {};
  }

  /// One that is no longer the head is shown as 0: both would be the head otherwise.
  void show_heads(const std::vector<std::string>& heads) {
    if (!first_heads) first_heads = heads;
    figures.is_schema_as_begun = heads == *first_heads;
    for (const std::string& head : shown_heads) set("migration_head_info", {{"revision", head}}, 0);
    for (const std::string& head : heads) set("migration_head_info", {{"revision", head}}, 1);
    shown_heads = heads;
  }

  void add_counter(const char* name, const char* help) {
    counters[name] = &prometheus::BuildCounter().Name(name).Help(help).Register(registry);
  }
  void set(std::string_view name, const Labels& labels, double value) {
    gauges.find(name)->second->Add(labels).Set(value);
  }
  void increment(std::string_view name, const Labels& labels, double amount) {
    counters.find(name)->second->Add(labels).Increment(amount);
  }
  /// A counter that is known as a total. It never goes down.
  void raise(std::string_view name, const Labels& labels, double total) {
    auto& counter = counters.find(name)->second->Add(labels);
    if (total > counter.Value()) counter.Increment(total - counter.Value());
  }
  void observe(std::string_view name, const Labels& labels, double value) {
    histograms.find(name)->second->Add(labels, seconds_buckets()).Observe(value);
  }

  void count(const store::FinishedTaskFigures& task) {
    const Labels labels = {{"queue", task.queue}, {"kind", task.kind}};
    increment(counter_of(task.state), labels, 1);
    ++ended_counts[{task.queue, task.kind}];
    if (task.attempt > 1) increment("jobs_retried_total", labels, task.attempt - 1);
    if (task.claimed_at) {
      observe("job_wait_seconds", {{"queue", task.queue}}, seconds(*task.claimed_at - task.run_at));
      observe("job_run_seconds", {{"kind", task.kind}},
              seconds(task.finished_at - *task.claimed_at));
    }
    (task.state == "completed" ? completed_count : failed_count) +=
        task.state == "cancelled" ? 0 : 1;
  }

  void show(const HealthFigures& shown) {
    for (const auto& [name, queue] : shown.queues) {
      const auto depth = [&](const char* state, std::int64_t count) {
        set("queue_depth", {{"queue", name}, {"state", state}}, static_cast<double>(count));
      };
      depth("available", queue.available);
      depth("running", queue.running);
      depth("scheduled", queue.scheduled);
      set("queue_oldest_age_seconds", {{"queue", name}}, queue.oldest_age_s);
    }
    show_enqueued();
    set("database_up", {}, shown.is_database_up ? 1 : 0);
    set("disk_free_bytes", {}, static_cast<double>(shown.disk_free_bytes));
    set("disk_size_bytes", {}, static_cast<double>(shown.disk_size_bytes));
    set("uptime_seconds", {}, static_cast<double>(shown.uptime_seconds));
    set("tasks_completed", {}, static_cast<double>(shown.tasks_completed));
    set("tasks_failed", {}, static_cast<double>(shown.tasks_failed));
    set("active_tasks", {}, static_cast<double>(shown.active_tasks));
  }

  /// What came is what is there and what has ended, less what was there at the start.
  void show_enqueued() {
    std::map<QueueAndKind, std::int64_t> seen = ended_counts;
    for (const auto& [lane, count] : live_counts) seen[lane] += count;
    if (!first_counts) first_counts = seen;
    for (const auto& [lane, count] : seen) {
      const auto first = first_counts->find(lane);
      const std::int64_t before = first == first_counts->end() ? 0 : first->second;
      raise("jobs_enqueued_total", {{"queue", lane.first}, {"kind", lane.second}},
            static_cast<double>(count - before));
    }
  }

  prometheus::Registry registry;
  std::map<std::string, prometheus::Family<prometheus::Counter>*, std::less<>> counters;
  std::map<std::string, prometheus::Family<prometheus::Gauge>*, std::less<>> gauges;
  std::map<std::string, prometheus::Family<Histogram>*, std::less<>> histograms;

  std::mutex mutex;  // Of all below; held while the database is asked, so that it is asked once.
  std::chrono::steady_clock::time_point start;
  std::optional<std::chrono::steady_clock::time_point> refreshed;
  std::optional<std::chrono::steady_clock::time_point> backups_read;
  store::HistoryPosition position;
  store::Timestamp jobs_position;  // Jobs that completed before are counted.
  store::Timestamp workers_position;
  store::Timestamp start_time;
  std::optional<std::vector<std::string>> first_heads;  // Of the schema, at the start.
  std::vector<std::string> shown_heads;
  std::set<std::string> dead_workers;  // That are counted, of those that are still listed.
  std::optional<std::chrono::steady_clock::time_point> idle_since;  // Although tasks wait.
  std::int64_t idle_at_count = 0;                                   // Of tasks that had ended then.
  std::map<QueueAndKind, std::int64_t> ended_counts;                // Since the start.
  std::map<QueueAndKind, std::int64_t> live_counts;                 // Of what has not ended.
  std::optional<std::map<QueueAndKind, std::int64_t>> first_counts;  // Both, as seen first.
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
  const auto now = store::to_timestamp(clock.calendar());
  state_->position.finished_at = now;
  state_->jobs_position = now;
  state_->workers_position = now;
  state_->start_time = now;
}

Metrics::~Metrics() = default;

void Metrics::on_request(const RequestFigures& request) {
  const std::string route(request.route.empty() ? "none" : request.route);
  const std::string method(request.method);
  const double duration_s = static_cast<double>(request.duration.count()) / 1e6;
  state_->increment(
      "http_requests_total",
      {{"route", route}, {"method", method}, {"code", std::to_string(request.status)}}, 1);
  state_->observe("http_request_duration_seconds", {{"route", route}, {"method", method}},
                  duration_s);
  state_->requests_since.with_lock([&](RequestCounts& counts) {
    if (!request.is_patient) counts.latencies.add(request.duration);
    if (request.status >= 500) ++counts.failure_count;
  });
}

RequestCounts Metrics::take_requests() {
  return state_->requests_since.with_lock(
      [](RequestCounts& counts) { return std::exchange(counts, {}); });
}

void Metrics::on_rate_limited() { state_->increment("rate_limited_total", {}, 1); }

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
    figures.disk_size_bytes = error ? 0 : static_cast<std::int64_t>(space.capacity);
    figures.uptime_seconds =
        std::chrono::duration_cast<std::chrono::seconds>(clock_.now() - state_->start).count();
    figures.tasks_completed = state_->completed_count;
    figures.tasks_failed = state_->failed_count;
    const auto ended = static_cast<double>(figures.tasks_completed + figures.tasks_failed);
    figures.success_rate =
        ended == 0 ? 100 : 100 * static_cast<double>(figures.tasks_completed) / ended;
    const store::PoolStats stats = pool_.stats();
    state_->set("db_pool_in_use", {}, static_cast<double>(stats.used_count));
    state_->set("db_pool_waiting", {}, static_cast<double>(stats.waiter_count));
    state_->show(figures);
    state_->known.with_lock([&](HealthFigures& before) { before = figures; });
  }
  return state_->figures;
}

std::string Metrics::text(std::stop_token stop) {
  health(stop);
  return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

std::vector<Figure> Metrics::figures(std::stop_token stop) {
  health(stop);
  std::vector<Figure> all;
  for (const prometheus::MetricFamily& family : state_->registry.Collect()) {
    Figure figure{.name = family.name, .help = family.help, .kind = kind_of(family.type)};
    for (const auto& metric : family.metric) {
      figure.samples.push_back(sample_of(metric, family.type));
    }
    all.push_back(std::move(figure));
  }
  std::ranges::sort(all, {}, &Figure::name);
  return all;
}

Status Metrics::refresh(std::stop_token stop) {
  KATIP_TRY(write_events(pool_, stop));
  const store::PooledConnection sql = KATIP_TRY(pool_.acquire(stop));
  state_->figures.database = sql->dialect() == store::Dialect::kSqlite ? "sqlite" : "postgresql";
  KATIP_TRY(read_history(*sql));
  KATIP_TRY(read_queues(*sql, state_->figures));
  KATIP_TRY(read_workers(*sql, state_->figures));
  look_for_stall(state_->figures);
  KATIP_TRY(state_->read_backups(*sql, clock_.now(), store::to_timestamp(clock_.calendar())));
  return read_totals(*sql);
}

/// What workers and other servers have counted, and what jobs have come to.
Status Metrics::read_totals(store::Connection& sql) {
  const EventCounts events = KATIP_TRY(store::list_event_counts(sql));
  for (const KnownEvent& known : kKnownEvents) {
    for (const auto& [key, value] : events) {
      if (key.first != known.name) continue;
      const bool has_label = *known.label_name != '\0';
      state_->raise(known.name,
                    has_label ? State::Labels{{known.label_name, key.second}} : State::Labels(),
                    value);
    }
  }
  // A little behind now: what has ended at a time is in the database soon after it.
  const auto before = store::to_timestamp(clock_.calendar()) - std::chrono::seconds(2);
  if (before > state_->jobs_position) {
    store::StatsRecord ended;
    KATIP_TRY(store::add_ended_jobs(sql, state_->jobs_position, before, ended));
    state_->jobs_position = before;
    state_->increment("job_audio_seconds_total", {}, ended.audio_s);
    state_->increment("job_processing_seconds_total", {}, ended.processing_s);
    if (ended.audio_s > 0) state_->set("realtime_factor", {}, ended.processing_s / ended.audio_s);
  }
  state_->show_heads(KATIP_TRY(store::list_schema_heads(sql)));
  return {};
}

Status Metrics::read_queues(store::Connection& sql, HealthFigures& figures) {
  store::TaskStore tasks(sql);
  const auto now = store::to_timestamp(clock_.calendar());
  std::map<std::string, QueueFigures> queues = {
      {"critical", {}}, {"high", {}}, {"default", {}}, {"low", {}}};
  figures.active_tasks = 0;
  figures.waiting_tasks = 0;
  state_->live_counts.clear();
  for (const store::TaskCount& count : KATIP_TRY(tasks.counts_by_kind())) {
    QueueFigures& queue = queues[count.queue];
    state_->live_counts[{count.queue, count.kind}] += count.count;
    if (count.state == "running") {
      queue.running += count.count;
      figures.active_tasks += count.count;
    } else if (count.state == "available") {
      queue.available += count.count;
      queue.oldest_age_s = std::max(queue.oldest_age_s, seconds(now - count.oldest_run_at));
      figures.waiting_tasks += count.count;
    } else {
      queue.scheduled += count.count;
    }
  }
  for (const store::QueueRecord& record : KATIP_TRY(tasks.queues())) {
    queues[record.name].is_paused = record.mode == "paused";
  }
  figures.queues = std::move(queues);
  return {};
}

Status Metrics::read_workers(store::Connection& sql, HealthFigures& figures) {
  figures.workers = {{"engine", 0}, {"general", 0}};
  std::map<std::string, std::int64_t> memory = figures.workers;
  std::map<std::pair<std::string, std::string>, std::int64_t> counts;
  for (const auto& [kind, none] : memory) {
    for (const char* state : {"running", "stopping"}) counts[{kind, state}] = 0;
  }
  constexpr int kWorkerCountMax = 1'000;
  const auto now = store::to_timestamp(clock_.calendar());
  const auto since = std::min(state_->workers_position, now - std::chrono::minutes(1));
  std::set<std::string> dead;
  for (const store::WorkerRecord& worker :
       KATIP_TRY(store::WorkerStore(sql).list(since, kWorkerCountMax))) {
    if (worker.state == "dead" && worker.ended_at >= state_->start_time) dead.insert(worker.id);
    if (worker.state != "running" && worker.state != "stopping") continue;
    ++figures.workers[worker.worker_kind];
    ++counts[{worker.worker_kind, worker.state}];
    memory[worker.worker_kind] += worker.figures.memory_bytes;
  }
  for (const std::string& id : dead) {
    if (!state_->dead_workers.contains(id)) state_->increment("lease_expired_total", {}, 1);
  }
  state_->dead_workers = std::move(dead);
  state_->workers_position = now;
  for (const auto& [key, count] : counts) {
    state_->set("workers", {{"kind", key.first}, {"state", key.second}},
                static_cast<double>(count));
  }
  for (const auto& [kind, bytes] : memory) {
    state_->set("worker_rss_bytes", {{"kind", kind}}, static_cast<double>(bytes));
  }
  return {};
}

/// Workers beat, so they live, and yet none of them claims: nobody else would notice. While one of
/// them works, what waits may have its reasons, as the limit of a tenant.
void Metrics::look_for_stall(HealthFigures& figures) {
  const bool waits = std::ranges::any_of(figures.queues, [](const auto& entry) {
    const QueueFigures& queue = entry.second;
    return !queue.is_paused && queue.available > 0 &&
           queue.oldest_age_s >= std::chrono::duration<double>(kStallAfter).count();
  });
  const bool has_workers =
      std::ranges::any_of(figures.workers, [](const auto& entry) { return entry.second > 0; });
  const std::int64_t ended_count = state_->completed_count + state_->failed_count;
  const bool works = figures.active_tasks > 0 || ended_count != state_->idle_at_count;
  state_->idle_at_count = ended_count;
  if (!waits || !has_workers || works) {
    state_->idle_since.reset();
  } else if (!state_->idle_since) {
    state_->idle_since = clock_.now();
  }
  figures.is_stalled = state_->idle_since && clock_.now() - *state_->idle_since >= kStallAfter;
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
