#include "app/autoscale_json.h"

#include <boost/json.hpp>

/// Tested by tests/e2e/test_operation_routes.py and test_worker.py.
namespace katip::app {

namespace json = boost::json;

namespace {

/// Null for a worker of an older katip, which does not say.
json::value bound_json(int slot_count) {
  return slot_count > 0 ? json::value(slot_count) : json::value(nullptr);
}

json::object worker_json(const Worker& worker) {
  return {{"id", worker.id},
          {"name", worker.name},
          {"host", worker.host},
          {"state", worker.state},
          {"min", bound_json(worker.figures.bounds.slot_count_min)},
          {"max", bound_json(worker.figures.bounds.slot_count_max)},
          {"critical_slots", worker.critical_slot_count},
          {"slots", worker.figures.slot_count},
          {"busy", worker.figures.busy_count}};
}

}  // namespace

json::object to_json(const AutoscaleView& view) {
  json::value bounds = nullptr;
  if (view.set) {
    bounds = json::object{{"min", view.set->bounds.slot_count_min},
                          {"max", view.set->bounds.slot_count_max},
                          {"changed_by", view.set->changed_by},
                          {"changed_at", to_text(view.set->updated_at)}};
  }
  json::array workers;
  for (const Worker& worker : view.workers) workers.push_back(worker_json(worker));
  return {
      {"kind", view.worker_kind}, {"bounds", std::move(bounds)}, {"workers", std::move(workers)}};
}

}  // namespace katip::app
