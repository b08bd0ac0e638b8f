#include <boost/json.hpp>

#include "http/json_text.h"
#include "http/routes/audited.h"
#include "http/routes/operation_json.h"
#include "http/routes/operations.h"
#include "http/routes/planned_route.h"
#include "http/routes/record_answers.h"

/// What runs by the calendar.
///
/// Tested by tests/e2e/test_operation_routes.py.
namespace katip::http {
namespace json = boost::json;
namespace {

using app::Operations;

constexpr const char* kPath = "/api/v1/admin/schedules";
constexpr const char* kOnePath = "/api/v1/admin/schedules/{name}";

Route route_of(Plan plan) {
  return planned_route(std::move(plan), "operations", app::Permission::kOperate);
}

AuditMark mark_of(const char* action) {
  return {.action = action, .target_kind = "schedule", .target = "name"};
}

Answer list(Operations& operations, const Request& request) {
  json::array all;
  for (const auto& view : KATIP_TRY(operations.schedules(request.principal, {}))) {
    all.push_back(to_json(view));
  }
  return native_response(json::object{{"schedules", std::move(all)}});
}

Answer put(Operations& operations, const Request& request) {
  const json::object& body = request.object();
  app::ScheduleOrder order{.name = request.path_value("name"),
                           .cron = text_in(body, "cron").value_or(""),
                           .time_zone = text_in(body, "time_zone").value_or("UTC"),
                           .kind = text_in(body, "task").value_or(""),
                           .missed = text_in(body, "missed").value_or("once")};
  if (const json::value* args = body.if_contains("args")) order.args = json_text(args->as_object());
  return native_response(to_json(KATIP_TRY(operations.put_schedule(request.principal, order, {}))));
}

Schema put_schema() {
  return Schema::object(
      {{"task", Schema::string().length(1, 128), Need::kRequired},
       {"cron",
        Schema::string().length(1, 200).described(
            "minute, hour, day of month, month, day of week; @daily and the like"),
        Need::kRequired},
       {"time_zone", Schema::string().length(1, 64).described("Europe/Istanbul; UTC, else")},
       {"args", Schema::object({}).open()},
       {"missed",
        Schema::string()
            .one_of({"once", "skip"})
            .described("slots that nobody was there for are served once, or not at all")}});
}

void add_changes(RouteTable& table, Operations& operations, app::Audit& audit) {
  Route change =
      route_of({Method::kPut, kOnePath, "put_schedule",
                "Adds a schedule, or changes one that was added", 200, schedule_schema()});
  change.body_kind = BodyKind::kJson;
  change.body = put_schema();
  change.answers.push_back({409, "The configuration has one of this name"});
  change.handle = [&operations](Request& request) { return put(operations, request); };
  table.add(audited(audit, mark_of("schedule.put"), std::move(change)));

  Route removal = route_of(
      {Method::kDelete, kOnePath, "delete_schedule", "Takes away a schedule that was added", 204});
  removal.answers.push_back({409, "It is one of the configuration"});
  removal.handle = [&operations](Request& request) -> Answer {
    KATIP_TRY(operations.remove_schedule(request.principal, request.path_value("name"), {}));
    return empty_response();
  };
  table.add(audited(audit, mark_of("schedule.delete"), std::move(removal)));

  for (const bool is_paused : {true, false}) {
    const std::string verb = is_paused ? "pause" : "resume";
    Route route = route_of({Method::kPost, std::string(kOnePath) + "/" + verb, verb + "_schedule",
                            is_paused ? "Nothing is begun by it any more" : "On again", 200,
                            schedule_schema()});
    route.handle = [&operations, is_paused](Request& request) -> Answer {
      return native_response(to_json(KATIP_TRY(operations.pause_schedule(
          request.principal, request.path_value("name"), is_paused, {}))));
    };
    table.add(audited(audit, mark_of(is_paused ? "schedule.pause" : "schedule.resume"),
                      std::move(route)));
  }
}

}  // namespace

void add_schedule_routes(RouteTable& table, Operations& operations, app::Audit& audit) {
  Route all = route_of(
      {Method::kGet, kPath, "list_schedules", "What runs by the calendar", 200,
       Schema::object({{"schedules", Schema::array(schedule_schema()), Need::kRequired}})});
  all.handle = [&operations](Request& request) { return list(operations, request); };
  table.add(std::move(all));
  add_changes(table, operations, audit);

  Route run = route_of({Method::kPost, std::string(kOnePath) + "/run", "run_schedule",
                        "Runs the task of a schedule now, besides its times", 202,
                        Schema::object({{"task_id", Schema::string(), Need::kRequired}})});
  run.handle = [&operations](Request& request) -> Answer {
    const auto task = KATIP_TRY(operations.run_schedule(
        request.principal, request.path_value("name"), request.request_id, {}));
    return native_response(json::object{{"task_id", task.id}}, "The task is in the queue", 202);
  };
  table.add(audited(audit, mark_of("schedule.run"), std::move(run)));
}

}  // namespace katip::http
