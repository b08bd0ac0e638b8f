#include <boost/json.hpp>

#include "app/autoscale_json.h"
#include "app/worker_kinds.h"
#include "http/routes/audited.h"
#include "http/routes/operations.h"
#include "http/routes/planned_route.h"

/// Between how many slots workers follow their load.
///
/// Tested by tests/e2e/test_operation_routes.py.
namespace katip::http {
namespace json = boost::json;
namespace {

using app::Operations;

constexpr const char* kPath = "/api/v1/admin/autoscale";
constexpr const char* kOnePath = "/api/v1/admin/autoscale/{kind}";
constexpr std::int64_t kSlotCountMax = 1'000;

Route route_of(Plan plan) {
  return planned_route(std::move(plan), "operations", app::Permission::kOperate);
}

Property required(std::string name, Schema schema) {
  return {std::move(name), std::move(schema), Need::kRequired};
}

Schema bound_schema() { return Schema::integer().range(1, kSlotCountMax); }

Schema set_schema() {
  return Schema::object({required("min", bound_schema()), required("max", bound_schema()),
                         required("changed_by", Schema::string()),
                         required("changed_at", Schema::string().format("date-time"))});
}

Schema autoscale_schema() {
  const Schema worker = Schema::object(
      {required("id", Schema::string().format("uuid")), required("name", Schema::string()),
       required("host", Schema::string()), required("state", Schema::string()),
       required("min", Schema::integer().nullable()), required("max", Schema::integer().nullable()),
       required("critical_slots", Schema::integer()),
       required("slots", Schema::integer().described("with those that are for critical tasks")),
       required("busy", Schema::integer())});
  return Schema::object(
      {required("kind",
                Schema::string().one_of({app::kWorkerKinds.begin(), app::kWorkerKinds.end()})),
       required("bounds", set_schema().nullable().described("null: as each is configured")),
       required("workers", Schema::array(worker))});
}

Answer set(Operations& operations, const Request& request) {
  const json::object& body = request.object();
  const app::SlotBounds bounds{.slot_count_min = static_cast<int>(body.at("min").as_int64()),
                               .slot_count_max = static_cast<int>(body.at("max").as_int64())};
  if (bounds.slot_count_min > bounds.slot_count_max) {
    return std::unexpected(Failure::of_fields({{"/min", "must not be more than max"}}));
  }
  const auto view = KATIP_TRY(
      operations.set_autoscale(request.principal, request.path_value("kind"), bounds, {}));
  return native_response(app::to_json(view));
}

json::object bounds_of(const Request& request) {
  const json::object& body = request.object();
  return {{"min", body.at("min")}, {"max", body.at("max")}};
}

}  // namespace

void add_autoscale_routes(RouteTable& table, Operations& operations, app::Audit& audit) {
  Route list = route_of({Method::kGet, kPath, "get_autoscale",
                         "Slots of the workers that run, and their bounds", 200,
                         Schema::object({required("kinds", Schema::array(autoscale_schema()))})});
  list.handle = [&operations](Request& request) -> Answer {
    json::array kinds;
    for (const auto& view : KATIP_TRY(operations.autoscale(request.principal, {}))) {
      kinds.push_back(app::to_json(view));
    }
    return native_response(json::object{{"kinds", std::move(kinds)}});
  };
  table.add(std::move(list));

  Route change =
      route_of({Method::kPut, kOnePath, "set_autoscale",
                "Other bounds for all workers of a kind, within seconds", 200, autoscale_schema()});
  change.body_kind = BodyKind::kJson;
  change.body = Schema::object({required("min", bound_schema()), required("max", bound_schema())});
  change.handle = [&operations](Request& request) { return set(operations, request); };
  table.add(audited(audit,
                    {.action = "autoscale.set",
                     .target_kind = "worker_kind",
                     .target = "kind",
                     .details = &bounds_of},
                    std::move(change)));

  Route reset = route_of({Method::kDelete, kOnePath, "reset_autoscale",
                          "Back to the bounds that each worker is configured with", 204});
  reset.handle = [&operations](Request& request) -> Answer {
    KATIP_TRY(operations.set_autoscale(request.principal, request.path_value("kind"), {}, {}));
    return empty_response();
  };
  table.add(audited(audit,
                    {.action = "autoscale.reset", .target_kind = "worker_kind", .target = "kind"},
                    std::move(reset)));
}

}  // namespace katip::http
