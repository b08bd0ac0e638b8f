#include "jobs/worker.h"

#include <unistd.h>

#include "jobs/worker/shift.h"
#include "store/worker_store.h"

/// Tested by worker_test.cc.
namespace katip::jobs {

Status WorkerOptions::validate() const {
  KATIP_TRY(slots.validate());
  if (prefetch_multiplier < 1 || prefetch_multiplier > 1'000) {
    return fail(ErrorCode::kInvalidArgument, "prefetch multiplier must be 1 to 1000");
  }
  if (critical_slot_count < 0 || critical_slot_count > 256) {
    return fail(ErrorCode::kInvalidArgument, "critical slots must be 0 to 256");
  }
  if (lease < std::chrono::milliseconds(100) || renew_interval * 2 > lease) {
    return fail(ErrorCode::kInvalidArgument,
                "a lease must be 100 ms or more, and renewed twice in its time");
  }
  if (task_count_max < 0 || memory_bytes_max < 0) {
    return fail(ErrorCode::kInvalidArgument, "limits of a worker must not be negative");
  }
  if (hard_stop_after < std::chrono::milliseconds(1)) {
    return fail(ErrorCode::kInvalidArgument, "a task needs time to obey its stop: 1 ms or more");
  }
  return {};
}

std::string_view name(WorkerEnd end) {
  switch (end) {
    case WorkerEnd::kStopped:
      return "stopped";
    case WorkerEnd::kTaskLimit:
      return "task limit";
    case WorkerEnd::kMemoryLimit:
      return "memory limit";
    case WorkerEnd::kLeaseLost:
      return "lease lost";
    case WorkerEnd::kFailed:
      return "failed";
    case WorkerEnd::kStuck:
      return "stuck";
  }
  return "unknown";
}

Result<WorkerEnd> Worker::run(std::stop_token stop) {
  KATIP_TRY(options_.validate());
  const std::string id = options_.id.empty() ? queue_.new_id() : options_.id;
  store::SlotBounds bounds;
  {
    const store::PooledConnection connection = KATIP_TRY(queue_.pool().acquire(stop));
    store::WorkerStore workers(*connection);
    bounds = KATIP_TRY(workers.find_bounds(options_.worker_kind))
                 .value_or(store::SlotBounds{.slot_count_min = options_.slots.slot_count_min,
                                             .slot_count_max = options_.slots.slot_count_max});
    KATIP_TRY(workers.insert({.id = id,
                              .name = options_.name,
                              .host = options_.host,
                              .pid = getpid(),
                              .worker_kind = options_.worker_kind,
                              .lease_ms = static_cast<int>(options_.lease.count()),
                              .slot_count = bounds.slot_count_min + options_.critical_slot_count,
                              .version = options_.version,
                              .bounds = bounds,
                              .critical_slot_count = options_.critical_slot_count},
                             queue_.now()));
  }
  observer_.on_start(id);
  const WorkerEnd end = Shift(queue_, handlers_, options_, observer_, id, bounds).run(stop);
  if (end == WorkerEnd::kLeaseLost || end == WorkerEnd::kFailed) {
    // Nobody is to suspect its tasks. When the database is away its parent says the same later.
    const Status status = queue_.give_up(id, std::string(name(end)), {});
    if (!status) observer_.on_problem("sign off", status.error());
  } else {
    const auto connection = queue_.pool().acquire({});
    const auto ended = connection ? store::WorkerStore(**connection)
                                        .end(id, "stopped", std::string(name(end)), queue_.now())
                                  : Result<bool>(std::unexpected(connection.error()));
    if (!ended) observer_.on_problem("sign off", ended.error());
  }
  return end;
}

}  // namespace katip::jobs
