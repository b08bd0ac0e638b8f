#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "jobs/cron.h"
#include "jobs/queue.h"
#include "store/schedule_store.h"
#include "store/timestamp.h"

/// Puts tasks into the queue by the calendar.
///
///   Scheduler scheduler = KATIP_TRY(Scheduler::create(queue, {{.name = "nightly backup",
///       .cron = "0 3 * * *", .time_zone = "Europe/Istanbul", .kind = "cleanup.backup"}}, {}));
///   scheduler.run(stop);
///
/// Which slot was served last is in the database, and changes in the transaction that puts its task
/// in: so however many servers run this, and whenever they are killed, a slot is served once.
///
/// Besides those of the configuration it serves the schedules that people add, as they are in the
/// database; what they change is noticed within ten seconds. What somebody switched off is not
/// served, wherever it comes from.
///
/// A calendar that jumps ahead by more than a minute is not believed until it has held for a
/// minute; one that is set back never serves a slot again.
namespace katip::jobs {

/// What becomes of slots that nobody was there for.
enum class MissedSlots {
  kOnce,  ///< The latest of them is served as soon as somebody is.
  kSkip,  ///< None is.
};
std::string_view name(MissedSlots missed);

struct Schedule {
  std::string name;  ///< 1 to 128 bytes; the key in the database.
  std::string cron;
  std::string time_zone = "UTC";
  std::string kind;         ///< Of the task.
  std::string args = "{}";  ///< Of the task: a JSON object.
  MissedSlots missed = MissedSlots::kOnce;
};

/// Errors: kInvalidArgument, naming the schedule and what is wrong with it.
Status check_schedule(const Schedule& schedule);

/// What a scheduler tells, for logs. Called on the thread that runs it.
struct SchedulerObserver {
  /// At start, once for each.
  std::function<void(const Schedule&, std::optional<store::Timestamp> next_slot)> on_listed =
      [](const auto&, auto) {};
  /// Was configured once and is no more.
  std::function<void(const std::string& name)> on_retired = [](const auto&) {};
  std::function<void(const Schedule&, store::Timestamp slot, const std::string& task_id)> on_fired =
      [](const auto&, auto, const auto&) {};
  /// Nobody was there for this slot, and the schedule says to skip it.
  std::function<void(const Schedule&, store::Timestamp slot)> on_skipped = [](const auto&, auto) {};
  /// The calendar was moved by so much.
  std::function<void(std::chrono::milliseconds)> on_calendar_moved = [](auto) {};
  /// Something failed and will be tried again; the same text at most once a minute.
  std::function<void(const char* what, const Error&)> on_problem = [](const char*, const Error&) {};
};

/// Threads:  one thread.
/// Lifetime: the queue outlives it.
class Scheduler {
 public:
  /// Errors: kInvalidArgument, naming the schedule and what is wrong with it.
  static Result<Scheduler> create(Queue& queue, std::vector<Schedule> schedules,
                                  SchedulerObserver observer);

  /// Writes the schedules down; those in the database that are not configured rest from now on,
  /// unless another server has them: during an upgrade each serves what it knows.
  ///
  /// Errors: those of the database. May be called again.
  Status start(std::stop_token stop);
  /// Puts in what is due, looking at what people changed first. Errors: those of the database, and
  /// kUnavailable for a queue that is drained; what could not be put in stays due.
  Status look(std::stop_token stop);
  /// Starts and looks once a second until it is stopped, whatever happens to the database.
  void run(std::stop_token stop);

 private:
  struct Entry {
    Schedule schedule;
    Cron cron;
    store::Timestamp last = {};  // The slot that was served last.
    std::optional<store::Timestamp> next = {};
    bool is_added = false;  // By somebody, not by the configuration.
  };
  struct Times {
    std::chrono::steady_clock::time_point steady;
    std::chrono::system_clock::time_point calendar;
  };

  Scheduler(Queue& queue, std::vector<Entry> entries, SchedulerObserver observer)
      : queue_(&queue), entries_(std::move(entries)), observer_(std::move(observer)) {}
  Status put_all(store::Connection& sql, std::vector<std::string>& retired);
  Status read_added(store::Connection& sql);
  void take_added(const std::vector<store::ScheduleRecord>& records);
  bool is_calendar_believed();
  Status serve(store::Connection& sql, Entry& entry, std::stop_token stop);
  void report(const char* what, const Error& error);

  Queue* queue_;
  std::vector<Entry> entries_;
  SchedulerObserver observer_;
  bool is_started_ = false;
  std::optional<Times> seen_;  // At the last look.
  std::optional<std::chrono::steady_clock::time_point> read_added_at_;
  std::optional<std::chrono::steady_clock::time_point> hold_until_;
  std::string problem_;  // The last that was reported, and when.
  std::chrono::steady_clock::time_point problem_since_;
};

}  // namespace katip::jobs
