#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "jobs/caretaker.h"
#include "jobs/queue.h"
#include "jobs/scheduler.h"
#include "jobs/testing/audit.h"
#include "jobs/testing/faulty_connection.h"
#include "jobs/testing/scripted_rng.h"
#include "jobs/testing/simulation.h"
#include "store/pool.h"

namespace katip::jobs {

/// Time is one for all hosts; what their calendars say is their own.
///
/// Threads: one thread.
class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(std::chrono::milliseconds& elapsed) : elapsed_(elapsed) {}

  void move_calendar(std::chrono::milliseconds by) { calendar_ += by; }
  void set_calendar(std::chrono::milliseconds offset) { calendar_ = offset; }
  [[nodiscard]] std::chrono::milliseconds calendar_offset() const { return calendar_; }

  std::chrono::steady_clock::time_point now() const override {
    return std::chrono::steady_clock::time_point(elapsed_);
  }
  std::chrono::system_clock::time_point calendar() const override {
    return std::chrono::sys_days(std::chrono::year(2026) / 3 / 29) + calendar_ + elapsed_;
  }
  bool sleep_for(std::chrono::milliseconds duration, std::stop_token) const override {
    elapsed_ += duration;
    return true;
  }

 private:
  std::chrono::milliseconds& elapsed_;
  std::chrono::milliseconds calendar_{0};
};

/// What all actors share.
struct World {
  Audit audit;
  SeededRng& rng;
  store::Connection& sql;  ///< The real one, without faults.
  FaultPlan faults = {};
  std::chrono::milliseconds elapsed{0};
  SimulatedClock clock{elapsed};
  std::chrono::milliseconds offset_max{0};  ///< How far ahead a calendar has ever been.
  QueueOptions options = {};
  std::unique_ptr<store::Pool> pool = {};
  bool is_calm = false;  ///< Nothing goes wrong any more.
  SimulationResult figures = {};

  void advance(std::chrono::milliseconds duration) { elapsed += duration; }
  void arm(int call, Fault fault) {
    faults.arm(call, fault);
    ++figures.fault_count;
  }
  /// An error that no fault explains is a problem by itself.
  void check(const std::string& what, const Error& error);
  [[nodiscard]] Audit::Task task(const std::string& id) const;
};

/// Half of all tasks have one.
bool has_effect(const std::string& task_id);

/// A server: its queue, its caretaker and its scheduler, on a calendar of its own.
///
/// Threads:  one thread.
/// Lifetime: the world outlives it.
class SimulatedHost {
 public:
  explicit SimulatedHost(World& world);

  Queue& queue() { return queue_; }
  void start();
  void look();
  /// Crashes, is stopped for a while, or has its calendar moved.
  void suffer();
  /// Is well again, with the calendar that everybody has from now on.
  void recover();
  /// Has the last slot behind `begin` been served?
  void check_slots(store::Timestamp begin);

 private:
  void look_at_schedules();
  void watch_calendar();

  World& world_;
  SimulatedClock clock_;
  SeededRng rng_;
  Queue queue_;
  std::unique_ptr<Caretaker> caretaker_;  // Null while the server is down.
  std::unique_ptr<Scheduler> scheduler_;
  bool is_scheduler_started_ = false;
  std::optional<std::chrono::milliseconds> seen_offset_;  // At the last look of the scheduler.
  std::optional<std::chrono::milliseconds> jumped_at_;    // Ahead, and was not set back.
  std::chrono::milliseconds frozen_until_{0};
};

}  // namespace katip::jobs
