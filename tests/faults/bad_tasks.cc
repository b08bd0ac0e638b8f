#include <algorithm>

#include <fmt/format.h>

#include "faults/scenario.h"

namespace katip::drill {

using namespace std::chrono_literals;

bool run_poison(const Wanted& wanted) {
  Drill drill(wanted.drill);
  drill.put("drill.effect", wanted.task_count / 2);
  drill.put("drill.poison", 1);
  drill.put("drill.poison_effect", 1);
  drill.put("drill.effect", wanted.task_count / 2);
  drill.start_server();
  const bool is_done = drill.wait_until_empty(120s);
  const Tally tally = drill.tally();
  // The poisonous ones have neither completed nor had an effect.
  return report(wanted, tally, wanted.task_count / 2 * 2 + 2) && is_done && tally.quarantined == 2;
}

bool run_leak(Wanted wanted) {
  wanted.drill.memory_mb_max = 50;
  Drill drill(wanted.drill);
  drill.put("drill.leak", wanted.task_count);
  drill.start_server();
  std::vector<pid_t> seen;
  while (drill.tally().waiting > 0) {
    for (const pid_t pid : drill.workers()) {
      if (std::ranges::find(seen, pid) == seen.end()) seen.push_back(pid);
    }
    system_clock().sleep_for(20ms, {});
  }
  const Tally tally = drill.tally();
  fmt::print(
      "leak on {}: {} tasks of 1 MB each completed by {} worker processes of at most 50 MB\n",
      wanted.drill.database, tally.completed, seen.size());
  return tally.completed == wanted.task_count && std::ssize(seen) > wanted.drill.process_count;
}

}  // namespace katip::drill
