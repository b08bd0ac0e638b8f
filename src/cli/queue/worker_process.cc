#include "cli/queue/worker_process.h"

#include <thread>

#include <fmt/format.h>

#include "app/maintenance_tasks.h"
#include "cli/queue/queue_settings.h"
#include "jobs/caretaker.h"
#include "jobs/scheduler.h"
#include "jobs/supervisor.h"

/// Tested by tests/e2e/test_worker.py.
namespace katip::cli {
namespace {

void say_problem(Session& session, const char* what, const Error& error) {
  session.terminal.say(Level::kWarning, fmt::format("{}: {}", what, error.message));
}

jobs::SupervisorObserver supervisor_observer(Session& session) {
  jobs::SupervisorObserver observer;
  observer.on_start = [&](const jobs::Crew& crew, pid_t pid, const std::string& worker_id) {
    session.terminal.say(Level::kInfo, fmt::format("{} worker {} runs as process {}",
                                                   crew.worker_kind, worker_id, pid));
  };
  observer.on_end = [&](const jobs::Crew& crew, pid_t pid, const std::string& how,
                        const jobs::RescueCounts& counts) {
    std::string message = fmt::format("{} worker process {} ended: {}", crew.worker_kind, pid, how);
    if (counts.requeued + counts.quarantined + counts.cancelled > 0) {
      message += fmt::format("; {} tasks back in the queue, {} quarantined, {} cancelled",
                             counts.requeued, counts.quarantined, counts.cancelled);
    }
    session.terminal.say(how == "exit 0" ? Level::kInfo : Level::kWarning, message);
  };
  observer.on_problem = [&](const char* what, const Error& error) {
    say_problem(session, what, error);
  };
  return observer;
}

jobs::WorkerObserver worker_observer(Session& session) {
  jobs::WorkerObserver observer;
  observer.on_ended = [&](const jobs::Outcome& outcome, std::chrono::microseconds duration,
                          bool is_ours) {
    const double seconds = static_cast<double>(duration.count()) / 1e6;
    const std::string task = fmt::format("{} {}", outcome.task.kind, outcome.task.key.id);
    if (!is_ours) {
      session.terminal.say(Level::kWarning,
                           fmt::format("{}: its lease was lost; the result is not used", task));
    } else if (outcome.status) {
      session.terminal.say(Level::kInfo, fmt::format("{}: done in {:.2f} s", task, seconds));
    } else {
      session.terminal.say(
          Level::kWarning,
          fmt::format("{}: attempt {} of {} ended after {:.2f} s: {}", task, outcome.task.attempt,
                      outcome.task.attempt_count_max, seconds, outcome.status.error().message));
    }
  };
  observer.on_problem = [&](const char* what, const Error& error) {
    say_problem(session, what, error);
  };
  return observer;
}

/// What katip does by the calendar.
std::vector<jobs::Schedule> schedules() {
  return {{.name = "cleanup.history",
           .cron = "30 4 * * *",
           .time_zone = "Europe/Istanbul",
           .kind = "cleanup.history"}};
}

jobs::SchedulerObserver scheduler_observer(Session& session) {
  jobs::SchedulerObserver observer;
  observer.on_listed = [&](const jobs::Schedule& schedule,
                           const std::optional<store::Timestamp>& next_slot) {
    session.terminal.say(
        Level::kInfo,
        fmt::format("schedule {}: {} ({}), next {}", schedule.name, schedule.cron,
                    schedule.time_zone, next_slot ? store::to_text(*next_slot) : "never"));
  };
  observer.on_problem = [&](const char* what, const Error& error) {
    say_problem(session, what, error);
  };
  return observer;
}

jobs::CaretakerObserver caretaker_observer(Session& session) {
  jobs::CaretakerObserver observer;
  observer.on_dead = [&](const store::Beat& beat) {
    session.terminal.say(Level::kWarning,
                         fmt::format("worker {} has been silent for {} ms and counts as dead",
                                     beat.worker_id, beat.lease_ms));
  };
  observer.on_problem = [&](const char* what, const Error& error) {
    say_problem(session, what, error);
  };
  return observer;
}

/// What runs once on each machine, beside its workers, on threads of its own.
class Housekeeping {
 public:
  static Result<std::unique_ptr<Housekeeping>> start(jobs::Queue& queue, Session& session) {
    auto scheduler =
        KATIP_TRY(jobs::Scheduler::create(queue, schedules(), scheduler_observer(session)));
    return std::unique_ptr<Housekeeping>(new Housekeeping(queue, session, std::move(scheduler)));
  }

 private:
  Housekeeping(jobs::Queue& queue, Session& session, jobs::Scheduler scheduler)
      : caretaker_(queue, system_rng(), {}, caretaker_observer(session)),
        scheduler_(std::move(scheduler)),
        caretaker_thread_([this](const std::stop_token& stop) { caretaker_.run(stop); }),
        scheduler_thread_([this](const std::stop_token& stop) { scheduler_.run(stop); }) {}

  jobs::Caretaker caretaker_;
  jobs::Scheduler scheduler_;
  std::jthread caretaker_thread_;
  std::jthread scheduler_thread_;
};

/// The engine's handlers load the model, so only an engine worker asks for them.
Result<jobs::Handlers> make_handlers(jobs::Queue& queue) {
  return app::maintenance_handlers(queue);
}

}  // namespace

Result<jobs::WorkerEnd> run_worker(const Settings&, Session& session, jobs::Queue& queue,
                                   jobs::WorkerOptions options, std::stop_token stop) {
  const jobs::Handlers handlers = KATIP_TRY(make_handlers(queue));
  return jobs::Worker(queue, handlers, std::move(options), worker_observer(session))
      .run(std::move(stop));
}

Status run_supervisor(const Settings& settings, Session& session, jobs::Queue& queue,
                      const std::vector<std::string>& arguments) {
  std::vector<jobs::Crew> crews;
  for (const std::string& kind : settings.list("worker.kinds")) {
    KATIP_TRY(worker_options(settings, kind));  // Said once here, not by each process.
    jobs::Crew crew{.worker_kind = kind, .arguments = arguments};
    crew.arguments.insert(crew.arguments.end(), {"--worker-kind", kind});
    crews.push_back(std::move(crew));
  }
  const auto housekeeping = KATIP_TRY(Housekeeping::start(queue, session));
  jobs::SupervisorOptions options;
  options.stop_max =
      std::chrono::seconds(settings.integer("worker.grace_s")) + std::chrono::seconds(10);
  return jobs::Supervisor(queue, std::move(crews), options, supervisor_observer(session))
      .run(session.signals.token());
}

Status run_solo(const Settings& settings, Session& session, jobs::Queue& queue) {
  const auto housekeeping = KATIP_TRY(Housekeeping::start(queue, session));
  std::vector<std::jthread> threads;
  Guarded<Status> status;
  std::stop_source stop;
  const std::stop_callback on_signal(session.signals.token(), [&] { stop.request_stop(); });
  for (const std::string& kind : settings.list("worker.kinds")) {
    const jobs::WorkerOptions options = KATIP_TRY(worker_options(settings, kind));
    threads.emplace_back([&, options] {
      // A worker that reached a limit begins anew: in one process nothing else can be done.
      while (!stop.stop_requested()) {
        const auto end = run_worker(settings, session, queue, options, stop.get_token());
        if (!end) {
          status.with_lock([&](Status& first) { first = std::unexpected(end.error()); });
          stop.request_stop();
        }
      }
    });
  }
  threads.clear();
  return status.with_lock([](const Status& first) { return first; });
}

}  // namespace katip::cli
