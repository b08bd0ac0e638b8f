#include "http/routes/operations.h"

#include <boost/json.hpp>

#include "http/routes/operation_json.h"
#include "http/routes/planned_route.h"

/// Tested by tests/e2e/test_operation_routes.py.
namespace katip::http {
namespace json = boost::json;
namespace {

using app::Operations;

constexpr std::int64_t kWaitMax_s = 60;

/// What all of these routes work with.
struct Desk {
  Operations& operations;
  app::Audit& audit;

  void note(const Request& request, std::string action, std::string kind, std::string id) const {
    audit.record(request.principal,
                 {.action = std::move(action),
                  .target_kind = std::move(kind),
                  .target_id = std::move(id),
                  .request_id = request.request_id,
                  .ip = request.client_ip},
                 {});
  }
};

template <typename T>
json::array list_json(const std::vector<T>& records) {
  json::array all;
  for (const T& each : records) all.push_back(to_json(each));
  return all;
}

// --- Handlers -----------------------------------------------------------------------------------

Answer trigger(const Desk& desk, Request& request) {
  const json::object& body = request.object();
  app::TaskOrder order{.kind = std::string(body.at("name").as_string())};
  if (const json::value* args = body.if_contains("args")) order.args = json::serialize(*args);
  if (const json::value* queue = body.if_contains("queue")) order.queue = queue->as_string();
  if (const json::value* priority = body.if_contains("priority")) {
    order.priority = static_cast<int>(priority->as_int64());
  }
  if (const json::value* key = body.if_contains("unique_key")) order.unique_key = key->as_string();
  if (const json::value* timeout = body.if_contains("timeout_s")) {
    order.timeout_s = static_cast<int>(timeout->as_int64());
  }
  if (const json::value* run_at = body.if_contains("run_at")) {
    const auto time = app::parse_timestamp(run_at->as_string());
    if (!time) {
      return std::unexpected(
          Failure::of_fields({{"/run_at", "must be a time in UTC such as 2026-03-01T12:00:00Z"}}));
    }
    order.run_at = *time;
  }
  order.request_id = request.request_id;
  const auto task = KATIP_TRY(desk.operations.trigger(request.principal, order, {}));
  desk.note(request, "task.trigger", "task", task.id);
  return native_response(
      json::object{{"task_id", task.id}, {"name", order.kind}, {"is_new", task.is_new}},
      task.is_new ? "The task is in the queue" : "A task with this unique key is there already",
      202);
}

Answer show_task(Operations& operations, const app::Principal& principal, const std::string& id) {
  return native_response(to_json(KATIP_TRY(operations.task(principal, id, {}))));
}

/// Answers when the task has ended, or when the time is over.
void get_task(Operations& operations, Request& request, std::shared_ptr<Exchange> exchange) {
  const std::string id = request.path_value("id");
  const app::Principal principal = request.principal;
  const auto wait = std::chrono::seconds(request.query_integer("wait").value_or(0));
  const auto found = operations.task(principal, id, {});
  const bool may_change = found && app::verdict_of(*found) == app::TaskVerdict::kProcessing;
  if (!may_change || wait.count() == 0) {
    exchange->respond(show_task(operations, principal, id));
    return;
  }
  operations.watch().add(id, wait, [&operations, principal, id, exchange] {
    exchange->respond(show_task(operations, principal, id));
  });
}

Answer set_mode(const Desk& desk, Request& request, app::QueueMode mode, const char* action) {
  const std::string& name = request.path_value("name");
  const auto queue = KATIP_TRY(desk.operations.set_mode(request.principal, name, mode, {}));
  desk.note(request, action, "queue", name);
  return native_response(to_json(queue));
}

// --- Table --------------------------------------------------------------------------------------

Route route_of(Plan plan) {
  return planned_route(std::move(plan), "operations", app::Permission::kOperate);
}

Schema list_of(const std::string& name, Schema items) {
  return Schema::object({{name, Schema::array(std::move(items)), Need::kRequired}});
}

void add_triggers(RouteTable& table, const Desk& desk) {
  Route create =
      route_of({Method::kPost, "/api/v1/tasks", "trigger_task",
                "Puts a task into the queue by its name", 202,
                Schema::object({{"task_id", Schema::string().format("uuid"), Need::kRequired},
                                {"name", Schema::string(), Need::kRequired},
                                {"is_new", Schema::boolean(), Need::kRequired}})});
  create.body_kind = BodyKind::kJson;
  create.body = Schema::object(
      {{"name", Schema::string().length(1, 128).described("cleanup.history"), Need::kRequired},
       {"args", Schema::object({}).open()},
       {"queue", Schema::string().one_of({"critical", "high", "default", "low"})},
       {"priority", Schema::integer().range(0, 10)},
       {"unique_key",
        Schema::string().length(1, 200).described("no second one while this waits or runs")},
       {"timeout_s", Schema::integer().range(1, 86'400)},
       {"run_at", Schema::string().format("date-time")}});
  create.answers.push_back({400, "No name of a task"});
  create.answers.push_back({503, "The queue takes nothing now"});
  create.handle = [desk](Request& request) { return trigger(desk, request); };
  table.add(std::move(create));

  Route get =
      route_of({Method::kGet, "/api/v1/tasks/{id}", "get_task",
                "A task: ready, failed or still processing, with its result", 200, task_schema()});
  get.parameters.push_back(
      {.name = "wait",
       .schema = Schema::integer().range(0, kWaitMax_s).described("seconds to wait for its end")});
  get.handle_later = [desk](Request& request, std::shared_ptr<Exchange> exchange) {
    get_task(desk.operations, request, std::move(exchange));
  };
  table.add(std::move(get));
}

void add_tasks(RouteTable& table, const Desk& desk) {
  Route cancel = route_of({Method::kPost, "/api/v1/admin/tasks/{id}/cancel", "cancel_task",
                           "Cancels a task; a running one is asked to stop", 200, task_schema()});
  cancel.answers.push_back({409, "It has ended"});
  cancel.handle = [desk](Request& request) -> Answer {
    const std::string& id = request.path_value("id");
    const auto task = KATIP_TRY(desk.operations.cancel(request.principal, id, {}));
    desk.note(request, "task.cancel", "task", id);
    return native_response(to_json(task));
  };
  table.add(std::move(cancel));

  Route retry = route_of({Method::kPost, "/api/v1/admin/tasks/{id}/retry", "retry_task",
                          "A task that failed or was cancelled begins anew", 200, task_schema()});
  retry.answers.push_back({409, "It did not fail"});
  retry.handle = [desk](Request& request) -> Answer {
    const std::string& id = request.path_value("id");
    const auto task = KATIP_TRY(desk.operations.retry(request.principal, id, {}));
    desk.note(request, "task.retry", "task", id);
    return native_response(to_json(task));
  };
  table.add(std::move(retry));
}

void add_queues(RouteTable& table, const Desk& desk) {
  Route list = route_of({Method::kGet, "/api/v1/admin/queues", "list_queues",
                         "The queues, whether they are open, and what is in them", 200,
                         list_of("queues", queue_schema())});
  list.handle = [desk](Request& request) -> Answer {
    const auto queues = KATIP_TRY(desk.operations.queues(request.principal, {}));
    return native_response(json::object{{"queues", list_json(queues)}});
  };
  table.add(std::move(list));

  struct Change {
    const char* verb;
    const char* summary;
    app::QueueMode mode;
    const char* action;
  };
  for (const Change& change :
       {Change{"pause", "Nothing is begun any more", app::QueueMode::kPaused, "queue.pause"},
        Change{"resume", "Open again", app::QueueMode::kOpen, "queue.resume"},
        Change{"drain", "Nothing is added any more", app::QueueMode::kDraining, "queue.drain"}}) {
    const std::string verb = change.verb;
    Route route = route_of({Method::kPost, "/api/v1/admin/queues/{name}/" + verb, verb + "_queue",
                            change.summary, 200, queue_schema()});
    route.handle = [desk, change](Request& request) {
      return set_mode(desk, request, change.mode, change.action);
    };
    table.add(std::move(route));
  }
}

void add_workers(RouteTable& table, const Desk& desk) {
  Route list = route_of({Method::kGet, "/api/v1/admin/workers", "list_workers",
                         "Workers that run, or ended within the last hour", 200,
                         list_of("workers", worker_schema())});
  list.handle = [desk](Request& request) -> Answer {
    const auto workers = KATIP_TRY(desk.operations.workers(request.principal, {}));
    return native_response(json::object{{"workers", list_json(workers)}});
  };
  table.add(std::move(list));

  Route stop = route_of({Method::kPost, "/api/v1/admin/workers/{id}/stop", "stop_worker",
                         "Asks a worker to finish and end; its supervisor starts another", 202});
  stop.answers.push_back({409, "It has ended"});
  stop.handle = [desk](Request& request) -> Answer {
    const std::string& id = request.path_value("id");
    KATIP_TRY(desk.operations.stop_worker(request.principal, id, {}));
    desk.note(request, "worker.stop", "worker", id);
    return native_response(json::object{{"id", id}}, "The worker was asked to stop", 202);
  };
  table.add(std::move(stop));
}

}  // namespace

void add_operation_routes(RouteTable& table, app::Operations& operations, app::Audit& audit) {
  const Desk desk{.operations = operations, .audit = audit};
  add_triggers(table, desk);
  add_tasks(table, desk);
  add_task_list_routes(table, operations, audit);
  add_queues(table, desk);
  add_workers(table, desk);
  add_autoscale_routes(table, operations, audit);
  add_schedule_routes(table, operations, audit);
}

}  // namespace katip::http
