#pragma once

#include <chrono>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "store/task_store.h"

/// Who is next: priorities that age, and tenants that take turns.
///
///   FairShare share(options, lanes, running, paused);
///   while (room.count > 0) {
///     const auto claims = share.next(room);      // of one queue and priority
///     if (claims.empty()) break;
///     ... claim them ...
///     share.took(claims, counts);                // a lane that gave less than asked is empty
///   }
///
/// A class is a queue and a priority. Its urgency is its priority plus one for each `ageing` that
/// its oldest task has waited, so that low tasks are served in the end whatever comes in above
/// them. Within a class each tenant has the same share of what runs, however many tasks each has
/// waiting: the tenant with the fewest running tasks is next.
namespace katip::jobs {

struct FairShareOptions {
  std::chrono::milliseconds ageing{600'000};  ///< The wait that is worth one level of priority.
  int tenant_running_max = 0;                 ///< Of one tenant, in all queues; 0: no limit.
  /// From this priority on a task is critical: somebody waits for it, and workers have slots that
  /// take nothing else.
  int critical_priority = 10;
};

/// How much a worker can take.
struct ClaimRoom {
  int count = 0;           ///< Tasks of any kind, and
  int ordinary_count = 0;  ///< so many of them that are not critical.
};

/// Threads: a value type.
class FairShare {
 public:
  FairShare(const FairShareOptions& options, std::vector<store::Lane> lanes,
            std::span<const store::RunningCount> running, const std::set<std::string>& paused);

  /// The claims of the most urgent class that has lanes left, as many tasks as there is room for.
  /// Nothing: no lane is left that may be claimed from.
  std::vector<store::LaneClaim> next(const ClaimRoom& room) const;
  /// What each of these claims gave.
  void took(std::span<const store::LaneClaim> claims,
            const std::map<std::pair<std::string, std::string>, int>& given_by_queue_and_tenant);

 private:
  using Class = std::pair<std::string, int>;  // queue, priority

  [[nodiscard]] std::vector<Class> classes_by_urgency() const;
  [[nodiscard]] std::vector<store::LaneClaim> share(const Class& wanted, int count) const;
  [[nodiscard]] int room_of(const std::string& tenant) const;

  FairShareOptions options_;
  std::vector<store::Lane> lanes_;
  std::map<std::string, int> running_;  // By tenant, in all queues.
};

}  // namespace katip::jobs
