#include <boost/json.hpp>
#include <fmt/format.h>

#include "app/task_export.h"
#include "http/json_text.h"
#include "http/routes/operation_json.h"
#include "http/routes/operations.h"
#include "http/routes/planned_route.h"
#include "http/routes/record_answers.h"
#include "http/wire/cursor_seal.h"

/// Lists of tasks, what is done to many of them, and the overview that the queue page looks at.
///
/// Tested by tests/e2e/test_operation_routes.py.
namespace katip::http {
namespace json = boost::json;
namespace {

using app::Operations;

constexpr int kExportMax = 10'000;
constexpr int kExportPage = 200;
constexpr std::int64_t kSpanMax_min = 7 * 24 * 60;

std::vector<std::string> state_names() {
  return {"scheduled", "available", "running",     "retryable", "completed",
          "cancelled", "discarded", "quarantined", "live",      "ended"};
}

std::vector<Parameter> filter_parameters() {
  std::vector<Parameter> parameters = time_parameters();
  parameters.insert(
      parameters.end(),
      {{.name = "state", .schema = Schema::string().one_of(state_names())},
       {.name = "name", .schema = Schema::string().length(1, 128)},
       {.name = "queue", .schema = Schema::string().length(1, 64)},
       {.name = "worker_id", .schema = Schema::string().format("uuid")},
       {.name = "id", .schema = Schema::string().format("uuid")},
       {.name = "request_id", .schema = Schema::string().length(1, 128)},
       {.name = "q",
        .schema = Schema::string().length(1, 200).described("part of anything written in it")}});
  return parameters;
}

std::expected<app::TaskQuery, Failure> query_of(const Request& request) {
  const TimeSpan times = KATIP_TRY(times_of(request));
  app::TaskQuery query{.filter = {.kind = text_of(request, "name"),
                                  .queue = text_of(request, "queue"),
                                  .worker_id = text_of(request, "worker_id"),
                                  .id = text_of(request, "id"),
                                  .request_id = text_of(request, "request_id"),
                                  .text = text_of(request, "q"),
                                  .from = times.from,
                                  .before = times.before},
                       .cursor = text_of(request, "cursor"),
                       .count_max = limit_of(request)};
  if (const auto state = request.query_value("state")) query.filter.state = *state;
  return query;
}

json::object to_json(const app::ListedTask& listed) {
  json::object object = http::to_json(listed.task);
  object["job_id"] = or_null(listed.job_name);
  object["source_name"] = or_null(listed.source_name);
  return object;
}

json::object to_json(const app::Spread& spread) {
  return {{"p50", spread.p50}, {"p95", spread.p95}, {"p99", spread.p99}, {"max", spread.max}};
}

json::object to_json(const app::EndCounts& counts) {
  return {{"completed", counts.completed},
          {"failed", counts.failed},
          {"cancelled", counts.cancelled},
          {"retried", counts.retried}};
}

json::object to_json(const app::TaskFigures& figures) {
  json::array kinds;
  for (const app::KindFigures& kind : figures.kinds) {
    kinds.push_back(json::object{{"name", kind.kind},
                                 {"ended", to_json(kind.ended)},
                                 {"wait_s", to_json(kind.wait)},
                                 {"run_s", to_json(kind.run)}});
  }
  json::array intervals;
  for (const app::IntervalFigures& each : figures.intervals) {
    intervals.push_back(json::object{{"begin", app::to_text(each.begin)},
                                     {"completed", each.completed},
                                     {"failed", each.failed}});
  }
  return {{"since", app::to_text(figures.since)},
          {"is_cut", figures.is_cut},
          {"ended", to_json(figures.ended)},
          {"kinds", std::move(kinds)},
          {"intervals", std::move(intervals)}};
}

// --- Handlers -----------------------------------------------------------------------------------

Answer list(Operations& operations, const Request& request) {
  const app::TaskQuery query = KATIP_TRY(query_of(request));
  const app::TaskList page = KATIP_TRY(operations.tasks(request.principal, query, {}));
  json::array tasks;
  for (const app::ListedTask& each : page.tasks) tasks.push_back(to_json(each));
  return list_response(
      std::move(tasks), page.next_cursor, request,
      {.items = "tasks",
       .others = {{"is_cut", page.is_cut}, {"searched_to", or_null(page.searched_to)}}});
}

/// All that fit, up to a number that one answer may hold.
Answer export_tasks(Operations& operations, const Request& request) {
  app::TaskQuery query = KATIP_TRY(query_of(request));
  query.count_max = kExportPage;
  const bool is_csv = request.query_value("format").value_or("csv") == "csv";
  std::string text = std::string(is_csv ? app::task_csv_head() : "[");
  int count = 0;
  do {
    const app::TaskList page = KATIP_TRY(operations.tasks(request.principal, query, {}));
    for (const app::ListedTask& each : page.tasks) {
      text +=
          is_csv ? app::task_csv_line(each) : (count > 0 ? ",\n" : "") + json_text(to_json(each));
      ++count;
    }
    query.cursor = page.next_cursor;
  } while (query.cursor && count < kExportMax);
  if (!is_csv) text += "]\n";
  Response response =
      text_response(std::move(text), is_csv ? "text/csv; charset=utf-8" : "application/json");
  response.headers.set("Content-Disposition",
                       fmt::format("attachment; filename=\"tasks.{}\"", is_csv ? "csv" : "json"));
  return response;
}

std::expected<app::TaskSelection, Failure> selection_of(const Request& request) {
  const json::object& body = request.object();
  app::TaskSelection selection{.ids = texts_in(body, "ids")};
  if (!selection.ids.empty()) return selection;
  const json::value* filter = body.if_contains("filter");
  if (filter == nullptr) {
    return std::unexpected(Failure::of_fields({{"/ids", "name tasks, or give a filter"}}));
  }
  const json::object& wanted = filter->as_object();
  app::TaskQuery query{.filter = {.kind = text_in(wanted, "name"),
                                  .queue = text_in(wanted, "queue"),
                                  .worker_id = text_in(wanted, "worker_id"),
                                  .request_id = text_in(wanted, "request_id"),
                                  .text = text_in(wanted, "q")},
                       .cursor = KATIP_TRY(opened_cursor(request, body)),
                       .count_max = kExportPage};
  query.filter.state = text_in(wanted, "state").value_or("");
  selection.query = std::move(query);
  return selection;
}

json::object to_json(const app::BulkReport& report, const Request& request) {
  return {{"changed", report.changed},
          {"refused", report.refused},
          {"next_cursor", sealed_cursor(request, report.next_cursor)}};
}

// --- Table --------------------------------------------------------------------------------------

Route route_of(Plan plan) {
  return planned_route(std::move(plan), "operations", app::Permission::kOperate);
}

Schema listed_task_schema() {
  return Schema::object({{"id", Schema::string().format("uuid"), Need::kRequired},
                         {"name", Schema::string(), Need::kRequired},
                         {"state", Schema::string(), Need::kRequired},
                         {"job_id", Schema::string().nullable(), Need::kRequired},
                         {"source_name", Schema::string().nullable(), Need::kRequired}})
      .open();
}

void add_lists(RouteTable& table, Operations& operations) {
  Route all =
      route_of({Method::kGet, "/api/v1/admin/tasks", "list_tasks",
                "Tasks, live or ended: the latest first, what waits for its time by that", 200,
                Schema::object(
                    {{"tasks", Schema::array(listed_task_schema()), Need::kRequired},
                     {"has_more", Schema::boolean(), Need::kRequired},
                     {"is_cut",
                      Schema::boolean().described("searched as far as time allows; go on with "
                                                  "next_cursor"),
                      Need::kRequired},
                     {"searched_to",
                      Schema::string().format("date-time").nullable().described("where it is cut"),
                      Need::kRequired},
                     {"next_cursor", Schema::string().nullable(), Need::kRequired}})});
  all.parameters = list_parameters(filter_parameters());
  all.answers.push_back({400, "No place of a list"});
  all.handle = [&operations](Request& request) { return list(operations, request); };
  table.add(std::move(all));

  Route file = route_of({Method::kGet, "/api/v1/admin/tasks/export", "export_tasks",
                         "The same as a file, up to 10,000 tasks"});
  file.parameters = filter_parameters();
  file.parameters.push_back({.name = "format", .schema = Schema::string().one_of({"csv", "json"})});
  file.answers = {{200, "The file", Schema::any()}, {.status = 200, .media_type = "text/csv"}};
  file.handle = [&operations](Request& request) { return export_tasks(operations, request); };
  table.add(std::move(file));
}

void add_overview(RouteTable& table, Operations& operations) {
  Route route =
      route_of({Method::kGet, "/api/v1/admin/overview", "get_overview",
                "Queues, and how long tasks waited and ran", 200,
                Schema::object({{"queues", Schema::array(queue_schema()), Need::kRequired},
                                {"figures", Schema::object({}).open(), Need::kRequired}})});
  route.parameters = {
      {.name = "minutes",
       .schema = Schema::integer().range(1, kSpanMax_min).described("of the figures; else 60")}};
  route.handle = [&operations](Request& request) -> Answer {
    const std::chrono::minutes span(request.query_integer("minutes").value_or(60));
    json::array queues;
    for (const app::QueueView& queue : KATIP_TRY(operations.queues(request.principal, {}))) {
      queues.push_back(http::to_json(queue));
    }
    const auto figures = KATIP_TRY(operations.figures(request.principal, span, {}));
    return native_response(
        json::object{{"queues", std::move(queues)}, {"figures", to_json(figures)}});
  };
  table.add(std::move(route));
}

void add_bulk(RouteTable& table, Operations& operations, app::Audit& audit) {
  for (const bool retries : {true, false}) {
    const std::string verb = retries ? "retry" : "cancel";
    Route route = route_of(
        {Method::kPost, "/api/v1/admin/tasks/" + verb, verb + "_tasks",
         retries ? "Tasks that failed or were cancelled begin anew, 200 of a filter at a time"
                 : "Cancels tasks, 200 of a filter at a time",
         200,
         Schema::object({{"changed", Schema::integer(), Need::kRequired},
                         {"refused", Schema::integer(), Need::kRequired},
                         {"next_cursor", Schema::string().nullable(), Need::kRequired}})});
    route.body_kind = BodyKind::kJson;
    route.body = Schema::object(
        {{"ids", Schema::array(Schema::string().format("uuid")).length(1, 500)},
         {"filter",
          Schema::object({{"state", Schema::string().one_of(state_names()), Need::kRequired},
                          {"name", Schema::string().length(1, 128)},
                          {"queue", Schema::string().length(1, 64)},
                          {"worker_id", Schema::string().format("uuid")},
                          {"request_id", Schema::string().length(1, 128)},
                          {"q", Schema::string().length(1, 200)}})},
         {"cursor", Schema::string()
                        .length(1, CursorSeal::kSizeMax)
                        .described("next_cursor of the answer before, as it came")}});
    route.answers.push_back({400, "A state of which nothing can be done so"});
    route.handle = [&operations, &audit, retries, verb](Request& request) -> Answer {
      const app::TaskSelection selection = KATIP_TRY(selection_of(request));
      const app::BulkReport report =
          KATIP_TRY(retries ? operations.retry_many(request.principal, selection, {})
                            : operations.cancel_many(request.principal, selection, {}));
      json::object details{{"changed", report.changed}};
      if (const json::value* filter = request.object().if_contains("filter")) {
        details["filter"] = *filter;
      }
      audit.record(request.principal,
                   {.action = "task." + verb + "_many",
                    .target_kind = "task",
                    .target_id = selection.ids.size() == 1 ? selection.ids.front() : "",
                    .request_id = request.request_id,
                    .ip = request.client_ip,
                    .details = json_text(details)},
                   {});
      return native_response(to_json(report, request));
    };
    table.add(std::move(route));
  }
}

}  // namespace

void add_task_list_routes(RouteTable& table, Operations& operations, app::Audit& audit) {
  add_lists(table, operations);
  add_overview(table, operations);
  add_bulk(table, operations, audit);
}

}  // namespace katip::http
