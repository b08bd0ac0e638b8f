#include "app/schedule_json.h"

#include <boost/json.hpp>

/// Tested by tests/e2e/test_operation_routes.py and test_worker.py.
namespace katip::app {

namespace json = boost::json;

namespace {

json::value time_json(const std::optional<Timestamp>& time) {
  return time ? json::value(to_text(*time)) : json::value(nullptr);
}

}  // namespace

json::object to_json(const ScheduleView& view) {
  const auto& schedule = view.schedule;
  boost::system::error_code error;
  json::value args = json::parse(schedule.args, error);
  return {{"name", schedule.name},
          {"cron", schedule.cron},
          {"time_zone", schedule.time_zone},
          {"task", schedule.kind},
          {"args", error ? json::value(schedule.args) : std::move(args)},
          {"active", schedule.is_active && !schedule.is_paused},
          {"paused", schedule.is_paused},
          {"origin", schedule.origin},
          {"missed", schedule.missed},
          {"last_at", time_json(schedule.last_slot_at)},
          {"next_at", time_json(view.next_at)}};
}

}  // namespace katip::app
