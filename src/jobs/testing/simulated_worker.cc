#include "jobs/testing/simulated_worker.h"

#include <algorithm>

#include "store/worker_store.h"

/// Does what worker/shift.cc does, in the same order. Tested by simulation_test.cc.
namespace katip::jobs {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr seconds kLease(20);
constexpr seconds kRenewInterval(6);
constexpr int kSlotCount = 2;
constexpr int kInHandMax = 4;

bool is_poison(const std::string& task_id) {
  return task_id.ends_with("0") || task_id.ends_with("f");
}

}  // namespace

SimulatedWorker::SimulatedWorker(World& world, Queue& queue)
    : world_(world), queue_(queue), id_(queue.new_id()) {}

bool SimulatedWorker::enlist() {
  const auto connection = world_.pool->acquire({});
  const Status status = store::WorkerStore(**connection)
                            .insert({.id = id_,
                                     .name = "simulated",
                                     .host = "here",
                                     .pid = 1,
                                     .worker_kind = "general",
                                     .lease_ms = milliseconds(kLease).count()},
                                    queue_.now());
  if (!status) {
    world_.check("enlist", status.error());
    return false;
  }
  world_.audit.set_worker(id_, true);
  renewed_at_ = world_.elapsed;
  is_enlisted_ = true;
  return true;
}

bool SimulatedWorker::renew() {
  if (world_.elapsed - renewed_at_ < kRenewInterval) return true;
  const bool is_late = world_.elapsed - renewed_at_ >= kLease;
  const auto renewal = [&] {
    const auto connection = world_.pool->acquire({});
    return store::WorkerStore(**connection).renew(id_, {}, queue_.now());
  }();
  if (!renewal) {
    world_.check("renew", renewal.error());
    if (is_late) give_up();
    return !is_gone_;
  }
  renewed_at_ = world_.elapsed;
  if (!*renewal) give_up();
  return !is_gone_;
}

/// It lives, and lost its lease.
void SimulatedWorker::give_up() {
  is_gone_ = true;
  const Status status = queue_.give_up(id_, "lease lost", {});
  world_.audit.look();
  if (!status) return world_.check("give up", status.error());
  world_.audit.set_worker(id_, false);
  for (const Held& held : held_) {
    if (world_.audit.holds(held.task.key)) world_.audit.blame(held.task.key.id + " was kept");
  }
}

void SimulatedWorker::act() {
  if (world_.elapsed < stalled_until_) return;
  if (!is_enlisted_ && !enlist()) return;
  const bool has_just_woken = stalled_until_ > milliseconds(0) && world_.rng.chance(50);
  stalled_until_ = milliseconds(0);
  // One that was stopped may write an outcome down before it knows that it has lost everything.
  if (!has_just_woken && !renew()) return;
  const int choice = world_.rng.below(100);
  if (has_just_woken) {
    finish_some();
  } else if (choice < 6) {
    crash();
  } else if (choice < 10) {
    stalled_until_ = world_.elapsed + milliseconds(world_.rng.below(60'000));
  } else if (choice < 13) {
    stop_softly();
  } else if (choice < 50) {
    claim();
  } else {
    finish_some();
  }
}

void SimulatedWorker::work_well() {
  if ((!is_enlisted_ && !enlist()) || !renew()) return;
  claim();
  std::vector<Outcome> outcomes;
  for (const Held& held : held_) outcomes.push_back(outcome_of(held));
  settle(std::move(outcomes));
}

// --- Claiming -----------------------------------------------------------------------------------

void SimulatedWorker::claim() {
  if (is_unsure_) {
    std::vector<store::TaskKey> known;
    for (const Held& held : held_) known.push_back(held.task.key);
    const auto released = queue_.release_unknown(id_, known, {});
    world_.audit.look();
    is_unsure_ = !released;
    if (!released) return world_.check("release unknown", released.error());
  }
  if (claim_alone() || std::ssize(held_) >= kInHandMax) return;
  auto tasks = queue_.claim(
      {.claimer = {.worker_id = id_}, .free_count = kInHandMax - static_cast<int>(held_.size())},
      {});
  world_.audit.look();
  if (tasks) return take(std::move(*tasks));
  is_unsure_ = true;
  world_.check("claim", tasks.error());
}

/// True when this worker is kept free for a suspect, or has one.
bool SimulatedWorker::claim_alone() {
  if (std::ranges::any_of(held_, [](const Held& held) { return held.task.runs_alone; }))
    return true;
  const auto exists = queue_.has_alone({.worker_id = id_}, {});
  if (!exists || !*exists) return false;
  if (!held_.empty()) return world_.rng.chance(50);
  auto task = queue_.claim_alone({.worker_id = id_}, {});
  world_.audit.look();
  if (!task) {
    is_unsure_ = true;
    world_.check("claim alone", task.error());
    return true;
  }
  if (!*task) return false;
  take({**task});
  return true;
}

void SimulatedWorker::take(std::vector<store::ClaimedTask> tasks) {
  for (store::ClaimedTask& task : tasks) {
    if (!world_.audit.holds(task.key))
      world_.audit.blame(task.key.id + " was given without a lease");
    held_.push_back({.task = std::move(task), .is_started = std::ssize(held_) < kSlotCount});
  }
}

// --- Outcomes -----------------------------------------------------------------------------------

void SimulatedWorker::see_cancels() {
  const auto connection = world_.pool->acquire({});
  const auto keys = store::TaskStore(**connection).cancel_requests(id_);
  if (!keys) return world_.check("look for cancels", keys.error());
  for (Held& held : held_) {
    held.is_cancelled = std::ranges::find(*keys, held.task.key) != keys->end();
  }
}

Outcome SimulatedWorker::outcome_of(const Held& held) {
  const std::string id = held.task.key.id;
  Outcome outcome{.task = held.task, .status = {}, .result = R"({"a":1})"};
  const int choice = world_.is_calm ? 100 : world_.rng.below(100);
  if (held.is_cancelled) {
    outcome.status = fail(ErrorCode::kCancelled, "stopped");
    outcome.reason = StopReason::kCancel;
  } else if (choice < 15) {
    outcome.status = fail(ErrorCode::kUnavailable, "away");
  } else if (choice < 20) {
    outcome.status = fail(ErrorCode::kInvalidArgument, "bad");
  } else if (choice < 24) {
    outcome.result = "{";
  }
  if (has_effect(id)) {
    const bool is_failing = choice >= 24 && choice < 30;
    outcome.effect = [id, is_failing](store::Connection& sql) -> Status {
      KATIP_TRY(sql.query("insert into watched_effects (task_id) values ($1)", {id}));
      return is_failing ? fail(ErrorCode::kInternal, "its effect failed") : Status{};
    };
  }
  return outcome;
}

void SimulatedWorker::finish_some() {
  if (held_.empty()) return;
  for (Held& held : held_) {
    if (std::ranges::count(held_, true, &Held::is_started) < kSlotCount) held.is_started = true;
  }
  const bool meets_poison = std::ranges::any_of(
      held_, [](const Held& held) { return held.is_started && is_poison(held.task.key.id); });
  if (meets_poison && world_.rng.chance(50)) return crash();
  see_cancels();
  std::vector<Outcome> outcomes;
  for (const Held& held : held_) {
    if (held.is_started && world_.rng.chance(70)) outcomes.push_back(outcome_of(held));
  }
  settle(std::move(outcomes));
}

void SimulatedWorker::settle(std::vector<Outcome> outcomes) {
  if (outcomes.empty()) return;
  std::vector<bool> was_held;
  for (const Outcome& outcome : outcomes) was_held.push_back(world_.audit.holds(outcome.task.key));
  const auto settled = queue_.settle(outcomes, {});
  world_.audit.look();
  if (!settled) return world_.check("settle", settled.error());  // It tries again later.
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const store::TaskKey& key = outcomes[i].task.key;
    if ((*settled)[i] != was_held[i]) {
      world_.audit.blame(key.id + (was_held[i] ? ": its outcome was refused"
                                               : ": an outcome without a lease was taken"));
    }
    world_.figures.stale_count += was_held[i] ? 0 : 1;
    std::erase_if(held_, [&](const Held& held) { return held.task.key == key; });
  }
}

// --- Ends ---------------------------------------------------------------------------------------

void SimulatedWorker::crash() {
  is_gone_ = true;
  ++world_.figures.crash_count;
  if (world_.rng.chance(40)) return;  // Nobody saw it.
  Death death{.worker_id = id_, .started = {}, .is_orderly = world_.rng.chance(20)};
  for (const Held& held : held_) {
    if (held.is_started) death.started.push_back(held.task.key.id);
  }
  const auto counts = queue_.rescue(death, {});
  world_.audit.look(death);
  if (!counts) return world_.check("rescue", counts.error());
  world_.audit.set_worker(id_, false);
}

void SimulatedWorker::stop_softly() {
  std::vector<store::TaskKey> waiting;
  std::vector<Outcome> outcomes;
  for (const Held& held : held_) {
    if (held.is_started) {
      outcomes.push_back({.task = held.task,
                          .status = fail(ErrorCode::kCancelled, "stopped"),
                          .reason = StopReason::kShutdown});
    } else {
      waiting.push_back(held.task.key);
    }
  }
  if (const Status status = queue_.release(waiting, {}); !status) {
    world_.check("release", status.error());
  }
  world_.audit.look();
  settle(std::move(outcomes));
  const auto connection = world_.pool->acquire({});
  const auto ended = store::WorkerStore(**connection).end(id_, "stopped", "asked to", queue_.now());
  if (!ended) world_.check("sign off", ended.error());
  world_.audit.set_worker(id_, false);
  is_gone_ = true;
}

}  // namespace katip::jobs
