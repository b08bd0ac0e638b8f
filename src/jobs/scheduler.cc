#include "jobs/scheduler.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "jobs/request_check.h"
#include "store/schedule_store.h"
#include "store/transaction.h"

/// Tested by scheduler_test.cc on both databases, and with faults by simulation_test.cc.
namespace katip::jobs {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using store::ScheduleStore;
using store::Timestamp;

namespace {

constexpr milliseconds kLookInterval{1'000};
/// A calendar that moves by more than this against the steady clock was set by somebody.
constexpr milliseconds kDriftMax{60'000};
/// So long a calendar that was set ahead has to hold.
constexpr milliseconds kHold{60'000};
/// A slot that is served so late was not missed: a restart and a hold fit in.
constexpr milliseconds kLateMax{120'000};
constexpr milliseconds kSameProblemAgain{60'000};
/// So soon it is noticed what people changed.
constexpr milliseconds kReadAddedInterval{10'000};

TaskRequest to_request(const Schedule& schedule, Timestamp slot) {
  return {.kind = schedule.kind,
          .args = schedule.args,
          .unique_key = fmt::format("schedule:{}:{}", schedule.name, store::to_text(slot))};
}

store::ScheduleRecord to_record(const Schedule& schedule) {
  return {.name = schedule.name,
          .cron = schedule.cron,
          .time_zone = schedule.time_zone,
          .kind = schedule.kind,
          .args = schedule.args,
          .is_active = true,
          .missed = std::string(name(schedule.missed))};
}

Schedule to_schedule(const store::ScheduleRecord& record) {
  return {.name = record.name,
          .cron = record.cron,
          .time_zone = record.time_zone,
          .kind = record.kind,
          .args = record.args,
          .missed = record.missed == "skip" ? MissedSlots::kSkip : MissedSlots::kOnce};
}

}  // namespace

std::string_view name(MissedSlots missed) { return missed == MissedSlots::kOnce ? "once" : "skip"; }

namespace {

Result<Cron> checked_cron(const Schedule& schedule) {
  const std::string where = fmt::format("schedule `{}`", schedule.name.substr(0, 128));
  if (schedule.name.empty() || schedule.name.size() > 128) {
    return fail(ErrorCode::kInvalidArgument, where + ": its name must have 1 to 128 bytes");
  }
  if (const Status status = check_request(to_request(schedule, {})); !status) {
    return fail(where, status.error());
  }
  Result<Cron> cron = Cron::parse(schedule.cron, schedule.time_zone);
  if (!cron) return fail(where, std::move(cron).error());
  return cron;
}

}  // namespace

Status check_schedule(const Schedule& schedule) {
  KATIP_TRY(checked_cron(schedule));
  return {};
}

Result<Scheduler> Scheduler::create(Queue& queue, std::vector<Schedule> schedules,
                                    SchedulerObserver observer) {
  std::vector<Entry> entries;
  std::set<std::string> names;
  for (Schedule& schedule : schedules) {
    const Cron cron = KATIP_TRY(checked_cron(schedule));
    if (!names.insert(schedule.name).second) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("schedule `{}` is configured twice; rename one", schedule.name));
    }
    entries.push_back({.schedule = std::move(schedule), .cron = cron});
  }
  return Scheduler(queue, std::move(entries), std::move(observer));
}

// --- Start --------------------------------------------------------------------------------------

Status Scheduler::put_all(store::Connection& sql, std::vector<std::string>& retired) {
  ScheduleStore store(sql);
  std::vector<std::string> names;
  std::erase_if(entries_, [](const Entry& entry) { return entry.is_added; });
  for (const Entry& entry : entries_) {
    names.push_back(entry.schedule.name);
    KATIP_TRY(store.put(to_record(entry.schedule), queue_->now()));
  }
  retired = KATIP_TRY(store.deactivate_others(names, queue_->now()));
  for (const store::ScheduleRecord& record : KATIP_TRY(store.list())) {
    const auto found = std::ranges::find(entries_, record.name,
                                         [](const Entry& entry) { return entry.schedule.name; });
    if (found != entries_.end()) found->last = record.last_slot_at.value_or(queue_->now());
  }
  return {};
}

Status Scheduler::start(std::stop_token stop) {
  std::vector<std::string> retired;
  {
    const store::PooledConnection connection = KATIP_TRY(queue_->pool().acquire(stop));
    const std::function<Status(store::Connection&)> body = [&](store::Connection& sql) {
      return put_all(sql, retired);
    };
    KATIP_TRY(store::run_transaction(*connection, {}, stop, body));
  }
  const Timestamp now = queue_->now();
  for (Entry& entry : entries_) {
    entry.next = entry.cron.next_after(entry.last);
    observer_.on_listed(entry.schedule, entry.cron.next_after(std::max(entry.last, now)));
    if (entry.last > now + kDriftMax) {
      report("schedules",
             {.code = ErrorCode::kConflict,
              .message = fmt::format("schedule `{}` was served for {}, which lies ahead of the "
                                     "calendar of this machine: it rests until then",
                                     entry.schedule.name, store::to_text(entry.last))});
    }
  }
  std::ranges::for_each(retired, observer_.on_retired);
  is_started_ = true;
  return {};
}

// --- Looks --------------------------------------------------------------------------------------

bool Scheduler::is_calendar_believed() {
  const Times now = {queue_->clock().now(), queue_->clock().calendar()};
  if (seen_) {
    const auto drift = duration_cast<milliseconds>(now.calendar - seen_->calendar) -
                       duration_cast<milliseconds>(now.steady - seen_->steady);
    if (drift > kDriftMax) {
      hold_until_ = now.steady + kHold;
    } else if (drift < -kDriftMax) {
      hold_until_.reset();
    }
    if (drift > kDriftMax || drift < -kDriftMax) observer_.on_calendar_moved(drift);
  }
  seen_ = now;
  if (hold_until_ && now.steady >= *hold_until_) hold_until_.reset();
  return !hold_until_;
}

/// Each goes on where the database says it is: the slot that was served last, by whomever.
void Scheduler::take_added(const std::vector<store::ScheduleRecord>& records) {
  std::vector<Entry> entries;
  std::set<std::string> names;
  std::map<std::string, Timestamp> passed;  // What was skipped is not in the database.
  for (Entry& entry : entries_) {
    if (entry.is_added) {
      passed[entry.schedule.name] = entry.last;
      continue;
    }
    names.insert(entry.schedule.name);
    entries.push_back(std::move(entry));
  }
  for (const store::ScheduleRecord& record : records) {
    if (record.origin != "added" || record.is_paused || names.contains(record.name)) continue;
    Schedule schedule = to_schedule(record);
    const Result<Cron> cron = Cron::parse(schedule.cron, schedule.time_zone);
    if (!cron) {
      report("schedules", cron.error());
      continue;
    }
    const Timestamp last =
        std::max(record.last_slot_at.value_or(queue_->now()), passed[record.name]);
    entries.push_back({.schedule = std::move(schedule),
                       .cron = *cron,
                       .last = last,
                       .next = cron->next_after(last),
                       .is_added = true});
  }
  entries_ = std::move(entries);
}

Status Scheduler::read_added(store::Connection& sql) {
  take_added(KATIP_TRY(ScheduleStore(sql).list()));
  read_added_at_ = queue_->clock().now();
  return {};
}

Status Scheduler::look(std::stop_token stop) {
  if (!is_calendar_believed()) return {};
  if (!read_added_at_ || queue_->clock().now() - *read_added_at_ >= kReadAddedInterval) {
    const store::PooledConnection sql = KATIP_TRY(queue_->pool().acquire(stop));
    KATIP_TRY(read_added(*sql));
  }
  const auto is_due = [&](const Entry& entry) {
    return entry.next && *entry.next <= queue_->now();
  };
  if (std::ranges::none_of(entries_, is_due)) return {};
  const store::PooledConnection connection = KATIP_TRY(queue_->pool().acquire(stop));
  Status first;
  for (Entry& entry : entries_) {
    if (!is_due(entry)) continue;
    // One that cannot be served (its queue is drained) does not hold up the others.
    const Status status = serve(*connection, entry, stop);
    if (!status && first) first = fail("schedule " + entry.schedule.name, status.error());
  }
  return first;
}

Status Scheduler::serve(store::Connection& sql, Entry& entry, std::stop_token stop) {
  const Timestamp now = queue_->now();
  const Timestamp slot = entry.cron.last_in(entry.last, now).value_or(*entry.next);
  if (entry.schedule.missed == MissedSlots::kSkip && now - slot > kLateMax) {
    observer_.on_skipped(entry.schedule, slot);
  } else {
    std::string task_id;
    const TaskRequest request = to_request(entry.schedule, slot);
    const std::function<Status(store::Connection&)> body = [&](store::Connection& open) -> Status {
      task_id = KATIP_TRY(queue_->enqueue_in(open, std::span(&request, 1))).front().id;
      if (KATIP_TRY(ScheduleStore(open).fire(entry.schedule.name, slot, task_id))) return {};
      return fail(ErrorCode::kConflict, "somebody else has served this slot");
    };
    const Status status = store::run_transaction(sql, {}, std::move(stop), body);
    if (status) {
      observer_.on_fired(entry.schedule, slot, task_id);
    } else if (status.error().code != ErrorCode::kConflict) {
      return status;
    }
  }
  entry.last = slot;
  entry.next = entry.cron.next_after(slot);
  return {};
}

void Scheduler::report(const char* what, const Error& error) {
  const auto now = queue_->clock().now();
  if (error.message == problem_ && now - problem_since_ < kSameProblemAgain) return;
  problem_ = error.message;
  problem_since_ = now;
  observer_.on_problem(what, error);
}

void Scheduler::run(std::stop_token stop) {
  do {
    const Status status = is_started_ ? look(stop) : start(stop);
    if (!status && !stop.stop_requested()) report("schedules", status.error());
  } while (queue_->clock().sleep_for(kLookInterval, stop));
}

}  // namespace katip::jobs
