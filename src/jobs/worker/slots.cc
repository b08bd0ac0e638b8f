#include "jobs/worker/slots.h"

#include <algorithm>
#include <exception>
#include <system_error>

#include <fmt/format.h>

#include "base/assert.h"
#include "store/job_store.h"

/// Tested by worker_test.cc.
namespace katip::jobs {

using std::chrono::steady_clock;

namespace {

constexpr std::size_t kResultSizeMax = 65'536;
constexpr std::size_t kSettlingPlace = 0;

}  // namespace

/// Writes under the lease of one attempt. Progress comes from inner loops, so most of it is not
/// written.
class Slots::Lease final : public TaskLease {
 public:
  Lease(Queue& queue, const store::ClaimedTask& task, std::chrono::milliseconds interval,
        std::stop_token stop)
      : queue_(queue),
        key_(task.key),
        job_id_(task.job_id),
        interval_(interval),
        stop_(std::move(stop)) {}

  Status report_progress(double progress) override {
    const auto now = queue_.clock().now();
    const bool is_due = last_.with_lock([&](auto& last) {
      if (last && now - *last < interval_) return false;
      last = now;
      return true;
    });
    if (!is_due) return {};
    return write([&](store::TaskStore& tasks) -> Result<bool> {
      const bool is_ours = KATIP_TRY(tasks.set_progress(key_, progress));
      if (is_ours && job_id_) {
        KATIP_TRY(store::set_job_progress(tasks.connection(), *job_id_, progress, queue_.now()));
      }
      return is_ours;
    });
  }

  Status save_checkpoint(const store::Checkpoint& checkpoint) override {
    return write([&](store::TaskStore& tasks) {
      return tasks.save_checkpoint(key_, checkpoint, queue_.now());
    });
  }

  Result<std::vector<store::Checkpoint>> checkpoints() override {
    std::vector<store::Checkpoint> found;
    KATIP_TRY(queue_.with_store(
        [&](store::TaskStore& tasks) -> Status {
          found = KATIP_TRY(tasks.checkpoints(key_.id));
          return {};
        },
        stop_));
    return found;
  }

 private:
  Status write(const std::function<Result<bool>(store::TaskStore&)>& body) {
    bool is_ours = false;
    KATIP_TRY(queue_.with_store(
        [&](store::TaskStore& tasks) -> Status {
          is_ours = KATIP_TRY(body(tasks));
          return {};
        },
        stop_));
    return is_ours ? Status{} : fail(ErrorCode::kConflict, "the lease of this task was lost");
  }

  Queue& queue_;
  const store::TaskKey& key_;
  const std::optional<std::string>& job_id_;
  const std::chrono::milliseconds interval_;
  const std::stop_token stop_;
  Guarded<std::optional<steady_clock::time_point>> last_;
};

Slots::Slots(Queue& queue, const Handlers& handlers, const SlotsOptions& options,
             std::function<void(Ended)> on_ended)
    : queue_(queue),
      handlers_(handlers),
      options_(options),
      on_ended_(std::move(on_ended)),
      limit_(options.slot_count) {
  for (int i = 0; i < options_.slot_count_max + options_.critical_slot_count; ++i) add_thread();
}

/// Places of the board: the first is for mark_settling(), the others are for a thread each.
void Slots::add_thread() {
  threads_.emplace_back(
      [this, place = threads_.size() + 1](const std::stop_token& stop) { run_slot(place, stop); });
}

int Slots::add_threads(int count) {
  for (int i = 0; i < count; ++i) {
    try {
      add_thread();
    } catch (const std::system_error&) {
      return i;
    }
  }
  return count;
}

Slots::~Slots() {
  for (std::jthread& thread : threads_) {
    thread.request_stop();
  }
  threads_.clear();
}

void Slots::give(store::ClaimedTask task) {
  {
    const std::scoped_lock lock(mutex_);
    (queue_.is_critical(task) ? critical_ : ordinary_).push_back(std::move(task));
  }
  changed_.notify_all();
}

void Slots::set_limit(int slot_count) {
  {
    const std::scoped_lock lock(mutex_);
    limit_ = slot_count;
  }
  changed_.notify_all();
}

void Slots::stop(Running& running, StopReason reason) {
  if (running.reason == StopReason::kNone) {
    running.reason = reason;
    running.stopped_at = queue_.clock().now();
  }
  running.stop.request_stop();
}

void Slots::stop_task(const store::TaskKey& key, StopReason reason) {
  const std::scoped_lock lock(mutex_);
  const auto found = running_.find(key.id);
  if (found != running_.end() && found->second->task.key == key) {
    stop(*found->second, reason);
  }
}

void Slots::stop_all(StopReason reason) {
  const std::scoped_lock lock(mutex_);
  for (const auto& [id, running] : running_) {
    stop(*running, reason);
  }
}

void Slots::stop_overdue() {
  const auto now = queue_.clock().now();
  const std::scoped_lock lock(mutex_);
  for (const auto& [id, running] : running_) {
    if (running->deadline && now >= *running->deadline) {
      stop(*running, StopReason::kTimeout);
    }
  }
}

std::vector<store::ClaimedTask> Slots::take_waiting() {
  const std::scoped_lock lock(mutex_);
  std::vector<store::ClaimedTask> all;
  for (std::deque<store::ClaimedTask>* const waiting : {&critical_, &ordinary_}) {
    std::ranges::move(*waiting, std::back_inserter(all));
    waiting->clear();
  }
  return all;
}

int Slots::stubborn_count(std::chrono::milliseconds after) const {
  const auto now = queue_.clock().now();
  const std::scoped_lock lock(mutex_);
  return static_cast<int>(std::ranges::count_if(running_, [&](const auto& entry) {
    const auto& stopped_at = entry.second->stopped_at;
    return stopped_at && now - *stopped_at >= after;
  }));
}

std::vector<Ended> Slots::abandoned() const {
  const std::scoped_lock lock(mutex_);
  std::vector<Ended> all;
  for (const auto& [id, running] : running_) {
    Outcome outcome{
        .task = running->task,
        .status = fail(ErrorCode::kTimeout, "it ignored its stop and was ended with its worker"),
        .reason = running->reason};
    all.push_back({.outcome = std::move(outcome), .duration = duration_of(*running)});
  }
  return all;
}

std::chrono::microseconds Slots::duration_of(const Running& running) const {
  return std::chrono::duration_cast<std::chrono::microseconds>(queue_.clock().now() -
                                                               running.begin);
}

void Slots::mark_settling(const std::string& task_id) {
  if (options_.board != nullptr) options_.board->begin(kSettlingPlace, task_id);
}

void Slots::unmark_settling() {
  if (options_.board != nullptr) options_.board->end(kSettlingPlace);
}

TaskCounts Slots::count_running() const {
  TaskCounts counts{.all = static_cast<int>(running_.size())};
  for (const auto& [id, running] : running_) {
    counts.critical += queue_.is_critical(running->task) ? 1 : 0;
  }
  return counts;
}

TaskCounts Slots::running_counts() const {
  const std::scoped_lock lock(mutex_);
  return count_running();
}

TaskCounts Slots::waiting_counts() const {
  const std::scoped_lock lock(mutex_);
  return {.all = static_cast<int>(critical_.size() + ordinary_.size()),
          .critical = static_cast<int>(critical_.size())};
}

/// Where the next one waits that there is a slot for; null when there is none.
std::deque<store::ClaimedTask>* Slots::next_queue() {
  const TaskCounts running = count_running();
  if (running.filled(limit_) >= limit_ + options_.critical_slot_count) return nullptr;
  if (!critical_.empty()) return &critical_;
  return !ordinary_.empty() && running.ordinary() < limit_ ? &ordinary_ : nullptr;
}

std::shared_ptr<Slots::Running> Slots::next(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  std::deque<store::ClaimedTask>* waiting = nullptr;
  const bool is_ready =
      changed_.wait(lock, stop, [&] { return (waiting = next_queue()) != nullptr; });
  if (!is_ready || stop.stop_requested()) {
    return nullptr;
  }
  auto running = std::make_shared<Running>();
  running->task = std::move(waiting->front());
  waiting->pop_front();
  running->begin = queue_.clock().now();
  if (running->task.timeout_s) {
    running->deadline = running->begin + std::chrono::seconds(*running->task.timeout_s);
  }
  running_.emplace(running->task.key.id, running);
  return running;
}

void Slots::run_slot(std::size_t place, const std::stop_token& stop) {
  while (const std::shared_ptr<Running> running = next(stop)) {
    if (options_.board != nullptr) options_.board->begin(place, running->task.key.id);
    Outcome outcome = run_one(*running);
    const auto duration = duration_of(*running);
    if (options_.board != nullptr) options_.board->end(place);
    {
      const std::scoped_lock lock(mutex_);
      outcome.reason = running->reason;
      running_.erase(running->task.key.id);
    }
    changed_.notify_all();
    on_ended_({.outcome = std::move(outcome), .duration = duration});
  }
}

/// One of the two places where an exception may end: the thread lives on.
Result<TaskResult> Slots::call_handler(Running& running) {
  const auto found = handlers_.find(running.task.kind);
  KATIP_ASSERT(found != handlers_.end());  // Nothing else is claimed.
  Lease lease(queue_, running.task, options_.progress_interval, running.stop.get_token());
  TaskContext context{.task = running.task, .lease = lease, .stop = running.stop.get_token()};
  try {
    return found->second.run(context);
  } catch (const std::exception& e) {
    return fail(ErrorCode::kInternal, fmt::format("the handler threw: {}", e.what()));
  }
}

Outcome Slots::run_one(Running& running) {
  Outcome outcome{.task = running.task, .status = {}};
  Result<TaskResult> result = call_handler(running);
  if (result && result->json && result->json->size() > kResultSizeMax) {
    outcome.status =
        fail(ErrorCode::kTooLarge,
             fmt::format("the result has {} bytes, and {} at most are kept: large ones "
                         "belong into rows or files of their own",
                         result->json->size(), kResultSizeMax));
  } else if (result) {
    outcome.result = std::move(result->json);
    outcome.effect = std::move(result->effect);
  } else {
    outcome.status = std::unexpected(std::move(result).error());
  }
  return outcome;
}

}  // namespace katip::jobs
