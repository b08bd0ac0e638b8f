#include "jobs/worker/shift.h"

#include <algorithm>

#include "jobs/worker/memory.h"
#include "store/worker_store.h"

/// How a stop goes: claiming ends at once; what no handler has begun is given back; what runs has
/// `grace` to end by itself and is then asked to; what ignores that is settled without its handler,
/// whose late outcome is refused. When the lease is lost nothing is written any more.
///
/// A handler that ignores a cancel or its time limit would keep its slot: a thread cannot be ended
/// from outside, so its worker stops as a whole, with the same grace for the others.
///
/// Tested by worker_test.cc, and by killing it: tests/faults.
namespace katip::jobs {

using std::chrono::milliseconds;
using store::ClaimedTask;

namespace {

/// Tasks that end faster than this on average are worth taking ahead.
constexpr std::int64_t kShortUs = 50'000;

/// During an upgrade there are tasks of kinds that only newer workers know: they are left to those.
std::vector<std::string> kinds_of(const Handlers& handlers) {
  std::vector<std::string> kinds;
  for (const auto& [kind, handler] : handlers) kinds.push_back(kind);
  return kinds;
}

}  // namespace

Shift::Shift(Queue& queue, const Handlers& handlers, const WorkerOptions& options,
             const WorkerObserver& observer, std::string worker_id, const store::SlotBounds& bounds)
    : queue_(queue),
      handlers_(handlers),
      options_(options),
      observer_(observer),
      worker_id_(std::move(worker_id)),
      claimer_({.worker_id = worker_id_,
                .worker_kind = options.worker_kind,
                .kinds = kinds_of(handlers)}),
      autoscaler_(options.slots, queue.clock()),
      slot_count_(bounds.slot_count_min),
      slot_room_(options.slots.slot_count_max),
      first_memory_bytes_(resident_bytes()),
      renewed_at_(queue.clock().now()),
      slots_(queue, handlers,
             {.slot_count_max = options.slots.slot_count_max,
              .slot_count = bounds.slot_count_min,
              .critical_slot_count = options.critical_slot_count,
              .board = options.board},
             [this](Ended ended) { ended_.push(std::move(ended)); }) {
  use_bounds(bounds);
}

/// The pool outlives this shift, and the next one counts anew.
Shift::~Shift() { queue_.pool().add_room(options_.slots.slot_count_max - slot_room_); }

WorkerEnd Shift::run(const std::stop_token& stop) {
  const std::stop_callback on_stop(stop, [this] { end_with(WorkerEnd::kStopped); });
  std::jthread finisher([this](const std::stop_token& until) { finish_outcomes(until); });
  std::jthread keeper([this](const std::stop_token& until) { keep_lease(until); });
  std::jthread watchman([this](const std::stop_token& until) { watch_lease(until); });
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

TaskCounts Shift::in_hand_counts() const {
  const auto critical = std::ranges::count(in_hand_, true, &InHand::is_critical);
  return {.all = static_cast<int>(in_hand_.size()), .critical = static_cast<int>(critical)};
}

/// All slots that could be had are asked for; what comes decides how many are used.
ClaimRoom Shift::claim_room() const {
  const bool is_short = run_time_us_ > 0 && run_time_us_ < kShortUs;
  const int ahead = is_short ? options_.prefetch_multiplier : 1;
  const int slots = bounds_.slot_count_max;
  const TaskCounts in_hand = in_hand_counts();
  const int all =
      std::max(0, (slots + options_.critical_slot_count) * ahead - in_hand.filled(slots * ahead));
  const int ordinary = is_clearing_ ? 0 : std::max(0, slots * ahead - in_hand.ordinary());
  return {.count = all, .ordinary_count = std::min(all, ordinary)};
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
      is_clearing_ = queue_.has_alone(claimer_, stop).value_or(false);
    }
    ClaimRoom room;
    bool is_clear = false;
    {
      const std::scoped_lock lock(mutex_);
      room = claim_room();
      is_clear = is_clearing_ && in_hand_counts().ordinary() == 0;
    }
    if (is_clear) {
      serve_alone(stop);
      is_clearing_ = false;
    } else if (claim_some(gather_room(room, stop)) == 0) {
      wait_for_room(room, stop);
    }
  }
}

/// While there is enough to do for a while, more room is waited for: each claim is a transaction,
/// and many small ones take the database's time from the outcomes and from those who put tasks in.
ClaimRoom Shift::gather_room(const ClaimRoom& room, const std::stop_token& stop) {
  if (room.count == 0 || options_.prefetch_multiplier <= 1) return room;
  std::unique_lock lock(mutex_);
  const int enough = bounds_.slot_count_max * options_.prefetch_multiplier / 2;
  changed_.wait_for(lock, stop, options_.poll_interval,
                    [&] { return in_hand_counts().ordinary() <= enough; });
  return claim_room();
}

/// Full, or nothing was there: a slot that becomes free ends the wait for room.
void Shift::wait_for_room(const ClaimRoom& room, const std::stop_token& stop) {
  if (room.ordinary_count > 0) {
    queue_.clock().sleep_for(options_.poll_interval, stop);
    return;
  }
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, stop, room.count > 0 ? options_.poll_interval : options_.cancel_interval,
                    [&] {
                      const ClaimRoom now = claim_room();
                      return now.count > 0 && (room.count == 0 || now.ordinary_count > 0);
                    });
}

int Shift::claim_some(const ClaimRoom& room) {
  if (is_unsure_) release_unknown();
  const store::SlotBounds limits = current_bounds();
  autoscaler_.set_limits(limits.slot_count_min, limits.slot_count_max);
  if (room.count == 0) {
    slot_count_ =
        autoscaler_.look(slots_.running_counts().ordinary(), slots_.waiting_counts().ordinary());
    slots_.set_limit(slot_count_);
    return 0;
  }
  auto tasks = queue_.claim(
      {.claimer = claimer_, .free_count = room.count, .ordinary_count = room.ordinary_count},
      claiming_.get_token());
  if (!tasks) {
    is_unsure_ = true;
    if (tasks.error().code != ErrorCode::kCancelled) {
      observer_.on_problem("claim", tasks.error());
      queue_.clock().sleep_for(milliseconds(500), claiming_.get_token());
    }
    return 0;
  }
  const auto ordinary = std::ranges::count_if(
      *tasks, [&](const ClaimedTask& task) { return !queue_.is_critical(task); });
  slot_count_ = autoscaler_.look(slots_.running_counts().ordinary(),
                                 slots_.waiting_counts().ordinary() + static_cast<int>(ordinary));
  slots_.set_limit(slot_count_);
  return take(std::move(*tasks));
}

/// Long tasks that would have to wait for a slot here are given back: another worker may have one.
int Shift::take(std::vector<ClaimedTask> tasks) {
  const TaskCounts running = slots_.running_counts();
  const TaskCounts waiting = slots_.waiting_counts();
  const TaskCounts in_slots{.all = running.all + waiting.all,
                            .critical = running.critical + waiting.critical};
  int room = slot_count_ + options_.critical_slot_count - in_slots.filled(slot_count_);
  int ordinary_room = slot_count_ - in_slots.ordinary();
  std::vector<ClaimedTask> back;
  int taken = 0;
  for (ClaimedTask& task : tasks) {
    const auto handler = handlers_.find(task.kind);
    const bool is_short = handler != handlers_.end() && handler->second.is_short;
    const bool is_critical = queue_.is_critical(task);
    const bool has_slot = room > 0 && (is_critical || ordinary_room > 0);
    if (!has_slot && !is_short) {
      back.push_back(std::move(task));
      continue;
    }
    ++taken;
    --room;
    if (!is_critical) --ordinary_room;
    {
      const std::scoped_lock lock(mutex_);
      in_hand_.push_back({.key = task.key, .is_critical = is_critical});
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
  const auto count = queue_.release_unknown(worker_id_, in_hand_keys(), claiming_.get_token());
  is_unsure_ = !count;
  if (!count && count.error().code != ErrorCode::kCancelled) {
    observer_.on_problem("release", count.error());
  }
}

std::vector<store::TaskKey> Shift::in_hand_keys() {
  const std::scoped_lock lock(mutex_);
  std::vector<store::TaskKey> keys;
  for (const InHand& one : in_hand_) keys.push_back(one.key);
  return keys;
}

void Shift::forget(std::span<const store::TaskKey> keys) {
  {
    const std::scoped_lock lock(mutex_);
    std::erase_if(in_hand_, [&](const InHand& one) {
      return std::ranges::find(keys, one.key) != keys.end();
    });
  }
  changed_.notify_all();
}

/// A suspect gets the whole worker: everything else here is let to its end first, critical tasks
/// last, as they are short. Other workers may take it meanwhile: then there is nothing to wait for.
/// After the death of a machine there may be hundreds of suspects: while they are short, some are
/// run one after the other, so that this worker is not emptied anew for each.
void Shift::serve_alone(const std::stop_token& stop) {
  const auto deadline = queue_.clock().now() + 10 * options_.cancel_interval;
  while (!stop.stop_requested()) {
    const auto exists = queue_.has_alone(claimer_, stop);
    if (!exists || !*exists) return;
    if (wait_until_in_hand_at_most(0, options_.cancel_interval, stop)) {
      auto task = queue_.claim_alone(claimer_, stop);
      is_unsure_ = is_unsure_ || !task;
      if (!task || !*task) return;
      std::vector<ClaimedTask> one;
      one.push_back(std::move(**task));
      take(std::move(one));
      while (!stop.stop_requested() &&
             !wait_until_in_hand_at_most(0, options_.cancel_interval, stop)) {
      }
      if (queue_.clock().now() >= deadline) return;
    }
  }
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
  std::vector<std::optional<bool>> is_ours(outcomes.size());
  bool is_in_doubt = false;
  while (!is_lost_) {
    const Status status = settle_some(outcomes, is_ours, is_in_doubt);
    if (status) break;
    observer_.on_problem("settle", status.error());
    if (!is_transient(status.error().code)) {
      // Kept under a lease that lives on they would run for ever: this worker has to end.
      end_with(WorkerEnd::kFailed);
      return false;
    }
    // When the connection broke at a commit, nobody was told whether it happened.
    is_in_doubt = true;
    queue_.clock().sleep_for(milliseconds(200), stop);
    if (stop.stop_requested()) return false;
  }
  for (std::size_t i = 0; i < ended.size(); ++i) {
    if (is_ours[i]) ++(outcomes[i].status ? finished_count_ : failed_count_);
    observer_.on_ended(outcomes[i], ended[i].duration, is_ours[i].value_or(false));
  }
  return !is_lost_;
}

/// Those that are not written down yet. An effect runs code of its task: while it does, that task
/// is the one that may end this process.
Status Shift::settle_some(std::vector<Outcome>& outcomes, std::vector<std::optional<bool>>& is_ours,
                          bool is_in_doubt) {
  std::vector<Outcome> plain;
  std::vector<std::size_t> places;
  const auto note = [&](std::size_t place, bool was_ours) -> Status {
    if (!was_ours && is_in_doubt) {
      was_ours = KATIP_TRY(queue_.is_settled(outcomes[place].task.key, {}));
    }
    is_ours[place] = was_ours;
    return {};
  };
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (is_ours[i]) continue;
    if (!outcomes[i].effect || !outcomes[i].status) {
      plain.push_back(outcomes[i]);
      places.push_back(i);
      continue;
    }
    Outcome outcome = outcomes[i];
    Status effect_status;
    outcome.effect = [&](store::Connection& sql) {
      // Of the last time, if it has to run again; what it throws the queue writes down.
      effect_status = fail(ErrorCode::kInternal, "the result cannot be written");
      effect_status = outcomes[i].effect(sql);
      return effect_status;
    };
    slots_.mark_settling(outcome.task.key.id);
    const auto settled = queue_.settle(std::span(&outcome, 1), {});
    slots_.unmark_settling();
    const bool was_ours = KATIP_TRY(settled).front();
    if (was_ours) outcomes[i].status = effect_status;  // The attempt has failed with its effect.
    KATIP_TRY(note(i, was_ours));
  }
  if (plain.empty()) return {};
  const std::vector<bool> settled = KATIP_TRY(queue_.settle(plain, {}));
  for (std::size_t i = 0; i < places.size(); ++i) KATIP_TRY(note(places[i], settled[i]));
  return {};
}

// --- The lease ----------------------------------------------------------------------------------

void Shift::keep_lease(const std::stop_token& stop) {
  const milliseconds tick = std::min(options_.cancel_interval, options_.renew_interval);
  auto next_renewal = queue_.clock().now() + options_.renew_interval;
  auto next_look = queue_.clock().now() + options_.bounds_interval;
  while (queue_.clock().sleep_for(tick, stop)) {
    slots_.stop_overdue();
    if (slots_.stubborn_count(options_.hard_stop_after) > 0) end_with(WorkerEnd::kStuck);
    if (slots_.running_counts().all > 0) obey_cancels();
    if (queue_.clock().now() >= next_renewal) {
      const bool is_renewed = renew();
      next_renewal = queue_.clock().now() +
                     (is_renewed ? options_.renew_interval : options_.renew_interval / 4);
    }
    if (queue_.clock().now() >= next_look) {
      next_look = queue_.clock().now() + options_.bounds_interval;
      // What came of it is to be seen soon.
      if (look_at_bounds()) next_renewal = std::min(next_renewal, queue_.clock().now() + tick);
    }
  }
}

/// Whoever watches this worker has seen its last beat after it was sent: by its own clock the lease
/// ends here no later than there. Nobody else may notice: the keeper may hang in the database.
void Shift::watch_lease(const std::stop_token& stop) {
  const milliseconds tick = std::min(options_.cancel_interval, options_.renew_interval);
  while (queue_.clock().sleep_for(tick, stop)) {
    if (is_lost_ || queue_.clock().now() - renewed_at_.load() < options_.lease) continue;
    slots_.stop_all(StopReason::kShutdown);
    end_with(WorkerEnd::kLeaseLost);
  }
}

/// False when nobody knows whether it was renewed.
bool Shift::renew() {
  const std::int64_t memory = resident_bytes();
  const auto begin = queue_.clock().now();
  Result<std::optional<store::Renewal>> renewal = std::optional<store::Renewal>();
  const Status status = [&]() -> Status {
    const store::PooledConnection connection = KATIP_TRY(queue_.pool().acquire({}));
    KATIP_TRY(connection->set_statement_timeout(options_.renew_interval));
    renewal = store::WorkerStore(*connection)
                  .renew(worker_id_,
                         {.slot_count = slot_count_ + options_.critical_slot_count,
                          .busy_count = slots_.running_counts().all,
                          .finished_count = finished_count_,
                          .failed_count = failed_count_,
                          .memory_bytes = memory,
                          .bounds = current_bounds()},
                         queue_.now());
    KATIP_TRY(renewal);
    return {};
  }();
  if (!status) {
    observer_.on_problem("renew", status.error());
    return false;
  }
  if (!*renewal) {
    slots_.stop_all(StopReason::kShutdown);
    end_with(WorkerEnd::kLeaseLost);
    return true;
  }
  renewed_at_ = begin;
  if ((*renewal)->is_stopping) end_with(WorkerEnd::kStopped);
  check_limits();  // One long task may grow as well.
  return true;
}

/// Has somebody set others, or gone back to those of the configuration?
bool Shift::look_at_bounds() {
  const store::SlotBounds configured{.slot_count_min = options_.slots.slot_count_min,
                                     .slot_count_max = options_.slots.slot_count_max};
  const store::SlotBounds before = current_bounds();
  store::SlotBounds wanted = before;
  const Status status = [&]() -> Status {
    const store::PooledConnection connection = KATIP_TRY(queue_.pool().acquire({}));
    KATIP_TRY(connection->set_statement_timeout(options_.renew_interval));
    wanted = KATIP_TRY(store::WorkerStore(*connection).find_bounds(options_.worker_kind))
                 .value_or(configured);
    return {};
  }();
  if (!status) observer_.on_problem("look at the bounds of slots", status.error());
  if (wanted == before) return false;
  use_bounds(wanted);
  return true;
}

/// Threads and connections are there before the slots are; those too many stay, and rest.
void Shift::use_bounds(const store::SlotBounds& bounds) {
  const int missing = std::max(0, bounds.slot_count_max - slot_room_);
  const int added = slots_.add_threads(missing);
  queue_.pool().add_room(added);
  slot_room_ += added;
  if (added < missing) {
    observer_.on_problem("add slots",
                         Error{ErrorCode::kUnavailable, "no more threads are to be had"});
  }
  {
    const std::scoped_lock lock(mutex_);
    bounds_ = bounds;
    bounds_.slot_count_max = std::min(bounds.slot_count_max, slot_room_);
    bounds_.slot_count_min = std::min(bounds.slot_count_min, bounds_.slot_count_max);
  }
  changed_.notify_all();
}

store::SlotBounds Shift::current_bounds() {
  const std::scoped_lock lock(mutex_);
  return bounds_;
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
  // Those who have ignored a stop already are not waited for once more.
  const int stubborn = slots_.stubborn_count(options_.hard_stop_after);
  if (wait_until_in_hand_at_most(stubborn, grace, {}) && stubborn == 0) return;
  slots_.stop_all(StopReason::kShutdown);
  if (stubborn == 0 && wait_until_in_hand_at_most(0, options_.abandon_after, {})) return;
  if (stubborn > 0) wait_until_in_hand_at_most(stubborn, options_.abandon_after, {});
  abandon();
}

/// Each task becomes what the reason of its stop says: one that somebody has cancelled must not run
/// again elsewhere.
void Shift::abandon() {
  const std::vector<Ended> abandoned = slots_.abandoned();
  if (abandoned.empty()) return;
  if (!is_lost_) {
    settle(abandoned, {});
    renew();  // The last figures.
  }
  options_.on_stuck();
}

}  // namespace katip::jobs
