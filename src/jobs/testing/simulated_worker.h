#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "jobs/queue.h"
#include "jobs/testing/simulated_host.h"

namespace katip::jobs {

/// A worker process without threads: each call of act() does one of the things that a real one
/// does, or that happen to one.
///
/// Threads:  one thread.
/// Lifetime: world and queue outlive it.
class SimulatedWorker {
 public:
  SimulatedWorker(World& world, Queue& queue);

  void act();
  /// One round of a worker that nothing happens to: claims what it can and finishes it.
  void work_well();
  /// Crashed, stopped, or gave itself up.
  [[nodiscard]] bool is_gone() const { return is_gone_; }

 private:
  struct Held {
    store::ClaimedTask task;
    bool is_started = false;
    bool is_cancelled = false;
  };

  bool enlist();
  bool renew();
  void give_up();
  void claim();
  bool claim_alone();
  void take(std::vector<store::ClaimedTask> tasks);
  void finish_some();
  void see_cancels();
  void settle(std::vector<Outcome> outcomes);
  [[nodiscard]] Outcome outcome_of(const Held& held);
  void crash();
  void stop_softly();

  World& world_;
  Queue& queue_;
  const std::string id_;
  bool is_enlisted_ = false;
  bool is_gone_ = false;
  bool is_unsure_ = false;
  std::chrono::milliseconds renewed_at_{0};
  std::chrono::milliseconds stalled_until_{0};
  std::vector<Held> held_;
};

}  // namespace katip::jobs
