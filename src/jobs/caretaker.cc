#include "jobs/caretaker.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "store/task_store.h"

/// A look reads, and writes only when there is something to do: on SQLite a write would take the
/// lock that workers wait for.
///
/// Tested by caretaker_test.cc on both databases, and with faults by simulation_test.cc.
namespace katip::jobs {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using store::Beat;

std::vector<Beat> LeaseWatch::look(std::span<const Beat> beats, steady_clock::time_point now) {
  const auto gap = last_look_ ? now - *last_look_ : steady_clock::duration(0);
  std::vector<Beat> expired;
  std::set<std::string> present;
  for (const Beat& beat : beats) {
    present.insert(beat.worker_id);
    const milliseconds lease(beat.lease_ms);
    const bool was_away = gap > std::max(lease / 3, 3 * look_interval_);
    const auto [found, is_new] = seen_.try_emplace(beat.worker_id, Seen{beat.beat, now});
    if (is_new || was_away || found->second.beat != beat.beat) {
      found->second = {beat.beat, now};
    } else if (now - found->second.since >= lease) {
      expired.push_back(beat);
    }
  }
  std::erase_if(seen_, [&](const auto& seen) { return !present.contains(seen.first); });
  last_look_ = now;
  return expired;
}

Status Caretaker::look_after_workers(store::Connection& sql) {
  store::WorkerStore workers(sql);
  const std::vector<Beat> beats = KATIP_TRY(workers.beats());
  for (const Beat& beat : watch_.look(beats, queue_.clock().now())) {
    const std::string reason = fmt::format("no sign of life for {} ms", beat.lease_ms);
    if (KATIP_TRY(workers.declare_dead(beat, reason, queue_.now()))) {
      observer_.on_dead(beat);
    }
  }
  return {};
}

Status Caretaker::prune(store::Connection& sql) {
  const auto now = queue_.clock().now();
  if (next_prune_ && now < *next_prune_) return {};
  KATIP_TRY(store::WorkerStore(sql).prune(queue_.now() - options_.keep_workers));
  next_prune_ = now + options_.prune_interval;
  return {};
}

Status Caretaker::sweep(store::TaskStore& tasks) {
  const auto now = queue_.clock().now();
  if (next_sweep_ && now < *next_sweep_) return {};
  next_sweep_ = now + options_.sweep_interval;
  KATIP_TRY(tasks.sweep(options_.dead_count_max));
  return {};
}

Status Caretaker::look(std::stop_token stop) {
  bool is_something_due = false;
  bool has_orphans = false;
  {
    const store::PooledConnection connection = KATIP_TRY(queue_.pool().acquire(stop));
    KATIP_TRY(look_after_workers(*connection));
    KATIP_TRY(prune(*connection));
    store::TaskStore tasks(*connection);
    const auto due_at = KATIP_TRY(tasks.next_due_at());
    is_something_due = due_at && *due_at <= queue_.now();
    has_orphans = !KATIP_TRY(tasks.orphans(1)).empty();
    // Only speed depends on it: whoever may not vacuum still cares for the rest.
    if (const Status swept = sweep(tasks); !swept && !stop.stop_requested()) {
      observer_.on_problem("sweep the table of tasks", swept.error());
    }
  }
  if (has_orphans) {
    const RescueCounts counts = KATIP_TRY(queue_.rescue({}, stop));
    if (counts.requeued + counts.quarantined + counts.cancelled > 0) observer_.on_rescued(counts);
  }
  while (is_something_due && !stop.stop_requested()) {
    is_something_due = KATIP_TRY(queue_.wake_due(stop)) >= Queue::kWakeCountMax;
  }
  return {};
}

milliseconds Caretaker::pause_after(int failure_count) {
  const auto limit =
      std::min(options_.pause_max, options_.pause_first * (1 << std::min(failure_count - 1, 16)));
  const auto choices = static_cast<std::uint64_t>(limit.count()) + 1;
  return options_.look_interval + milliseconds(static_cast<std::int64_t>(rng_.next() % choices));
}

void Caretaker::run(std::stop_token stop) {
  int failure_count = 0;
  milliseconds pause{0};
  do {
    const Status status = look(stop);
    if (status || stop.stop_requested()) {
      failure_count = 0;
      pause = options_.look_interval;
    } else {
      observer_.on_problem("care for the queue", status.error());
      pause = pause_after(++failure_count);
    }
  } while (queue_.clock().sleep_for(pause, stop));
}

}  // namespace katip::jobs
