#include "cli/queue/worker_process.h"

#include <algorithm>
#include <thread>

#include "app/backup_tasks.h"
#include "app/cleanup_tasks.h"
#include "app/completion.h"
#include "app/event_ledger.h"
#include "app/expiry_task.h"
#include "app/fetch_task.h"
#include "app/lexicon.h"
#include "app/lexicon_learning.h"
#include "app/loaded_models.h"
#include "app/maintenance_tasks.h"
#include "app/named_failures.h"
#include "app/transcription_task.h"
#include "app/usage.h"
#include "app/validate_task.h"
#include "app/webhook_events.h"
#include "app/webhook_tasks.h"
#include "audio/audio_stream.h"
#include "base/event_counters.h"
#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/logging.h"
#include "cli/queue/backup_settings.h"
#include "cli/queue/media_place.h"
#include "cli/queue/queue_settings.h"
#include "cli/transcribe/options.h"
#include "jobs/caretaker.h"
#include "jobs/scheduler.h"
#include "jobs/supervisor.h"
#include "store/job_store.h"
#include "text/transcript.h"

/// Tested by tests/e2e/test_worker.py.
namespace katip::cli {
namespace {

/// Something failed and will be tried again.
std::function<void(const char*, const Error&)> problem_logger(const Logger& logger) {
  return [logger](const char* what, const Error& error) {
    logger.warning(
        "something failed and is tried again",
        {{"what", what}, {"error_code", name(error.code)}, {"error_message", error.message}});
  };
}

jobs::SupervisorObserver supervisor_observer(Log& log) {
  const Logger logger(log, "supervisor");
  jobs::SupervisorObserver observer;
  observer.on_start = [logger](const jobs::Crew& crew, pid_t pid, const std::string& worker_id) {
    logger.info("worker process started",
                {{"kind", crew.worker_kind}, {"process", pid}, {"worker_id", worker_id}});
  };
  observer.on_end = [logger](const jobs::Crew& crew, pid_t pid, const std::string& how,
                             const jobs::RescueCounts& counts) {
    const LogField fields[] = {{"kind", crew.worker_kind},
                               {"process", pid},
                               {"how", how},
                               {"tasks_requeued", counts.requeued},
                               {"tasks_quarantined", counts.quarantined},
                               {"tasks_cancelled", counts.cancelled}};
    const bool is_clean = how == "exit 0";
    logger.write(is_clean ? LogLevel::kInfo : LogLevel::kWarning, "worker process ended", fields);
  };
  observer.on_problem = problem_logger(logger);
  return observer;
}

LogContext context_of(const store::ClaimedTask& task) {
  return {.request_id = task.request_id.value_or(""),
          .job_id = task.job_id.value_or(""),
          .task_id = task.key.id};
}

jobs::WorkerObserver worker_observer(Log& log, app::Tracing* tracing) {
  const Logger logger(log, "worker");
  jobs::WorkerObserver observer;
  observer.on_start = [logger](const std::string& worker_id) {
    logger.info("worker registered", {{"worker_id", worker_id}});
  };
  observer.on_ended = [logger, tracing](const jobs::Outcome& outcome,
                                        std::chrono::microseconds duration, bool is_ours) {
    const LogScope scope(context_of(outcome.task));
    if (tracing != nullptr) {
      const std::string_view problem = !is_ours         ? "LEASE_LOST"
                                       : outcome.status ? ""
                                                        : name(outcome.status.error().code);
      tracing->on_task(outcome.task, duration, problem);
    }
    const double seconds = static_cast<double>(duration.count()) / 1e6;
    if (!is_ours) {
      count_event("fencing_rejects_total");
      logger.warning("lease was lost, result is not used",
                     {{"kind", outcome.task.kind}, {"duration_s", seconds}});
    } else if (outcome.status) {
      logger.info("task completed", {{"kind", outcome.task.kind},
                                     {"queue", outcome.task.queue},
                                     {"attempt", outcome.task.attempt},
                                     {"duration_s", seconds}});
    } else {
      logger.warning("attempt failed", {{"kind", outcome.task.kind},
                                        {"queue", outcome.task.queue},
                                        {"attempt", outcome.task.attempt},
                                        {"attempt_count_max", outcome.task.attempt_count_max},
                                        {"duration_s", seconds},
                                        {"error_code", name(outcome.status.error().code)},
                                        {"error_message", outcome.status.error().message}});
    }
  };
  observer.on_problem = problem_logger(logger);
  return observer;
}

/// What katip does by the calendar.
std::vector<jobs::Schedule> schedules(const Settings& settings) {
  struct Entry {
    const char* kind;  // Also its name.
    std::string cron;
    std::string time_zone = "Europe/Istanbul";
    const char* args = "{}";
  };
  const std::string zone = settings.text("backup.zone");
  const std::vector<Entry> entries = {
      {app::kBackupCreateKind, settings.text("backup.cron"), zone, R"({"kind": "daily"})"},
      {app::kBackupDrillKind, settings.text("backup.drill_cron"), zone},
      // After the daily backup, one after the other.
      {"cleanup.history", "30 4 * * *"},
      {"cleanup.temp_files", "40 4 * * *"},
      {"cleanup.orphans", "50 4 * * *"},
      {"cleanup.logs", "0 5 * * *"},
      {"cleanup.audit", "10 5 * * *"},
      {"cleanup.database", "20 5 * * *"},
      {"cleanup.expired", "17 * * * *"},
      {"webhooks.sweep", "*/5 * * * *", "UTC"},
      // Feedback asks for this by itself; this one forgets what is too old, and takes what a task
      // that failed has left.
      {app::kLearningKind, "15 * * * *"}};
  std::vector<jobs::Schedule> all;
  for (const auto& [kind, cron, time_zone, args] : entries) {
    if (cron == "off") continue;
    all.push_back({.name = kind, .cron = cron, .time_zone = time_zone, .kind = kind, .args = args});
  }
  return all;
}

jobs::SchedulerObserver scheduler_observer(Log& log) {
  const Logger logger(log, "schedules");
  jobs::SchedulerObserver observer;
  observer.on_listed = [logger](const jobs::Schedule& schedule,
                                const std::optional<store::Timestamp>& next_slot) {
    logger.info("schedule", {{"name", schedule.name},
                             {"cron", schedule.cron},
                             {"time_zone", schedule.time_zone},
                             {"next", next_slot ? store::to_text(*next_slot) : "never"}});
  };
  observer.on_retired = [logger](const std::string& name) {
    logger.info("schedule is not configured here and rests unless another server has it",
                {{"name", name}});
  };
  observer.on_fired = [logger](const jobs::Schedule& schedule, store::Timestamp slot,
                               const std::string& task_id) {
    logger.info("schedule is served", {{"name", schedule.name},
                                       {"slot", store::to_text(slot)},
                                       {"kind", schedule.kind},
                                       {"task_id", task_id}});
  };
  observer.on_skipped = [logger](const jobs::Schedule& schedule, store::Timestamp slot) {
    logger.warning("a slot that nobody was there for is skipped",
                   {{"name", schedule.name}, {"slot", store::to_text(slot)}});
  };
  observer.on_calendar_moved = [logger](std::chrono::milliseconds moved) {
    logger.warning("the calendar of this machine was set", {{"moved_ms", moved.count()}});
  };
  observer.on_problem = problem_logger(logger);
  return observer;
}

jobs::CaretakerObserver caretaker_observer(Log& log) {
  const Logger logger(log, "caretaker");
  jobs::CaretakerObserver observer;
  observer.on_dead = [logger](const store::Beat& beat) {
    logger.warning("worker was silent for its lease and counts as dead",
                   {{"worker_id", beat.worker_id}, {"lease_ms", beat.lease_ms}});
  };
  observer.on_rescued = [logger](const jobs::RescueCounts& counts) {
    logger.warning("tasks of dead workers were rescued", {{"tasks_requeued", counts.requeued},
                                                          {"tasks_quarantined", counts.quarantined},
                                                          {"tasks_cancelled", counts.cancelled}});
  };
  observer.on_problem = problem_logger(logger);
  return observer;
}

/// What runs once on each machine, beside its workers, on threads of its own.
class Housekeeping {
 public:
  static Result<std::unique_ptr<Housekeeping>> start(const Settings& settings, jobs::Queue& queue,
                                                     Log& log) {
    auto scheduler =
        KATIP_TRY(jobs::Scheduler::create(queue, schedules(settings), scheduler_observer(log)));
    if (settings.text("backup.cron") != "off") {
      if (const Status due = app::catch_up_backup(queue, {}); !due) {
        problem_logger(Logger(log, "schedules"))("looking for a missed backup", due.error());
      }
    }
    return std::unique_ptr<Housekeeping>(new Housekeeping(queue, log, std::move(scheduler)));
  }

 private:
  Housekeeping(jobs::Queue& queue, Log& log, jobs::Scheduler scheduler)
      : caretaker_(queue, system_rng(), {}, caretaker_observer(log)),
        scheduler_(std::move(scheduler)),
        caretaker_thread_([this](const std::stop_token& stop) { caretaker_.run(stop); }),
        scheduler_thread_([this](const std::stop_token& stop) { scheduler_.run(stop); }) {}

  jobs::Caretaker caretaker_;
  jobs::Scheduler scheduler_;
  std::jthread caretaker_thread_;
  std::jthread scheduler_thread_;
};

/// Handlers, and what they work with.
struct Workplace {
  MediaPlace media;
  std::unique_ptr<app::LoadedModels> models = {};  ///< Of an engine worker.
  std::unique_ptr<app::Lexicon> lexicon = {};      ///< The same.
  jobs::Handlers handlers = {};
};

/// Every line that is logged while a task runs says which task and whose request it is.
jobs::Handler with_context(jobs::Handler handler) {
  return [handler = std::move(handler)](jobs::TaskContext& context) {
    const LogScope scope(context_of(context.task));
    return handler(context);
  };
}

/// What a transcription did is a span inside that of its task, with its figures.
jobs::Handler with_span(jobs::Handler handler, app::Tracing& tracing, const Clock& clock) {
  return [handler = std::move(handler), &tracing, &clock](jobs::TaskContext& context) {
    const auto begin = clock.now();
    auto result = handler(context);
    const auto duration =
        std::chrono::duration_cast<std::chrono::microseconds>(clock.now() - begin);
    tracing.on_part(context.task, "transcription", duration,
                    result ? app::figures_in(*result) : app::SpanFigures(), !result.has_value());
    return result;
  };
}

Result<Workplace> general_workplace(const Settings& settings, const Session& session,
                                    jobs::Queue& queue, Log& log) {
  const remote::OutgoingGuard guard = KATIP_TRY(outgoing_guard(settings));
  const std::filesystem::path ca_file = settings.text("remote.ca_file");
  Workplace place{.media = KATIP_TRY(MediaPlace::open(settings, session))};
  place.handlers = app::maintenance_handlers(queue);
  place.handlers["cleanup.expired"] = {.run = app::expiry_handler(queue, place.media.shelf)};
  place.handlers.merge(
      app::cleanup_handlers(queue, {.shelf = place.media.shelf,
                                    .bucket = place.media.bucket.get(),
                                    .log_dir = log_options(settings, {}).folder,
                                    .log_days = settings.integer("logging.keep_days"),
                                    .audit_days = settings.integer("cleanup.audit_days")}));
  place.handlers.merge(app::webhook_handlers(queue, {.guard = guard, .ca_file = ca_file}));
  // Before anybody waits for it; without a decoder the first recording says so.
  static_cast<void>(audio::AudioStream::prestart());
  place.handlers[app::kValidateKind] = {
      .run = app::validate_handler(queue, place.media.shelf, app::sandboxed_probe()),
      .is_short = true};
  place.handlers[app::kFetchKind] = {
      .run = app::fetch_handler(
          queue, {.shelf = place.media.shelf,
                  .guard = guard,
                  .ca_file = ca_file,
                  .size_max = std::int64_t{settings.integer("outgoing.file_size_mb_max")} << 20,
                  .probe = app::sandboxed_probe()})};
  const auto on_unsent = [logger = Logger(log, "backup")](const app::UnsentBackup& backup) {
    logger.warning("a backup is not in the second place",
                   {{"backup", backup.name}, {"error_message", backup.why}});
  };
  place.handlers.merge(
      app::backup_handlers(queue, KATIP_TRY(backup_options(settings, session, place.media.bucket)),
                           system_rng(), on_unsent));
  place.handlers[app::kLearningKind] = {.run = app::learning_handler(queue)};
  return place;
}

/// Loading the model is what takes time at the start, so only an engine worker does it.
Result<Workplace> make_workplace(const Settings& settings, Session& session, jobs::Queue& queue,
                                 Log& log, std::string_view worker_kind) {
  if (worker_kind == "general") {
    return general_workplace(settings, session, queue, log);
  }
  Workplace place{.media = KATIP_TRY(MediaPlace::open(settings, session))};
  const auto open = [&settings, places = model_places(settings, session)](const std::string& name) {
    return open_model(settings, places, name, engine::Vad::kOn);
  };
  place.models = KATIP_TRY(app::LoadedModels::create(
      {.served_model = settings.text("engine.model"),
       .other_models = settings.list("engine.other_models"),
       .idle_max = std::chrono::minutes(settings.integer("engine.idle_minutes_max")),
       .open = open},
      session.clock));
  app::TranscriptionTools tools{.shelf = place.media.shelf};
  tools.use_model = [models = place.models.get()](std::string_view name) {
    return models->use(name);
  };
  tools.complete = [&queue](store::Connection& sql, const app::Finished& finished) {
    return app::complete_transcription(queue, sql, finished);
  };
  place.lexicon = std::make_unique<app::Lexicon>(queue.pool(), session.clock, system_rng());
  tools.active_terms = [lexicon = place.lexicon.get()](std::string_view language,
                                                       std::stop_token stop) {
    return lexicon->active_terms(language, std::move(stop));
  };
  const Logger logger(log, "transcription");
  tools.on_window = [logger](const store::ClaimedTask&, const engine::WindowDone& window) {
    logger.debug("window finished", {{"window", window.index},
                                     {"window_end_ms", window.next.window_end_ms},
                                     {"segment_count", window.segments.size()}});
  };
  tools.on_problem = [logger](const store::ClaimedTask&, const Error& error) {
    logger.warning("a finished part was not saved", {{"error_message", error.message}});
  };
  place.handlers[app::kTranscriptionKind] = {.run = app::transcription_handler(std::move(tools))};
  return place;
}

}  // namespace

Result<jobs::WorkerEnd> run_worker(const Settings& settings, Session& session, jobs::Queue& queue,
                                   Log& log, app::Tracing* tracing, jobs::WorkerOptions options,
                                   std::stop_token stop) {
  Workplace place = KATIP_TRY(make_workplace(settings, session, queue, log, options.worker_kind));
  for (const char* kind : {app::kFetchKind, app::kValidateKind, app::kTranscriptionKind}) {
    const auto found = place.handlers.find(kind);
    if (found == place.handlers.end()) continue;
    found->second.run = app::with_known_names(queue, std::move(found->second.run));
  }
  for (auto& [kind, handler] : place.handlers) {
    handler.run = with_context(std::move(handler.run));
    if (tracing != nullptr && kind == app::kTranscriptionKind) {
      handler.run = with_span(std::move(handler.run), *tracing, session.clock);
    }
  }
  const std::jthread ledger([&](const std::stop_token& end) {
    app::keep_writing_events(queue.pool(), session.clock, end);
  });
  const std::jthread letting_go([&](const std::stop_token& end) {
    if (place.models) place.models->run(end);
  });
  return jobs::Worker(queue, place.handlers, std::move(options), worker_observer(log, tracing))
      .run(std::move(stop));
}

Status run_supervisor(const Settings& settings, jobs::Queue& queue, Log& log,
                      const std::vector<std::string>& arguments, std::stop_token stop) {
  std::vector<jobs::Crew> crews;
  for (const std::string& kind : settings.list("worker.kinds")) {
    KATIP_TRY(worker_options(settings, kind));  // Said once here, not by each process.
    jobs::Crew crew{.worker_kind = kind, .arguments = arguments};
    crew.arguments.insert(crew.arguments.end(), {"--worker-kind", kind});
    crews.push_back(std::move(crew));
  }
  const auto housekeeping = KATIP_TRY(Housekeeping::start(settings, queue, log));
  jobs::SupervisorOptions options;
  options.stop_max =
      std::chrono::seconds(settings.integer("worker.grace_s")) + std::chrono::seconds(10);
  return jobs::Supervisor(queue, std::move(crews), options, supervisor_observer(log))
      .run(std::move(stop));
}

Status run_solo(const Settings& settings, Session& session, jobs::Queue& queue, Log& log,
                app::Tracing* tracing, std::stop_token outer_stop) {
  const auto housekeeping = KATIP_TRY(Housekeeping::start(settings, queue, log));
  std::vector<std::jthread> threads;
  Guarded<Status> status;
  std::stop_source stop;
  const std::stop_callback on_stop(outer_stop, [&] { stop.request_stop(); });
  for (const std::string& kind : settings.list("worker.kinds")) {
    jobs::WorkerOptions options = KATIP_TRY(worker_options(settings, kind));
    options.on_stuck = [] { std::_Exit(kExitFailure); };
    threads.emplace_back([&, options] {
      // A worker that reached a limit begins anew: in one process nothing else can be done.
      while (!stop.stop_requested()) {
        const auto end =
            run_worker(settings, session, queue, log, tracing, options, stop.get_token());
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

std::vector<std::string> worker_arguments(const Arguments& arguments) {
  std::vector<Flag> known = worker_process_command().flags;
  const std::vector<Flag> common = common_flags();
  known.insert(known.end(), common.begin(), common.end());
  std::vector<std::string> texts = {"/proc/self/exe", "worker-process"};
  for (const auto& [flag, values] : arguments.flags) {
    if (std::ranges::find(known, flag, &Flag::name) == known.end()) continue;
    for (const std::string& value : values) {
      texts.push_back(flag);
      if (!value.empty()) texts.push_back(value);
    }
  }
  return texts;
}

}  // namespace katip::cli
