#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "jobs/worker.h"
#include "jobs/worker/blocking_queue.h"
#include "jobs/worker/slots.h"
#include "store/worker_store.h"

namespace katip::jobs {

/// One registration of a worker, from its first claim to its end. Four threads beside the slots:
/// the caller claims, the finisher writes outcomes down in batches, the keeper renews the lease,
/// and the watchman, who never asks the database anything, stops the work when that has not
/// happened for the length of a lease.
///
/// Threads: run() is called once.
class Shift {
 public:
  Shift(Queue& queue, const Handlers& handlers, const WorkerOptions& options,
        const WorkerObserver& observer, std::string worker_id, const store::SlotBounds& bounds);
  ~Shift();

  WorkerEnd run(const std::stop_token& stop);

 private:
  struct InHand {
    store::TaskKey key;
    bool is_critical = false;
  };

  void claim_until(const std::stop_token& stop);
  ClaimRoom gather_room(const ClaimRoom& room, const std::stop_token& stop);
  void wait_for_room(const ClaimRoom& room, const std::stop_token& stop);
  int claim_some(const ClaimRoom& room);
  int take(std::vector<store::ClaimedTask> tasks);
  void serve_alone(const std::stop_token& stop);
  void finish_outcomes(const std::stop_token& stop);
  bool settle(const std::vector<Ended>& ended, const std::stop_token& stop);
  Status settle_some(std::vector<Outcome>& outcomes, std::vector<std::optional<bool>>& is_ours,
                     bool is_in_doubt);
  void keep_lease(const std::stop_token& stop);
  void watch_lease(const std::stop_token& stop);
  bool renew();
  bool look_at_bounds();
  void use_bounds(const store::SlotBounds& bounds);
  [[nodiscard]] store::SlotBounds current_bounds();
  void check_limits();
  void obey_cancels();
  void wind_down();
  void abandon();
  void end_with(WorkerEnd end);
  [[nodiscard]] TaskCounts in_hand_counts() const;  // With mutex_.
  [[nodiscard]] ClaimRoom claim_room() const;       // With mutex_.
  [[nodiscard]] std::vector<store::TaskKey> in_hand_keys();
  void forget(std::span<const store::TaskKey> keys);
  bool wait_until_in_hand_at_most(int count, std::chrono::milliseconds duration,
                                  const std::stop_token& stop);
  void release(const std::vector<store::ClaimedTask>& tasks);
  void release_unknown();

  Queue& queue_;
  const Handlers& handlers_;
  const WorkerOptions& options_;
  const WorkerObserver& observer_;
  const std::string worker_id_;
  const store::Claimer claimer_;
  Autoscaler autoscaler_;

  std::stop_source claiming_;  // Requested when claiming has to end, for whatever reason.
  std::atomic<bool> is_lost_ = false;
  std::atomic<std::int64_t> finished_count_ = 0;
  std::atomic<std::int64_t> failed_count_ = 0;
  std::atomic<std::int64_t> run_time_us_ = 0;  // A moving average of tasks that have ended.
  std::atomic<int> slot_count_ = 0;
  int slot_room_;  // There are threads and connections for so many; the keeper makes more.
  std::int64_t first_memory_bytes_ = 0;
  std::atomic<std::chrono::steady_clock::time_point> renewed_at_;
  bool is_unsure_ = false;    // The database may have given us tasks that we do not know of.
  bool is_clearing_ = false;  // A suspect waits to have this worker to itself.

  std::mutex mutex_;  // Guards what follows.
  std::condition_variable_any changed_;
  std::vector<InHand> in_hand_;  // Claimed, and not yet written down.
  std::optional<WorkerEnd> end_;
  store::SlotBounds bounds_;

  BlockingQueue<Ended> ended_;
  Slots slots_;
};

}  // namespace katip::jobs
