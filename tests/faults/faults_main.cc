#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "faults/scenario.h"

/// Breaks workers, servers and databases while tasks run, and counts what became of every task.
///
///   build/release/tests/faults SCENARIO [--database sqlite|postgres] [--seed N] [--tasks N]
///   [--rounds N]
///
/// Scenarios: kills (kill -9 of a random worker each round), pauses (SIGSTOP past the lease),
/// servers (kill -9 of a whole server), two-servers (of one of two), restarts (PostgreSQL is
/// stopped and started), cuts (PostgreSQL ends a connection), full-disk (of PostgreSQL), poison,
/// leak, deaf (tasks ignore their stop), storm (everything fails at once and is tried again),
/// fairness, priority, ageing. A task is lost when it neither ended nor waits; doubled when its
/// effect happened twice. Exit code: 0 all is as it should be, 1 something is not, 77 what it needs
/// is not there.
namespace katip::drill {
namespace {

bool run(const Wanted& wanted) {
  static const std::map<std::string, std::function<bool(const Wanted&)>> scenarios = {
      {"kills", run_kills},         {"two-servers", run_servers}, {"pauses", run_pauses},
      {"servers", run_servers},     {"restarts", run_restarts},   {"cuts", run_cuts},
      {"full-disk", run_full_disk}, {"poison", run_poison},       {"leak", run_leak},
      {"deaf", run_deaf},           {"storm", run_storm},         {"fairness", run_fairness},
      {"priority", run_priority},   {"ageing", run_ageing},
  };
  const auto found = scenarios.find(wanted.scenario);
  if (found != scenarios.end()) return found->second(wanted);
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
