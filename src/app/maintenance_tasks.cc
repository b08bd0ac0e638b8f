#include "app/maintenance_tasks.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "store/worker_store.h"

/// Tested by maintenance_tasks_test.cc.
namespace katip::app {
namespace {

namespace json = boost::json;

constexpr int kDaysDefault = 30;
constexpr int kDaysMax = 3'650;

/// The whole number of this name; the others in the object are errors, so that a slip is noticed.
Result<int> days_of(const std::string& args) {
  const json::object object = json::parse(args).as_object();
  int days = kDaysDefault;
  for (const auto& [key, value] : object) {
    if (key != "days" || !value.is_int64() || value.as_int64() < 1 || value.as_int64() > kDaysMax) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("the args of cleanup.history are {{\"days\": 1 to {}}}", kDaysMax));
    }
    days = static_cast<int>(value.as_int64());
  }
  return days;
}

/// In pieces, so that nobody waits long for a lock.
Result<jobs::TaskResult> clean_history(jobs::Queue& queue, jobs::TaskContext& context) {
  constexpr int kPiece = 1'000;
  const store::Timestamp before =
      queue.now() - std::chrono::days(KATIP_TRY(days_of(context.task.args)));
  std::int64_t task_count = 0;
  std::int64_t piece = 0;
  do {
    if (context.stop.stop_requested()) {
      return fail(ErrorCode::kCancelled, "stopped; what is deleted stays deleted");
    }
    KATIP_TRY(queue.with_store(
        [&](store::TaskStore& tasks) -> Status {
          piece = KATIP_TRY(tasks.prune_history(before, kPiece));
          return {};
        },
        context.stop));
    task_count += piece;
  } while (piece == kPiece);
  const store::PooledConnection connection = KATIP_TRY(queue.pool().acquire(context.stop));
  const std::int64_t worker_count = KATIP_TRY(store::WorkerStore(*connection).prune(before));
  return jobs::TaskResult{.json = json::serialize(json::object{{"deleted_tasks", task_count},
                                                               {"deleted_workers", worker_count}})};
}

}  // namespace

jobs::Handlers maintenance_handlers(jobs::Queue& queue) {
  jobs::Handlers handlers;
  handlers["cleanup.history"] = {
      .run = [&queue](jobs::TaskContext& context) { return clean_history(queue, context); }};
  return handlers;
}

}  // namespace katip::app
