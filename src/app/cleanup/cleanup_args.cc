#include "app/cleanup/cleanup_args.h"

#include <boost/json.hpp>
#include <fmt/format.h>

/// Tested by ../cleanup_tasks_test.cc and ../maintenance_tasks_test.cc.
namespace katip::app {
namespace {

namespace json = boost::json;

constexpr int kNumberMax = 3'650;

std::unexpected<Error> refused(const jobs::TaskContext& context, const CleanupArgs& defaults) {
  const char* number = defaults.days > 0 ? "\"days\": 1 to 3650, " : "";
  if (defaults.hours > 0) number = "\"hours\": 1 to 3650, ";
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("the args of {} are {{{}\"dry_run\": true}}", context.task.kind, number));
}

}  // namespace

Result<CleanupArgs> cleanup_args(const jobs::TaskContext& context, CleanupArgs defaults) {
  CleanupArgs args = defaults;
  if (context.task.args.empty()) return args;
  const json::object object = json::parse(context.task.args).as_object();
  for (const auto& [key, value] : object) {
    int* number = key == "days" && defaults.days > 0     ? &args.days
                  : key == "hours" && defaults.hours > 0 ? &args.hours
                                                         : nullptr;
    if (key == "dry_run" && value.is_bool()) {
      args.is_dry_run = value.get_bool();
    } else if (key == "all" && value.is_bool() && defaults.hours > 0) {
      args.is_all = value.get_bool();
    } else if (number != nullptr && value.is_int64() && value.get_int64() >= 1 &&
               value.get_int64() <= kNumberMax) {
      *number = static_cast<int>(value.get_int64());
    } else {
      return refused(context, defaults);
    }
  }
  return args;
}

}  // namespace katip::app
