#include "app/maintenance_tasks.h"

#include <boost/json.hpp>

#include "app/cleanup/cleanup_args.h"
#include "store/cleanup_store.h"
#include "store/worker_store.h"

/// Tested by maintenance_tasks_test.cc.
namespace katip::app {
namespace {

namespace json = boost::json;

constexpr int kDaysDefault = 30;

/// What it would forget.
Result<jobs::TaskResult> count_history(jobs::Queue& queue, store::Timestamp before,
                                       const jobs::TaskContext& context) {
  const store::PooledConnection sql = KATIP_TRY(queue.pool().acquire(context.stop));
  const std::int64_t count = KATIP_TRY(store::count_history(*sql, before));
  return jobs::TaskResult{
      .json = json::serialize(json::object{{"dry_run", true}, {"deleted_tasks", count}})};
}

/// In pieces, so that nobody waits long for a lock.
Result<jobs::TaskResult> clean_history(jobs::Queue& queue, jobs::TaskContext& context) {
  constexpr int kPiece = 1'000;
  const CleanupArgs args = KATIP_TRY(cleanup_args(context, {.days = kDaysDefault}));
  const store::Timestamp before = queue.now() - std::chrono::days(args.days);
  if (args.is_dry_run) return count_history(queue, before, context);
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
