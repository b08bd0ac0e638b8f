#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"
#include "store/task_store.h"

namespace katip::jobs {

/// Which lanes a claim looks at when there are more than it can.
///
/// Of each queue and priority a claim sees so many tenants; when there are more, the next claim
/// sees those behind them, and so on in a circle. So no queue and no priority hides another one,
/// and each tenant has its turn, whatever its name. Where the circle stands is only a hint: it
/// begins anew with each process.
///
/// Threads: thread-safe.
class LaneWindows {
 public:
  /// Errors: those of the database.
  Result<std::vector<store::Lane>> look(store::TaskStore& tasks, const store::LaneQuery& query);

 private:
  using Class = std::tuple<std::string, std::string, int>;  // Worker kind, queue, priority.

  Result<std::vector<store::Lane>> turn(store::TaskStore& tasks, const store::LaneQuery& query,
                                        std::vector<store::Lane> first);

  Guarded<std::map<Class, std::string>> last_;  // The tenant that was seen last.
};

}  // namespace katip::jobs
