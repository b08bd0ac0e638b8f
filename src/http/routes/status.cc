#include "http/routes/status.h"

#include <cmath>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

/// Tested by tests/e2e/test_serve.py.
namespace katip::http {
namespace json = boost::json;
namespace {

constexpr std::int64_t kDiskFreeMin = 500'000'000;  // Bytes; below, uploads will soon fail.

std::int64_t worker_count(const app::HealthFigures& figures) {
  std::int64_t count = 0;
  for (const auto& [kind, alive] : figures.workers) count += alive;
  return count;
}

json::object queues_of(const app::HealthFigures& figures) {
  json::object queues;
  for (const auto& [name, queue] : figures.queues) {
    queues[name] = {{"available", queue.available},
                    {"running", queue.running},
                    {"scheduled", queue.scheduled},
                    {"oldest_age_seconds", queue.oldest_age_s},
                    {"paused", queue.is_paused}};
  }
  return queues;
}

json::object tasks_of(const app::HealthFigures& figures) {
  return {{"tasks_completed", figures.tasks_completed},
          {"tasks_failed", figures.tasks_failed},
          {"active_tasks", figures.active_tasks},
          {"waiting_tasks", figures.waiting_tasks}};
}

json::object workers_of(const app::HealthFigures& figures) {
  json::object workers;
  for (const auto& [kind, count] : figures.workers) workers[kind] = count;
  return workers;
}

std::string status_of(const app::HealthFigures& figures) {
  if (!figures.is_database_up) return "unhealthy";
  const bool is_degraded =
      worker_count(figures) == 0 || figures.is_stalled || figures.disk_free_bytes < kDiskFreeMin;
  return is_degraded ? "degraded" : "healthy";
}

Answer health(const app::HealthFigures& figures) {
  json::object body{{"status", status_of(figures)},
                    {"uptime_seconds", figures.uptime_seconds},
                    {"success_rate", figures.success_rate},
                    {"tasks", tasks_of(figures)},
                    {"queues", queues_of(figures)},
                    {"workers", workers_of(figures)},
                    {"stalled", figures.is_stalled},
                    {"database", figures.is_database_up ? figures.database : "away"},
                    {"disk_free_bytes", figures.disk_free_bytes}};
  return json_response(body, figures.is_database_up ? 200 : 503);
}

Answer readiness(const app::HealthFigures& figures) {
  // What only tells takes no traffic away: no server would be better off, and during an upgrade the
  // schema is ahead of all that still run.
  enum class Weight { kStops, kTells };
  struct Check {
    const char* name;
    bool is_good;
    std::string advice;
    Weight weight = Weight::kStops;
  };
  const Check checks[] = {
      {"database", figures.is_database_up, "the database does not answer"},
      {"workers", worker_count(figures) > 0, "no worker runs: start `katip worker`"},
      {"claims", !figures.is_stalled,
       "tasks wait and every worker is idle: see the log of the workers, then restart them",
       Weight::kTells},
      {"disk", figures.disk_free_bytes >= kDiskFreeMin, "less than 500 MB are left"},
      {"schema", figures.is_schema_as_begun,
       "the schema was changed since this server began: restart it", Weight::kTells},
      {"backup", !figures.is_backup_overdue, "no backup was verified for 26 hours",
       Weight::kTells}};
  json::object results;
  bool is_ready = true;
  for (const Check& check : checks) {
    results[check.name] = check.is_good ? std::string("ok") : check.advice;
    is_ready = is_ready && (check.is_good || check.weight == Weight::kTells);
  }
  return json_response(json::object{{"ready", is_ready}, {"checks", std::move(results)}},
                       is_ready ? 200 : 503);
}

/// A whole number without a fraction.
json::value number_of(double value) {
  constexpr double kWholeMax = 9e15;  // Beyond, not every whole number is a double.
  if (std::abs(value) <= kWholeMax && value == std::floor(value)) {
    return static_cast<std::int64_t>(value);
  }
  return value;
}

json::object value_of(const app::Figure::Sample& sample, bool is_histogram) {
  json::object labels;
  for (const auto& [name, value] : sample.labels) labels[name] = value;
  if (!is_histogram) return {{"labels", std::move(labels)}, {"value", number_of(sample.value)}};
  json::array buckets;
  for (const auto& [limit, count] : sample.buckets) {
    buckets.push_back({{"le", number_of(limit)}, {"count", count}});
  }
  return {{"labels", std::move(labels)},
          {"count", sample.count},
          {"sum", number_of(sample.value)},
          {"buckets", std::move(buckets)}};
}

json::object figures_of(const std::vector<app::Figure>& figures) {
  json::object all;
  for (const app::Figure& figure : figures) {
    json::array values;
    for (const app::Figure::Sample& sample : figure.samples) {
      values.push_back(value_of(sample, figure.kind == "histogram"));
    }
    all[figure.name] =
        json::object{{"type", figure.kind}, {"help", figure.help}, {"values", std::move(values)}};
  }
  return all;
}

/// What /health has first, for those who want a look; then every figure of /metrics.
Answer api_metrics(app::Metrics& metrics) {
  const std::vector<app::Figure> all = metrics.figures({});
  const app::HealthFigures figures = metrics.health({});
  json::object data = tasks_of(figures);
  data["success_rate"] = figures.success_rate;
  data["uptime_seconds"] = figures.uptime_seconds;
  data["queues"] = queues_of(figures);
  data["workers"] = workers_of(figures);
  data["figures"] = figures_of(all);
  return native_response(data);
}

Route status_route(std::string path, std::string operation, std::string summary,
                   std::function<Answer(Request&)> handle) {
  return {.path = std::move(path),
          .operation = std::move(operation),
          .summary = std::move(summary),
          .tag = "status",
          .answers = {{200, "As it is", Schema::any()}, {503, "Not well", Schema::any()}},
          .handle = std::move(handle)};
}

}  // namespace

void add_status_routes(RouteTable& table, app::Metrics& metrics) {
  table.add({.path = "/livez",
             .operation = "livez",
             .summary = "Whether the process answers",
             .tag = "status",
             .answers = {{.status = 200, .description = "It does", .media_type = "text/plain"}},
             .is_immediate = true,
             .handle = [](Request&) -> Answer { return text_response("ok\n"); }});
  table.add(status_route("/health", "health", "How it is doing",
                         [&metrics](Request&) { return health(metrics.health({})); }));
  table.add(status_route("/readyz", "readyz", "Whether it can take work",
                         [&metrics](Request&) { return readiness(metrics.health({})); }));
  table.add({.path = "/metrics",
             .operation = "metrics",
             .summary = "Figures for Prometheus",
             .tag = "status",
             .answers = {{.status = 200, .description = "All figures", .media_type = "text/plain"}},
             .handle = [&metrics](Request&) -> Answer {
               return text_response(metrics.text({}), "text/plain; version=0.0.4; charset=utf-8");
             }});
  table.add(status_route("/api/v1/metrics", "api_metrics", "The same figures as JSON",
                         [&metrics](Request&) { return api_metrics(metrics); }));
}

}  // namespace katip::http
