#pragma once

#include <random>
#include <string>
#include <vector>

#include "faults/drill.h"

/// The scenarios of the drill, each with a verdict: true when everything was as it should be.
namespace katip::drill {

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
  void wait(int ms_min, int ms_max);

 private:
  std::mt19937_64 engine_;
};

/// Prints what became of the tasks. False when one was lost, doubled, or is not done.
bool report(const Wanted& wanted, const Tally& tally, std::int64_t expected);

/// How long tasks waited, in milliseconds: sorted by the constructor.
class Waits {
 public:
  explicit Waits(std::vector<double> values);
  [[nodiscard]] std::size_t count() const { return values_.size(); }
  [[nodiscard]] double at(double share) const;  ///< 0.5: the median; 0 when there are none.
  [[nodiscard]] double worst() const { return at(1.0); }

 private:
  std::vector<double> values_;
};
/// From coming in to being claimed, of those that were; they need not have ended.
Waits waits_of(Drill& drill, const std::vector<std::string>& ids);

/// The supervisor and its workers are those of before, and each of them ends tasks.
bool are_at_work(Drill& drill, const std::vector<pid_t>& before);

// rounds.cc: something is killed, stopped or started again and again.
bool run_kills(const Wanted& wanted);
bool run_pauses(const Wanted& wanted);
bool run_servers(const Wanted& wanted);
bool run_restarts(const Wanted& wanted);

// lost_connections.cc
bool run_cuts(Wanted wanted);

// full_disk.cc
bool run_full_disk(Wanted wanted);

// bad_tasks.cc: what tasks do to their workers.
bool run_poison(const Wanted& wanted);
bool run_leak(Wanted wanted);

// deaf_tasks.cc: they ignore their stop.
bool run_deaf(Wanted wanted);

// storm.cc
bool run_storm(Wanted wanted);

// turns.cc: who is next.
bool run_fairness(Wanted wanted);
bool run_priority(Wanted wanted);
bool run_ageing(Wanted wanted);

}  // namespace katip::drill
