#include "cli/queue/worker_process.h"

#include <thread>

#include <fmt/format.h>

#include "app/maintenance_tasks.h"
#include "cli/queue/queue_settings.h"
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
  jobs::SupervisorOptions options;
  options.stop_max =
      std::chrono::seconds(settings.integer("worker.grace_s")) + std::chrono::seconds(10);
  return jobs::Supervisor(queue, std::move(crews), options, supervisor_observer(session))
      .run(session.signals.token());
}

Status run_solo(const Settings& settings, Session& session, jobs::Queue& queue) {
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
