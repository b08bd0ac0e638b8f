#include "jobs/testing/simulation.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include <fmt/format.h>

#include "jobs/caretaker.h"
#include "jobs/queue.h"
#include "jobs/scheduler.h"
#include "jobs/testing/audit.h"
#include "jobs/testing/scripted_rng.h"
#include "jobs/testing/simulated_host.h"
#include "jobs/testing/simulated_worker.h"
#include "store/schema.h"

/// A step lets some time pass, lets one actor do one thing, and lets the servers look around. After
/// each the audit reads what the database has seen. At the end faults cease, clocks agree and the
/// workers are well: then everything that was ever put in has to end within a bound.
namespace katip::jobs {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using store::Timestamp;

Result<std::unique_ptr<SimulationDatabase>> SimulationDatabase::create() {
  auto database = std::make_unique<SimulationDatabase>();
  const auto url = KATIP_TRY(store::DatabaseUrl::parse("sqlite:///:memory:"));
  database->sql = KATIP_TRY(store::Connection::open(url, {}));
  KATIP_TRY(store::upgrade_to_head(*database->sql));
  KATIP_TRY(install_audit(*database->sql));
  return database;
}

namespace {

constexpr int kStepCount = 90;
constexpr int kWorkerCountMax = 4;
constexpr int kRoundCountMax = 150;
/// Long enough for a lease, a held calendar and the slots behind it.
constexpr seconds kQuietTime(75);

constexpr const char* kQueues[] = {"critical", "high", "default", "low"};
constexpr const char* kKinds[] = {"upload.a", "enhance.b", "ai.c", "cleanup.d"};

class Simulation {
 public:
  Simulation(SimulationDatabase& database, std::uint64_t seed)
      : rng_(seed),
        world_{.audit = Audit(*database.sql, {.tenant_running_max = rng_.chance(50) ? 2 : 0}),
               .rng = rng_,
               .sql = *database.sql} {
    world_.options.fair_share = {.ageing = seconds(10),
                                 .tenant_running_max = world_.audit.rules().tenant_running_max};
    world_.options.retry.backoff_max = seconds(10);
    world_.pool = *store::Pool::create(
        [this]() -> Result<std::unique_ptr<store::Connection>> {
          return std::make_unique<FaultyConnection>(world_.sql, world_.faults);
        },
        {.clock = &world_.clock, .rng = &rng_}, {.connection_count_max = 1});
    for (int i = 0; i < 2; ++i) {
      hosts_.push_back(std::make_unique<SimulatedHost>(world_));
      hosts_.back()->start();
    }
  }

  SimulationResult run() {
    for (int step = 0; step < kStepCount && !problem(); ++step) take_step();
    if (!problem()) settle_down();
    return result();
  }

 private:
  [[nodiscard]] bool problem() const { return world_.audit.problem().has_value(); }
  SimulatedHost& any_host() { return *hosts_[static_cast<std::size_t>(rng_.below(2))]; }

  void take_step() {
    world_.advance(milliseconds(rng_.below(rng_.chance(3) ? 40'000 : 2'000)));
    if (rng_.chance(10)) {
      world_.arm(rng_.below(12), static_cast<Fault>(rng_.below(3)));
    }
    const int choice = rng_.below(100);
    if (choice < 22) {
      produce();
    } else if (choice < 80) {
      let_worker_act();
    } else if (choice < 90) {
      operate();
    } else {
      any_host().suffer();
    }
    for (const auto& host : hosts_) {
      if (rng_.chance(60)) host->look();
    }
  }

  void produce() {
    SimulatedHost& host = any_host();
    std::vector<TaskRequest> requests(static_cast<std::size_t>(1 + rng_.below(3)));
    for (TaskRequest& request : requests) {
      request.kind = kKinds[rng_.below(4)];
      request.tenant = fmt::format("tenant {}", rng_.below(3));
      request.attempt_count_max = 1 + rng_.below(3);
      if (rng_.chance(20)) request.unique_key = fmt::format("key {}", rng_.below(3));
      if (rng_.chance(20)) request.run_at = host.queue().now() + milliseconds(rng_.below(20'000));
      if (rng_.chance(20)) request.priority = rng_.below(11);
    }
    const auto enqueued = host.queue().enqueue(requests, {});
    world_.audit.look();
    if (!enqueued) return world_.check("enqueue", enqueued.error());
    for (const Enqueued& one : *enqueued) {
      if (world_.audit.find(one.id) == nullptr) world_.audit.blame(one.id + " was never put in");
    }
  }

  void let_worker_act() {
    if (std::ssize(workers_) < kWorkerCountMax && (workers_.empty() || rng_.chance(10))) {
      workers_.push_back(std::make_unique<SimulatedWorker>(world_, any_host().queue()));
    }
    const auto place = workers_.begin() + rng_.below(static_cast<int>(workers_.size()));
    (*place)->act();
    if ((*place)->is_gone()) workers_.erase(place);
  }

  // --- Operators --------------------------------------------------------------------------------

  std::string any_task() {
    const auto& tasks = world_.audit.tasks();
    if (tasks.empty()) return "0190f3a2-7c1e-7001-8a3b-5f6e7d8c9b0a";
    return std::next(tasks.begin(), rng_.below(static_cast<int>(tasks.size())))->first;
  }

  void operate() {
    const int choice = rng_.below(3);
    if (choice == 0) {
      cancel(any_task());
    } else if (choice == 1) {
      revive(any_task());
    } else {
      constexpr const char* kModes[] = {"open", "open", "paused", "draining"};
      set_mode(kQueues[rng_.below(4)], kModes[rng_.below(4)]);
    }
  }

  void cancel(const std::string& id) {
    const Audit::Task before = world_.task(id);
    const Status status = any_host().queue().cancel(id, {});
    world_.audit.look();
    const bool was_live = before.state <= TaskState::kRetryable && world_.audit.find(id) != nullptr;
    if (status) {
      if (!was_live) world_.audit.blame(id + " was cancelled behind its end");
      if (before.state == TaskState::kRunning) world_.audit.set_cancelled(id);
    } else if (status.error().code == ErrorCode::kNotFound) {
      if (was_live) world_.audit.blame(id + " lives and cannot be cancelled");
    } else {
      world_.check("cancel", status.error());
    }
  }

  void revive(const std::string& id) {
    const TaskState before = world_.task(id).state;
    const Status status = any_host().queue().revive(id, {});
    world_.audit.look();
    const bool has_failed = before == TaskState::kDiscarded || before == TaskState::kCancelled ||
                            before == TaskState::kQuarantined;
    if (!status && status.error().code == ErrorCode::kNotFound) {
      if (has_failed) world_.audit.blame(id + " failed and cannot be revived");
    } else if (!status && status.error().code != ErrorCode::kConflict) {
      world_.check("revive", status.error());
    } else if (!has_failed) {
      world_.audit.blame(id + " was revived without an end");
    }
  }

  void set_mode(const std::string& queue, const std::string& mode) {
    const Status status = any_host().queue().with_store(
        [&](store::TaskStore& tasks) { return tasks.set_queue_mode(queue, mode, "operator", {}); },
        {});
    if (!status) world_.check("set mode", status.error());
    for (const auto& record : *store::TaskStore(world_.sql).queues()) {
      world_.audit.set_mode(record.name, record.mode);
    }
  }

  // --- The end ----------------------------------------------------------------------------------

  void settle_down() {
    world_.faults.disarm();
    world_.is_calm = true;
    for (const char* queue : kQueues) set_mode(queue, "open");
    for (const auto& host : hosts_) host->recover();
    const Timestamp begin = hosts_[0]->queue().now();
    const auto start = world_.clock.now();
    // Those that are there stay: what one of them has without knowing it would never end.
    while (workers_.size() < 2) {
      workers_.push_back(std::make_unique<SimulatedWorker>(world_, hosts_[0]->queue()));
    }
    const bool is_flooded = rng_.chance(5);
    const std::vector<std::string> old = live_tasks();
    int round = 0;
    for (; !problem(); ++round) {
      const bool is_old_done = std::ranges::none_of(old, [&](const std::string& id) {
        return world_.task(id).state <= TaskState::kRetryable;
      });
      const bool is_quiet = world_.clock.now() - start > kQuietTime;
      if (is_quiet && is_old_done && world_.audit.live_count() == 0) break;
      if (round > kRoundCountMax) return world_.audit.blame("something waits for ever");
      if (is_flooded && !is_old_done) flood();
      work_for_a_round();
    }
    if (problem()) return;
    for (const auto& host : hosts_) host->check_slots(begin);
    check_effects();
    world_.audit.check_end();
  }

  void work_for_a_round() {
    world_.advance(seconds(2));
    for (const auto& host : hosts_) host->look();
    for (auto& worker : workers_) {
      worker->work_well();
      if (worker->is_gone()) {
        worker = std::make_unique<SimulatedWorker>(world_, hosts_[0]->queue());
      }
    }
  }

  std::vector<std::string> live_tasks() {
    std::vector<std::string> ids;
    for (const auto& [id, task] : world_.audit.tasks()) {
      if (task.state <= TaskState::kRetryable) ids.push_back(id);
    }
    return ids;
  }

  /// More urgent tasks than can be served: the old ones have to come through by their age.
  void flood() {
    const std::vector<TaskRequest> requests(4 * workers_.size() + 1,
                                            {.kind = "upload.a", .tenant = "flood"});
    static_cast<void>(hosts_[0]->queue().enqueue(requests, {}));
    world_.audit.look();
  }

  void check_effects() {
    std::map<std::string, int> effects;
    for (const store::Row row : *world_.sql.query("select task_id from watched_effects")) {
      ++effects[*row.get<std::string>(0)];
    }
    for (const auto& [id, task] : world_.audit.tasks()) {
      const int wanted = task.state == TaskState::kCompleted && has_effect(id) ? 1 : 0;
      if (effects[id] != wanted) {
        world_.audit.blame(fmt::format("{} had its effect {} times", id, effects[id]));
      }
    }
  }

  SimulationResult result() const {
    SimulationResult result = world_.figures;
    result.problem = world_.audit.problem();
    for (const auto& [id, task] : world_.audit.tasks()) {
      ++result.task_count;
      result.completed_count += task.state == TaskState::kCompleted ? 1 : 0;
      result.quarantined_count += task.state == TaskState::kQuarantined ? 1 : 0;
      result.cancelled_count += task.state == TaskState::kCancelled ? 1 : 0;
    }
    for (const auto& [schedule, slots] : world_.audit.slots()) {
      result.slot_count += static_cast<int>(slots.size());
    }
    return result;
  }

  SeededRng rng_;
  World world_;
  std::vector<std::unique_ptr<SimulatedHost>> hosts_;
  std::vector<std::unique_ptr<SimulatedWorker>> workers_;
};

}  // namespace

SimulationResult simulate(SimulationDatabase& database, std::uint64_t seed) {
  if (const Status status = clear_rows(*database.sql); !status) {
    return {.problem = "the rows of the last seed stay: " + status.error().message};
  }
  return Simulation(database, seed).run();
}

}  // namespace katip::jobs
