#include "http/routes/stats.h"

#include <boost/json.hpp>

#include "http/routes/planned_route.h"
#include "http/routes/record_answers.h"

/// Tested by tests/e2e/test_operation_routes.py.
namespace katip::http {
namespace json = boost::json;
namespace {

json::object to_json(const app::StatsPoint& point) {
  json::object queues;
  for (const auto& [name, queue] : point.queues) {
    queues[name] = {{"available", queue.available},
                    {"running", queue.running},
                    {"scheduled", queue.scheduled},
                    {"oldest_age_s", queue.oldest_age_s}};
  }
  return {{"begins_at", app::to_text(point.begins_at)},
          {"minutes", point.minute_count},
          {"queues", std::move(queues)},
          {"workers", point.worker_count},
          {"tasks_completed", point.tasks_completed},
          {"tasks_failed", point.tasks_failed},
          {"task_wait_s", or_null(point.task_wait_s)},
          {"task_run_s", or_null(point.task_run_s)},
          {"jobs_completed", point.jobs_completed},
          {"jobs_failed", point.jobs_failed},
          {"audio_s", point.audio_s},
          {"processing_s", point.processing_s},
          {"realtime_factor", or_null(point.realtime_factor)},
          {"requests", point.request_count},
          {"request_failures", point.request_failures},
          {"request_p50_ms", or_null(point.request_p50_ms)},
          {"request_p95_ms", or_null(point.request_p95_ms)}};
}

std::expected<std::optional<app::Timestamp>, Failure> time_in(const Request& request,
                                                              const std::string& parameter) {
  const auto text = text_of(request, parameter);
  if (!text) return std::optional<app::Timestamp>();
  const auto time = app::parse_timestamp(*text);
  if (time) return std::optional(*time);
  return std::unexpected(Failure::of_fields(
      {{"/query/" + parameter, "must be a time in UTC such as 2026-03-01T12:00:00Z"}}));
}

Answer read(app::Stats& stats, const Request& request) {
  app::StatsQuery query;
  query.from = KATIP_TRY(time_in(request, "from"));
  query.before = KATIP_TRY(time_in(request, "to"));
  if (const auto step = request.query_integer("step")) query.step_s = static_cast<int>(*step);
  const app::StatsSeries series = KATIP_TRY(stats.read(request.principal, query, {}));
  json::array points;
  for (const app::StatsPoint& point : series.points) points.push_back(to_json(point));
  return native_response(json::object{{"from", app::to_text(series.from)},
                                      {"to", app::to_text(series.before)},
                                      {"step_s", series.step_s},
                                      {"points", std::move(points)}});
}

}  // namespace

void add_stats_routes(RouteTable& table, app::Stats& stats) {
  const Schema time = Schema::string().format("date-time");
  Route route = planned_route(
      {Method::kGet, "/api/v1/admin/stats", "get_stats",
       "Figures over time: queues, tasks, jobs, speed and requests", 200,
       Schema::object({{"from", Schema::string().format("date-time"), Need::kRequired},
                       {"to", Schema::string().format("date-time"), Need::kRequired},
                       {"step_s", Schema::integer(), Need::kRequired},
                       {"points", Schema::array(Schema::object({}).open()), Need::kRequired}})},
      "operations", app::Permission::kOperate);
  route.parameters = {
      {.name = "from", .schema = Schema(time).described("a day before `to` when it is left out")},
      {.name = "to", .schema = Schema(time).described("now when it is left out")},
      {.name = "step",
       .schema = Schema::integer()
                     .range(60, 31'536'000)
                     .described("seconds of a point, whole minutes; as many as give some hundred "
                                "points when it is left out")}};
  route.answers.push_back({400, "A span or step that gives no plot"});
  route.handle = [&stats](Request& request) { return read(stats, request); };
  table.add(std::move(route));
}

}  // namespace katip::http
