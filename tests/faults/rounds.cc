#include <fmt/format.h>
#include <signal.h>

#include "faults/scenario.h"

namespace katip::drill {
namespace {

using namespace std::chrono_literals;

constexpr int kTaskMs = 8;
constexpr int kLongTaskMs =
    60;  // A server takes some time to start: its tasks have to take longer.

/// Puts tasks in while `harm` is done once a round; then waits for the end of all of them.
bool run_rounds(const Wanted& wanted, const std::function<void(Drill&, Dice&)>& harm, int task_ms) {
  Drill drill(wanted.drill);
  Dice dice(wanted.drill.seed);
  drill.start_server();
  if (wanted.scenario == "two-servers") drill.start_server();
  // Tasks come as fast as they are done, so that each round finds workers with tasks in hand.
  for (int i = 0; i < wanted.round_count; ++i) {
    const int begin = wanted.task_count * i / wanted.round_count;
    const int end = wanted.task_count * (i + 1) / wanted.round_count;
    drill.put("drill.effect", end - begin, fmt::format(R"({{"ms":{}}})", task_ms));
    harm(drill, dice);
  }
  bool is_done = drill.wait_until_empty(300s);
  // One that is killed three times alone, by chance, looks like one that kills. An operator says
  // retry, and then it has to be done.
  const int retried = drill.retry_quarantined();
  is_done = drill.wait_until_empty(60s) && is_done;
  const Tally tally = drill.tally();
  drill.stop_servers();
  if (retried > 0) fmt::print("{} were killed three times alone, and retried by hand\n", retried);
  const bool is_good = report(wanted, tally, wanted.task_count);
  return is_done && is_good && tally.quarantined == 0 && tally.discarded == 0 &&
         retried <= 1 + wanted.round_count / 20;
}

void kill_a_worker(Drill& drill, Dice& dice) {
  dice.wait(30, 120);
  const std::vector<pid_t> pids = drill.workers();
  if (!pids.empty()) kill(pids[dice.below(pids.size())], SIGKILL);
}

void pause_a_worker(Drill& drill, Dice& dice) {
  dice.wait(20, 80);
  const std::vector<pid_t> pids = drill.workers();
  if (pids.empty()) return;
  const pid_t pid = pids[dice.below(pids.size())];
  kill(pid, SIGSTOP);
  system_clock().sleep_for(std::chrono::milliseconds(drill.options().lease_ms * 2), {});
  kill(pid, SIGCONT);
}

void kill_the_server(Drill& drill, Dice& dice) {
  dice.wait(100, 400);
  drill.kill_server();
  drill.start_server();
}

void restart_postgres(Drill& drill, Dice& dice) {
  using Stop = store::testing::PostgresServer::Stop;
  dice.wait(200, 500);
  insist(drill.postgres()->stop(dice.below(2) == 0 ? Stop::kFast : Stop::kCrash));
  dice.wait(50, 800);
  insist(drill.postgres()->resume());
}

}  // namespace

bool run_kills(const Wanted& wanted) { return run_rounds(wanted, kill_a_worker, kTaskMs); }
bool run_pauses(const Wanted& wanted) { return run_rounds(wanted, pause_a_worker, kTaskMs); }
bool run_servers(const Wanted& wanted) { return run_rounds(wanted, kill_the_server, kLongTaskMs); }
bool run_restarts(const Wanted& wanted) { return run_rounds(wanted, restart_postgres, kTaskMs); }

}  // namespace katip::drill
