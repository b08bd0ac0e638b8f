#include "jobs/testing/simulated_host.h"

#include <fmt/format.h>

/// Tested by simulation_test.cc.
namespace katip::jobs {

using std::chrono::milliseconds;
using std::chrono::seconds;
using store::Timestamp;

namespace {

/// The clocks of Berlin are set forward on the day on which this world begins.
std::vector<Schedule> schedules() {
  return {
      {.name = "often", .cron = "* * * * *", .kind = "cleanup.often"},
      {.name = "skip", .cron = "*/2 * * * *", .kind = "upload.skip", .missed = MissedSlots::kSkip},
      {.name = "night",
       .cron = "*/20 1,2 * * *",
       .time_zone = "Europe/Berlin",
       .kind = "ai.night"}};
}

}  // namespace

void World::check(const std::string& what, const Error& error) {
  const bool is_expected =
      !is_calm && (error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kOverloaded);
  if (!is_expected) {
    audit.blame(fmt::format("{}: {}: {}", what, name(error.code), error.message));
  }
}

Audit::Task World::task(const std::string& id) const {
  const Audit::Task* const found = audit.find(id);
  return found == nullptr ? Audit::Task{} : *found;
}

bool has_effect(const std::string& task_id) { return task_id.back() < '8'; }

SimulatedHost::SimulatedHost(World& world)
    : world_(world),
      clock_(world.elapsed),
      rng_(world.rng.next()),
      queue_(*world.pool, clock_, rng_, world.options) {}

void SimulatedHost::start() {
  caretaker_ =
      std::make_unique<Caretaker>(queue_, rng_, CaretakerOptions{.look_interval = seconds(1)},
                                  CaretakerObserver{.on_dead = [this](const store::Beat& beat) {
                                    world_.audit.set_worker(beat.worker_id, false);
                                  }});
  scheduler_ = std::make_unique<Scheduler>(*Scheduler::create(
      queue_, schedules(),
      {.on_fired = [this](const Schedule& schedule, Timestamp slot, const std::string&) {
        if (jumped_at_ && world_.elapsed - *jumped_at_ < seconds(60)) {
          world_.audit.blame(schedule.name + " believed a calendar that had just jumped");
        }
        if (slot > queue_.now()) world_.audit.blame(schedule.name + " was early");
      }}));
  is_scheduler_started_ = false;
  seen_offset_.reset();
  jumped_at_.reset();
}

void SimulatedHost::look() {
  if (caretaker_ == nullptr || world_.elapsed < frozen_until_) return;
  if (const Status status = caretaker_->look({}); !status) {
    world_.check("caretaker", status.error());
  }
  world_.audit.look();
  look_at_schedules();
  world_.audit.look();
}

void SimulatedHost::look_at_schedules() {
  if (!is_scheduler_started_) {
    const Status started = scheduler_->start({});
    is_scheduler_started_ = started.has_value();
    if (!started) world_.check("start schedules", started.error());
    return;
  }
  watch_calendar();
  if (const Status status = scheduler_->look({}); !status) {
    world_.check("schedules", status.error());
  }
}

void SimulatedHost::watch_calendar() {
  const milliseconds moved =
      clock_.calendar_offset() - seen_offset_.value_or(clock_.calendar_offset());
  if (moved > seconds(60)) jumped_at_ = world_.elapsed;
  if (moved < -seconds(60)) jumped_at_.reset();
  seen_offset_ = clock_.calendar_offset();
}

void SimulatedHost::suffer() {
  const int choice = world_.rng.below(4);
  if (choice == 0) {
    caretaker_.reset();
    scheduler_.reset();
  } else if (caretaker_ == nullptr) {
    start();
  } else if (choice == 1) {
    frozen_until_ = world_.elapsed + milliseconds(world_.rng.below(40'000));
  } else {
    const int minutes = 2 + world_.rng.below(120);
    clock_.move_calendar(std::chrono::minutes(choice == 2 ? minutes : -minutes));
    world_.offset_max = std::max(world_.offset_max, clock_.calendar_offset());
  }
}

void SimulatedHost::recover() {
  frozen_until_ = milliseconds(0);
  // Ahead of everything that was ever scheduled by a calendar that was wrong.
  clock_.set_calendar(world_.offset_max + std::chrono::minutes(5));
  if (caretaker_ == nullptr) start();
}

void SimulatedHost::check_slots(Timestamp begin) {
  for (const Schedule& schedule : schedules()) {
    const auto row =
        world_.sql.query("select created_at from schedules where name = $1", {schedule.name});
    const Timestamp created_at = *store::parse_timestamp(*(*row)[0].get<std::string>(0));
    const Cron cron = *Cron::parse(schedule.cron, schedule.time_zone);
    // What was missed while nobody was there is served later, or is not.
    const auto wanted = cron.last_in(
        schedule.missed == MissedSlots::kOnce ? created_at : std::max(begin, created_at),
        queue_.now() - seconds(3));
    const auto served = world_.audit.slots().find(schedule.name);
    if (wanted &&
        (served == world_.audit.slots().end() || served->second.back() < store::to_text(*wanted))) {
      world_.audit.blame(
          fmt::format("schedule {} missed {}", schedule.name, store::to_text(*wanted)));
    }
  }
}

}  // namespace katip::jobs
