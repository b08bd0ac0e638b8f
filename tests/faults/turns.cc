#include <algorithm>

#include <fmt/format.h>

#include "faults/scenario.h"
#include "jobs/worker.h"

namespace katip::drill {

using namespace std::chrono_literals;

namespace {

// None is to be lost here, however busy the machine is.
constexpr int kLeaseMs = 15'000;

/// Short tasks are taken ahead: so many may a worker have taken just before another one came.
int in_hand_max(const Wanted& wanted) {
  return wanted.drill.slot_count * jobs::WorkerOptions{}.prefetch_multiplier;
}

}  // namespace

/// Ten tasks of one tenant come in beside many of another, and are done after about as many of
/// those, not after all of them. Counted and not timed: machines that run tests are busy with other
/// things.
bool run_fairness(Wanted wanted) {
  constexpr int kFewCount = 10;
  wanted.drill.process_count = 1;
  wanted.drill.lease_ms = kLeaseMs;
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
  fmt::print(
      "fairness on {}: {} tasks of one tenant were done while {} of the {} of another were\n",
      wanted.drill.database, kFewCount, meanwhile, wanted.task_count);
  return meanwhile <= 2 * kFewCount + 3 * in_hand_max(wanted) && drill.tally().waiting > 0;
}

/// A critical task each 50 ms beside low ones without end: how long each waits for a slot, and how
/// many low ones were claimed meanwhile. Without priorities that would be all that came before it.
bool run_priority(Wanted wanted) {
  constexpr double kMedianMsMax = 500;  // Machines that run tests are busy with other things.
  wanted.drill.process_count = 1;
  wanted.drill.lease_ms = kLeaseMs;
  Drill drill(wanted.drill);
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
  const Waits waits = waits_of(drill, ids);
  // Those that ended are enough: what was claimed before a critical task that has begun has, too.
  const std::int64_t overtaken_max = drill.count(
      "select coalesce(max(low_count), 0) from (select (select count(*) from task_history low "
      "where low.queue = 'low' and low.claimed_at > critical.created_at "
      "and low.claimed_at < critical.claimed_at) as low_count "
      "from task_history critical where critical.queue = 'critical') as counts");
  const std::int64_t waiting = drill.count("select count(*) from tasks where queue = 'low'");
  fmt::print(
      "priority on {}: {} of {} critical tasks begun; wait median {:.0f} ms (limit {:.0f}), 99th "
      "percentile {:.0f} ms, worst {:.0f} ms; at most {} low tasks were claimed while one waited "
      "(limit {}), and {} low ones were left\n",
      wanted.drill.database, waits.count(), ids.size(), waits.at(0.5), kMedianMsMax, waits.at(0.99),
      waits.worst(), overtaken_max, 3 * in_hand_max(wanted), waiting);
  return waits.count() == ids.size() && waits.at(0.5) <= kMedianMsMax &&
         overtaken_max <= 3 * in_hand_max(wanted) && waiting > 0;
}

namespace {

constexpr int kLevels = 7 - 2;  // Between the queues high and low.
constexpr std::int64_t kBacklog = 400;

std::vector<store::TaskRecord> records_of(Drill& drill, const std::string& queue) {
  std::vector<store::TaskRecord> records;
  const std::vector<std::string> ids = drill.ended_of("queue", queue);
  const auto connection = insist(drill.queue().pool().acquire({}));
  for (const std::string& id : ids) {
    records.push_back(insist(store::TaskStore(*connection).find(id)).value());
  }
  return records;
}

/// High tasks about the claim of one low task. By the rule it comes behind those that are older
/// than `rule` after it, and before all others.
struct Neighbours {
  int waiting = 0;  ///< High tasks that waited when it was claimed.
  int early = 0;    ///< Of those, whose turn it was: it came too early for them.
  int late = 0;     ///< High tasks that were claimed before it, although it was its turn.
};

Neighbours neighbours_of(const store::TaskRecord& low, const std::vector<store::TaskRecord>& high,
                         std::chrono::milliseconds rule) {
  Neighbours neighbours;
  for (const store::TaskRecord& task : high) {
    const bool has_turn = task.run_at < low.run_at + rule;
    const bool was_waiting = task.created_at < *low.claimed_at && task.claimed_at > low.claimed_at;
    neighbours.waiting += was_waiting ? 1 : 0;
    neighbours.early += was_waiting && has_turn ? 1 : 0;
    neighbours.late += !has_turn && task.claimed_at < low.claimed_at ? 1 : 0;
  }
  return neighbours;
}

/// Puts high tasks in until so many wait, as whoever keeps a queue busy does.
void keep_saturated(Drill& drill) {
  const std::vector<jobs::TaskRequest> some(
      kBacklog / 4, {.kind = "drill.effect", .args = R"({"ms":20})", .queue = "high"});
  while (drill.count("select count(*) from tasks where queue = 'high' and state = 'available'") <
         kBacklog) {
    insist(drill.queue().enqueue(some, {}));
  }
}

}  // namespace

/// Tasks of the queue high come in as fast as they are done, so that hundreds of them always wait.
/// A low one has its turn when it has waited for the levels between them, and as long as the oldest
/// high one. The verdict counts who was claimed out of turn: how long that takes is printed.
bool run_ageing(Wanted wanted) {
  const std::chrono::milliseconds ageing(600);
  const std::chrono::milliseconds rule = kLevels * ageing;
  wanted.drill.process_count = 1;
  wanted.drill.lease_ms = kLeaseMs;
  wanted.drill.ageing_ms = static_cast<int>(ageing.count());
  Drill drill(wanted.drill);
  keep_saturated(drill);
  drill.start_server();
  std::vector<std::string> ids;
  for (int i = 0; i < wanted.round_count; ++i) {
    ids.push_back(insist(drill.queue().enqueue({.kind = "drill.effect", .queue = "low"}, {})).id);
    const auto deadline = system_clock().now() + 60s;
    while (waits_of(drill, {ids.back()}).count() == 0 && system_clock().now() < deadline) {
      keep_saturated(drill);
      system_clock().sleep_for(10ms, {});
    }
  }
  bool is_good = drill.wait_until_empty(300s);
  const std::vector<store::TaskRecord> high = records_of(drill, "high");
  Neighbours worst{.waiting = static_cast<int>(high.size())};
  for (const store::TaskRecord& low : records_of(drill, "low")) {
    const Neighbours neighbours = neighbours_of(low, high, rule);
    worst = {.waiting = std::min(worst.waiting, neighbours.waiting),
             .early = std::max(worst.early, neighbours.early),
             .late = std::max(worst.late, neighbours.late)};
  }
  const Waits waits = waits_of(drill, ids);
  fmt::print(
      "ageing on {}: {} low tasks, each beside {} or more high ones that waited; the rule says {} "
      "ms and what the oldest high one has waited, they waited {:.0f} ms (median), {:.0f} to "
      "{:.0f} "
      "ms; at most {} high tasks were overtaken too early, {} served too late (limit {})\n",
      wanted.drill.database, waits.count(), worst.waiting, rule.count(), waits.at(0.5), waits.at(0),
      waits.worst(), worst.early, worst.late, 3 * in_hand_max(wanted));
  is_good = report(wanted, drill.tally(), std::ssize(high) + std::ssize(ids)) && is_good;
  return is_good && waits.count() == ids.size() && worst.waiting > 0 &&
         std::max(worst.early, worst.late) <= 3 * in_hand_max(wanted);
}

}  // namespace katip::drill
