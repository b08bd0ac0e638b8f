#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <signal.h>

#include "faults/drill.h"

/// Breaks workers, servers and databases while tasks run, and counts what became of every task.
///
///   build/release/tests/faults SCENARIO [--database sqlite|postgres] [--seed N] [--tasks N]
///   [--rounds N]
///
/// Scenarios: kills (kill -9 of a random worker each round), pauses (SIGSTOP past the lease),
/// servers (kill -9 of a whole server), restarts (PostgreSQL is stopped and started), poison, leak,
/// fairness, priority. A task is lost when it neither ended nor waits; doubled when its effect
/// happened twice. Exit code: 0 nothing was lost or doubled, 1 something was, 77 the database is
/// not installed.
namespace katip::drill {
namespace {

using namespace std::chrono_literals;

struct Wanted {
  std::string scenario;
  DrillOptions drill;
  int task_count = 600;
  int round_count = 6;
};

/// Chance that the seed decides.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  std::size_t below(std::size_t count) { return engine_() % count; }
  void wait(int ms_min, int ms_max) {
    const auto span = static_cast<std::size_t>(ms_max - ms_min + 1);
    system_clock().sleep_for(std::chrono::milliseconds(ms_min + static_cast<int>(below(span))), {});
  }

 private:
  std::mt19937_64 engine_;
};

bool report(const Wanted& wanted, const Tally& tally, std::int64_t expected) {
  const std::int64_t ended = tally.completed + tally.discarded + tally.quarantined;
  const std::int64_t lost = expected - ended - tally.waiting;
  const std::int64_t missing = tally.completed - tally.with_one_effect - tally.with_more;
  fmt::print(
      "{} on {}, seed {}: {} tasks, {} rounds: {} completed ({} of them taken from a worker "
      "before), "
      "{} discarded, {} quarantined, {} waiting; lost {}, doubled {}, completed without effect "
      "{}\n",
      wanted.scenario, wanted.drill.database, wanted.drill.seed, expected, wanted.round_count,
      tally.completed, tally.rescued, tally.discarded, tally.quarantined, tally.waiting, lost,
      tally.with_more, missing);
  return lost == 0 && tally.with_more == 0 && missing == 0 && tally.waiting == 0;
}

/// Puts tasks in while `harm` is done once a round; then waits for the end of all of them.
bool run_rounds(const Wanted& wanted, const std::function<void(Drill&, Dice&)>& harm,
                int task_ms = 8) {
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

/// Ten tasks of one tenant come in beside many of another, and are done after about as many of
/// those, not after all of them. Counted and not timed: machines that run tests are busy with other
/// things.
bool run_fairness(Wanted wanted) {
  constexpr int kFewCount = 10;
  wanted.drill.process_count = 1;
  Drill drill(wanted.drill);
  const std::vector<jobs::TaskRequest> many(
      static_cast<std::size_t>(wanted.task_count),
      {.kind = "drill.effect", .args = R"({"ms":10})", .tenant = "many"});
  insist(drill.queue().enqueue(many, {}));
  drill.start_server();
  while (drill.tally().completed == 0) system_clock().sleep_for(5ms, {});
  const std::vector<jobs::TaskRequest> few(
      kFewCount, {.kind = "drill.effect", .args = R"({"ms":10})", .tenant = "few"});
  insist(drill.queue().enqueue(few, {}));
  const std::int64_t before = drill.tally().completed;
  while (drill.count_completed_of("few") < kFewCount) system_clock().sleep_for(2ms, {});
  const std::int64_t meanwhile = drill.tally().completed - before - kFewCount;
  // As many as have the turns in between, and what the worker had in hand when they came.
  const std::int64_t in_hand = wanted.drill.slot_count * 4;
  fmt::print(
      "fairness on {}: {} tasks of one tenant were done while {} of the {} of another were\n",
      wanted.drill.database, kFewCount, meanwhile, wanted.task_count);
  return meanwhile <= 2 * kFewCount + 3 * in_hand && drill.tally().waiting > 0;
}

/// A critical task each 50 ms beside low ones without end: how long each waits for a slot.
bool run_priority(Wanted wanted) {
  wanted.drill.process_count = 1;
  Drill drill(wanted.drill);
  drill.put("cleanup.drill", 1);  // A kind that nobody knows does not matter here.
  std::vector<jobs::TaskRequest> low(
      static_cast<std::size_t>(wanted.task_count),
      {.kind = "drill.effect", .args = R"({"ms":20})", .queue = "low"});
  insist(drill.queue().enqueue(low, {}));
  drill.start_server();
  while (drill.tally().completed == 0) system_clock().sleep_for(5ms, {});
  std::vector<std::string> ids;
  for (int i = 0; i < wanted.round_count * 5; ++i) {
    const jobs::TaskRequest request{.kind = "drill.effect", .queue = "critical"};
    ids.push_back(insist(drill.queue().enqueue(request, {})).id);
    system_clock().sleep_for(50ms, {});
  }
  system_clock().sleep_for(500ms, {});
  std::vector<double> waits;
  const auto connection = insist(drill.queue().pool().acquire({}));
  for (const std::string& id : ids) {
    const auto found = insist(store::TaskStore(*connection).find(id));
    if (found && found->claimed_at) {
      waits.push_back(
          std::chrono::duration<double, std::milli>(*found->claimed_at - found->created_at)
              .count());
    }
  }
  std::ranges::sort(waits);
  const bool are_all = waits.size() == ids.size();
  const double worst = waits.empty() ? 0 : waits.back();
  fmt::print(
      "priority on {}: {} of {} critical tasks begun; wait median {:.0f} ms, worst {:.0f} ms, "
      "while {} low tasks waited\n",
      wanted.drill.database, waits.size(), ids.size(), waits.empty() ? 0 : waits[waits.size() / 2],
      worst, drill.tally().waiting);
  return are_all;
}

bool run(const Wanted& wanted) {
  if (wanted.scenario == "kills") return run_rounds(wanted, kill_a_worker);
  // A server takes some time to start: its tasks have to take longer.
  if (wanted.scenario == "two-servers") return run_rounds(wanted, kill_the_server, 60);
  if (wanted.scenario == "pauses") return run_rounds(wanted, pause_a_worker);
  if (wanted.scenario == "servers") return run_rounds(wanted, kill_the_server, 60);
  if (wanted.scenario == "restarts") return run_rounds(wanted, restart_postgres);
  if (wanted.scenario == "poison") return run_poison(wanted);
  if (wanted.scenario == "leak") return run_leak(wanted);
  if (wanted.scenario == "fairness") return run_fairness(wanted);
  if (wanted.scenario == "priority") return run_priority(wanted);
  fmt::print(stderr, "faults: no scenario {}; see the top of tests/faults/faults_main.cc\n",
             wanted.scenario);
  return false;
}

Wanted parse(const std::vector<std::string>& arguments) {
  Wanted wanted;
  wanted.scenario = arguments.empty() ? "" : arguments[0];
  for (std::size_t i = 1; i + 1 < arguments.size(); i += 2) {
    const std::string& value = arguments[i + 1];
    if (arguments[i] == "--database") wanted.drill.database = value;
    if (arguments[i] == "--seed") wanted.drill.seed = std::stoull(value);
    if (arguments[i] == "--tasks") wanted.task_count = std::stoi(value);
    if (arguments[i] == "--rounds") wanted.round_count = std::stoi(value);
  }
  return wanted;
}

}  // namespace
}  // namespace katip::drill

int main(int count, char** texts) {
  const std::vector<std::string> arguments(texts + 1, texts + count);
  if (!arguments.empty() && (arguments[0] == "server" || arguments[0] == "worker")) {
    return katip::drill::run_role(arguments);
  }
  return katip::drill::run(katip::drill::parse(arguments)) ? 0 : 1;
}
