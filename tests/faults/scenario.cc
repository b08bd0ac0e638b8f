#include "faults/scenario.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "store/worker_store.h"

namespace katip::drill {

using namespace std::chrono_literals;

void Dice::wait(int ms_min, int ms_max) {
  const auto span = static_cast<std::size_t>(ms_max - ms_min + 1);
  system_clock().sleep_for(std::chrono::milliseconds(ms_min + static_cast<int>(below(span))), {});
}

bool report(const Wanted& wanted, const Tally& tally, std::int64_t expected) {
  const std::int64_t ended = tally.completed + tally.discarded + tally.quarantined;
  const std::int64_t lost = expected - ended - tally.waiting;
  const std::int64_t missing = tally.completed - tally.with_one_effect - tally.with_more;
  fmt::print(
      "{} on {}, seed {}: {} tasks, {} rounds: {} completed ({} of them not at the first try), "
      "{} discarded, {} quarantined, {} waiting; lost {}, doubled {}, completed without effect "
      "{}\n",
      wanted.scenario, wanted.drill.database, wanted.drill.seed, expected, wanted.round_count,
      tally.completed, tally.rescued, tally.discarded, tally.quarantined, tally.waiting, lost,
      tally.with_more, missing);
  return lost == 0 && tally.with_more == 0 && missing == 0 && tally.waiting == 0;
}

Waits::Waits(std::vector<double> values) : values_(std::move(values)) {
  std::ranges::sort(values_);
}

double Waits::at(double share) const {
  if (values_.empty()) return 0;
  return values_[static_cast<std::size_t>(share * static_cast<double>(values_.size() - 1))];
}

Waits waits_of(Drill& drill, const std::vector<std::string>& ids) {
  std::vector<double> waits;
  const auto connection = insist(drill.queue().pool().acquire({}));
  for (const std::string& id : ids) {
    const auto found = insist(store::TaskStore(*connection).find(id));
    if (found && found->claimed_at) {
      const auto wait = *found->claimed_at - found->created_at;
      waits.push_back(std::chrono::duration<double, std::milli>(wait).count());
    }
  }
  return Waits(std::move(waits));
}

namespace {

/// Which workers ended a round of tasks.
std::set<pid_t> busy_workers(Drill& drill, std::size_t task_count) {
  const std::vector<jobs::TaskRequest> requests(task_count,
                                                {.kind = "drill.effect", .args = R"({"ms":20})"});
  const auto tasks = insist(drill.queue().enqueue(requests, {}));
  if (!drill.wait_until_empty(60s)) return {};
  const auto connection = insist(drill.queue().pool().acquire({}));
  std::map<std::string, pid_t> pids;
  for (const auto& worker :
       insist(store::WorkerStore(*connection).list(drill.queue().now() - 1h, 1'000))) {
    pids[worker.id] = worker.pid;
  }
  std::set<pid_t> busy;
  for (const jobs::Enqueued& task : tasks) {
    const auto found = insist(store::TaskStore(*connection).find(task.id));
    if (found && found->worker_id) busy.insert(pids[*found->worker_id]);
  }
  return busy;
}

}  // namespace

bool are_at_work(Drill& drill, const std::vector<pid_t>& before) {
  constexpr std::size_t kTasksForEach = 40;
  // A worker that could not claim rests before it asks again; the others may be done by then.
  constexpr int kRounds = 20;
  std::set<pid_t> busy;
  for (int i = 0; i < kRounds && !std::ranges::includes(busy, before); ++i) {
    busy.merge(busy_workers(drill, before.size() * kTasksForEach));
  }
  const bool are_those = drill.workers() == before && std::ranges::equal(busy, before);
  fmt::print("{} worker processes, {} and all of them at work\n", before.size(),
             are_those ? "those of the beginning," : "NOT those of the beginning");
  return are_those && !before.empty();
}

}  // namespace katip::drill
