#include "http/routes/planned_route.h"

#include <string_view>

/// Tested by tests/e2e/test_operation_routes.py and test_webhook_routes.py.
namespace katip::http {

Route planned_route(Plan plan, std::string tag, app::Permission permission) {
  Route route{.method = plan.method,
              .path = std::move(plan.path),
              .operation = std::move(plan.operation),
              .summary = std::move(plan.summary),
              .tag = std::move(tag),
              .permission = permission};
  std::optional<Schema> shape;
  if (plan.data) shape = envelope(*std::move(plan.data));
  route.answers = {{plan.status, "Done", std::move(shape)}};
  for (const std::string_view name : {"id", "delivery_id"}) {
    if (!route.path.contains("{" + std::string(name) + "}")) continue;
    route.parameters.push_back({.name = std::string(name),
                                .place = Place::kPath,
                                .schema = Schema::string().format("uuid"),
                                .need = Need::kRequired});
  }
  if (route.path.contains('{')) route.answers.push_back({404, "There is none"});
  return route;
}

}  // namespace katip::http
