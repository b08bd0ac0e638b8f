#include "jobs/worker/shift.h"

#include <algorithm>

#include "jobs/worker/memory.h"
#include "store/worker_store.h"

/// How a stop goes: claiming ends at once; what no handler has begun is given back; what runs has
/// `grace` to end by itself and is then asked to; what ignores that is given back under its token,
/// and its late outcome is refused. When the lease is lost nothing is written any more.
///
/// Tested by worker_test.cc, and by killing it: tests/faults.
namespace katip::jobs {

using std::chrono::milliseconds;
using store::ClaimedTask;

namespace {

/// Tasks that end faster than this on average are worth taking ahead.
constexpr std::int64_t kShortUs = 50'000;

}  // namespace

Shift::Shift(Queue& queue, const Handlers& handlers, const WorkerOptions& options,
             const WorkerObserver& observer, std::string worker_id)
    : queue_(queue),
      handlers_(handlers),
      options_(options),
      observer_(observer),
      worker_id_(std::move(worker_id)),
      autoscaler_(options.slots, queue.clock()),
      slot_count_(options.slots.slot_count_min),
      first_memory_bytes_(resident_bytes()),
      slots_(queue, handlers,
             {.slot_count_max = options.slots.slot_count_max,
              .slot_count = options.slots.slot_count_min,
              .board = options.board},
             [this](Outcome outcome, std::chrono::microseconds duration) {
               ended_.push({.outcome = std::move(outcome), .duration = duration});
             }) {}

WorkerEnd Shift::run(const std::stop_token& stop) {
  const std::stop_callback on_stop(stop, [this] { end_with(WorkerEnd::kStopped); });
  std::jthread finisher([this](const std::stop_token& until) { finish_outcomes(until); });
  std::jthread keeper([this](const std::stop_token& until) { keep_lease(until); });
  claim_until(claiming_.get_token());
  wind_down();
  if (!is_lost_) renew();  // The last figures.
  const std::scoped_lock lock(mutex_);
  return end_.value_or(WorkerEnd::kStopped);
}

void Shift::end_with(WorkerEnd end) {
  {
    const std::scoped_lock lock(mutex_);
    if (!end_) end_ = end;
  }
  if (end == WorkerEnd::kLeaseLost || end == WorkerEnd::kFailed) is_lost_ = true;
  claiming_.request_stop();
  changed_.notify_all();
}

// --- Claiming -----------------------------------------------------------------------------------

int Shift::in_hand_max() const {
  const bool is_short = run_time_us_ > 0 && run_time_us_ < kShortUs;
  return options_.slots.slot_count_max * (is_short ? options_.prefetch_multiplier : 1);
}

void Shift::claim_until(const std::stop_token& stop) {
  auto next_alone_look = queue_.clock().now();
  auto next_doubt = queue_.clock().now() + options_.renew_interval;
  while (!stop.stop_requested()) {
    if (queue_.clock().now() >= next_doubt) {
      // A claim whose connection broke may have been committed after we asked.
      next_doubt = queue_.clock().now() + options_.renew_interval;
      is_unsure_ = true;
    }
    if (queue_.clock().now() >= next_alone_look) {
      next_alone_look = queue_.clock().now() + options_.cancel_interval;
      if (serve_alone(stop)) continue;
    }
    const int claimed = claim_some();
    if (claimed == 0) {
      // Full, or nothing there: a slot that becomes free wakes us when we are full.
      const int limit = in_hand_max();
      const bool is_full = !wait_until_in_hand_at_most(limit - 1, milliseconds(0), stop);
      if (is_full) {
        wait_until_in_hand_at_most(limit - 1, options_.cancel_interval, stop);
      } else {
        queue_.clock().sleep_for(options_.poll_interval, stop);
      }
    }
  }
}

int Shift::claim_some() {
  if (is_unsure_) release_unknown();
  const int in_hand = in_hand_count();
  // All slots that could be had are asked for; what comes decides how many are used.
  const int limit = in_hand_max();
  if (limit <= in_hand) {
    slot_count_ = autoscaler_.look(slots_.running_count(), slots_.waiting_count());
    return 0;
  }
  auto tasks = queue_.claim(
      {.worker_id = worker_id_, .worker_kind = options_.worker_kind, .free_count = limit - in_hand},
      claiming_.get_token());
  if (!tasks) {
    is_unsure_ = true;
    if (tasks.error().code != ErrorCode::kCancelled) {
      observer_.on_problem("claim", tasks.error());
      queue_.clock().sleep_for(milliseconds(500), claiming_.get_token());
    }
    return 0;
  }
  const int waiting = slots_.waiting_count() + static_cast<int>(tasks->size());
  slot_count_ = autoscaler_.look(slots_.running_count(), waiting);
  slots_.set_limit(slot_count_);
  return take(std::move(*tasks));
}

/// Long tasks that would have to wait for a slot here are given back: another worker may have one.
int Shift::take(std::vector<ClaimedTask> tasks) {
  int room = slot_count_ - slots_.running_count() - slots_.waiting_count();
  std::vector<ClaimedTask> back;
  int taken = 0;
  for (ClaimedTask& task : tasks) {
    const auto handler = handlers_.find(task.kind);
    const bool is_short = handler != handlers_.end() && handler->second.is_short;
    if (room-- <= 0 && !is_short) {
      back.push_back(std::move(task));
      continue;
    }
    ++taken;
    {
      const std::scoped_lock lock(mutex_);
      in_hand_.push_back(task.key);
    }
    observer_.on_claimed(task);
    slots_.give(std::move(task));
  }
  if (!back.empty()) {
    run_time_us_ = kShortUs;  // Taking ahead begins again when the average has come down.
    release(back);
  }
  return taken;
}

void Shift::release(const std::vector<ClaimedTask>& tasks) {
  std::vector<store::TaskKey> keys;
  for (const ClaimedTask& task : tasks) keys.push_back(task.key);
  if (keys.empty() || is_lost_) return;
  if (const Status status = queue_.release(keys, {}); !status) {
    is_unsure_ = true;
    observer_.on_problem("release", status.error());
  }
}

/// Under a lease that lives on, what nobody here knows of would stay "running" for ever.
void Shift::release_unknown() {
  std::vector<store::TaskKey> known;
  {
    const std::scoped_lock lock(mutex_);
    known = in_hand_;
  }
  const auto count = queue_.release_unknown(worker_id_, known, claiming_.get_token());
  is_unsure_ = !count;
  if (!count && count.error().code != ErrorCode::kCancelled) {
    observer_.on_problem("release", count.error());
  }
}

int Shift::in_hand_count() {
  const std::scoped_lock lock(mutex_);
  return static_cast<int>(in_hand_.size());
}

void Shift::forget(std::span<const store::TaskKey> keys) {
  {
    const std::scoped_lock lock(mutex_);
    std::erase_if(in_hand_, [&](const store::TaskKey& key) {
      return std::ranges::find(keys, key) != keys.end();
    });
  }
  changed_.notify_all();
}

/// A suspect gets the whole worker: everything else here is let to its end first. Other workers may
/// take it meanwhile, and then there is nothing to wait for.
bool Shift::serve_alone(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto exists = queue_.has_alone(options_.worker_kind, stop);
    if (!exists || !*exists) return false;
    if (wait_until_in_hand_at_most(0, options_.cancel_interval, stop)) {
      auto task =
          queue_.claim_alone({.worker_id = worker_id_, .worker_kind = options_.worker_kind}, stop);
      is_unsure_ = is_unsure_ || !task;
      if (!task || !*task) return false;
      std::vector<ClaimedTask> one;
      one.push_back(std::move(**task));
      take(std::move(one));
      while (!stop.stop_requested() &&
             !wait_until_in_hand_at_most(0, options_.cancel_interval, stop)) {
      }
      return true;
    }
  }
  return false;
}

bool Shift::wait_until_in_hand_at_most(int count, milliseconds duration,
                                       const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, stop, duration, [&] { return std::ssize(in_hand_) <= count; });
}

// --- Outcomes -----------------------------------------------------------------------------------

void Shift::finish_outcomes(const std::stop_token& stop) {
  constexpr std::size_t kBatchMax = 500;
  while (true) {
    const std::vector<Ended> ended = ended_.pop_all(kBatchMax, stop);
    if (ended.empty()) return;
    settle(ended, stop);
    std::vector<store::TaskKey> keys;
    for (const Ended& one : ended) keys.push_back(one.outcome.task.key);
    forget(keys);
    check_limits();
  }
}

void Shift::check_limits() {
  if (options_.task_count_max > 0 && finished_count_ + failed_count_ >= options_.task_count_max) {
    end_with(WorkerEnd::kTaskLimit);
  }
  if (options_.memory_bytes_max > 0 &&
      resident_bytes() - first_memory_bytes_ > options_.memory_bytes_max) {
    end_with(WorkerEnd::kMemoryLimit);
  }
}

/// The database may be away for a while: the outcomes wait, as long as the lease holds.
bool Shift::settle(const std::vector<Ended>& ended, const std::stop_token& stop) {
  std::vector<Outcome> outcomes;
  for (const Ended& one : ended) {
    outcomes.push_back(one.outcome);
    const auto average = run_time_us_.load();
    const std::int64_t duration_us = std::max<std::int64_t>(1, one.duration.count());
    run_time_us_ = average == 0 ? duration_us : (average * 15 + duration_us) / 16 + 1;
  }
  while (!is_lost_) {
    const auto settled = queue_.settle(outcomes, {});
    if (settled) {
      for (std::size_t i = 0; i < ended.size(); ++i) {
        const bool is_good = outcomes[i].status.has_value();
        ++(is_good ? finished_count_ : failed_count_);
        observer_.on_ended(outcomes[i], ended[i].duration, (*settled)[i]);
      }
      return true;
    }
    observer_.on_problem("settle", settled.error());
    if (!is_transient(settled.error().code)) {
      // Kept under a lease that lives on they would run for ever: this worker has to end.
      end_with(WorkerEnd::kFailed);
      return false;
    }
    queue_.clock().sleep_for(milliseconds(200), stop);
    if (stop.stop_requested()) return false;
  }
  for (const Ended& one : ended) observer_.on_ended(one.outcome, one.duration, false);
  return false;
}

// --- The lease ----------------------------------------------------------------------------------

void Shift::keep_lease(const std::stop_token& stop) {
  const milliseconds tick = std::min(options_.cancel_interval, options_.renew_interval);
  auto next_renewal = queue_.clock().now() + options_.renew_interval;
  while (queue_.clock().sleep_for(tick, stop)) {
    slots_.stop_overdue();
    if (slots_.running_count() > 0) obey_cancels();
    if (queue_.clock().now() >= next_renewal) {
      next_renewal = queue_.clock().now() + options_.renew_interval;
      renew();
    }
  }
}

void Shift::renew() {
  const std::int64_t memory = resident_bytes();
  Result<std::optional<store::Renewal>> renewal = std::optional<store::Renewal>();
  const Status status = [&]() -> Status {
    const store::PooledConnection connection = KATIP_TRY(queue_.pool().acquire({}));
    KATIP_TRY(connection->set_statement_timeout(options_.renew_interval));
    renewal = store::WorkerStore(*connection)
                  .renew(worker_id_,
                         {.slot_count = slot_count_,
                          .busy_count = slots_.running_count(),
                          .finished_count = finished_count_,
                          .failed_count = failed_count_,
                          .memory_bytes = memory},
                         queue_.now());
    KATIP_TRY(renewal);
    return {};
  }();
  if (!status) {
    observer_.on_problem("renew", status.error());
    if (++renewals_failed_ >= 2) {
      slots_.stop_all(StopReason::kShutdown);
      end_with(WorkerEnd::kLeaseLost);
    }
    return;
  }
  renewals_failed_ = 0;
  if (!*renewal) {
    slots_.stop_all(StopReason::kShutdown);
    end_with(WorkerEnd::kLeaseLost);
  } else if ((*renewal)->is_stopping) {
    end_with(WorkerEnd::kStopped);
  }
  check_limits();  // One long task may grow as well.
}

void Shift::obey_cancels() {
  const Status status = [&]() -> Status {
    const store::PooledConnection connection = KATIP_TRY(queue_.pool().acquire({}));
    KATIP_TRY(connection->set_statement_timeout(options_.renew_interval));
    for (const store::TaskKey& key :
         KATIP_TRY(store::TaskStore(*connection).cancel_requests(worker_id_))) {
      slots_.stop_task(key, StopReason::kCancel);
    }
    return {};
  }();
  if (!status) observer_.on_problem("look for cancelled tasks", status.error());
}

// --- The end ------------------------------------------------------------------------------------

void Shift::wind_down() {
  const std::vector<ClaimedTask> waiting = slots_.take_waiting();
  release(waiting);
  std::vector<store::TaskKey> keys;
  for (const ClaimedTask& task : waiting) keys.push_back(task.key);
  forget(keys);
  const milliseconds grace = is_lost_ ? milliseconds(0) : options_.grace;
  if (wait_until_in_hand_at_most(0, grace, {})) return;
  slots_.stop_all(StopReason::kShutdown);
  if (wait_until_in_hand_at_most(0, options_.abandon_after, {})) return;
  const std::vector<store::TaskKey> stubborn = slots_.running();
  if (!is_lost_) {
    const Status status = queue_.release(stubborn, {});
    if (!status) observer_.on_problem("release", status.error());
  }
  if (!stubborn.empty()) options_.on_stuck();
}

}  // namespace katip::jobs
