#include "cli/serve/service.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <thread>

#include <fmt/format.h>
#include <sys/resource.h>

#include "app/audit.h"
#include "app/backups.h"
#include "app/change_watch.h"
#include "app/intake.h"
#include "app/job_watch.h"
#include "app/model_library.h"
#include "app/operations.h"
#include "app/realtime.h"
#include "app/server_secret.h"
#include "app/stats.h"
#include "app/task_watch.h"
#include "app/transcriptions.h"
#include "app/uploads.h"
#include "app/webhooks.h"
#include "base/work_pool.h"
#include "cli/logging.h"
#include "cli/queue/backup_settings.h"
#include "cli/queue/database.h"
#include "cli/queue/media_place.h"
#include "cli/queue/queue_settings.h"
#include "cli/queue/worker_process.h"
#include "cli/serve/access.h"
#include "cli/serve/embedded_web.h"
#include "cli/serve/monitor_port.h"
#include "cli/serve/records.h"
#include "cli/serve/server_settings.h"
#include "cli/serve/temporary_folder.h"
#include "cli/telemetry/telemetry.h"
#include "http/server.h"
#include "http/service.h"
#include "store/statement_log.h"

/// Tested by tests/e2e/test_serve.py.
namespace katip::cli {
namespace {

namespace fs = std::filesystem;

/// Requests wait for a connection rather than open dozens: PostgreSQL has a hundred for everybody.
constexpr std::size_t kConnectionCountMax = 16;
constexpr int kErrandThreadCount = 2;
constexpr std::size_t kErrandCountMax = 0;  // None is refused: all come by post_always().

/// Each connection is a descriptor: as many as the system lets us have.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));  // Less is still enough to work.
}

/// The workers of this machine, on a thread of their own, until they are stopped.
class Workers {
 public:
  Workers(const Arguments& arguments, const Settings& settings, Session& session,
          jobs::Queue& queue, Log& log, app::Tracing* tracing)
      : thread_([&, tracing, words = worker_arguments(arguments)](const std::stop_token& stop) {
          const Status ended = settings.text("worker.pool") == "solo"
                                   ? run_solo(settings, session, queue, log, tracing, stop)
                                   : run_supervisor(settings, queue, log, words, stop);
          if (!ended) {
            Logger(log, "server")
                .critical("workers ended; nothing is transcribed any more",
                          {{"error_message", ended.error().message}});
          }
        }) {}

 private:
  std::jthread thread_;
};

/// What looks at the database beside the server, each on a thread of its own.
class Watchers {
 public:
  Watchers(app::JobWatch& jobs, app::ChangeWatch& changes, app::TaskWatch& tasks, app::Stats& stats,
           WorkPool& errands, const Logger& logger)
      : errands_{errands},
        jobs_([&jobs](const std::stop_token& stop) { jobs.run(stop); }),
        changes_([&changes](const std::stop_token& stop) { changes.run(stop); }),
        tasks_([&tasks](const std::stop_token& stop) { tasks.run(stop); }),
        stats_([&stats, logger](const std::stop_token& stop) {
          stats.run(stop, [&logger](const Error& error) {
            logger.warning("figures of a minute were not written",
                           {{"error_message", error.message}});
          });
        }) {}
  /// Whoever waits for a result gets an answer now.
  void end_waits() { tasks_.request_stop(); }

 private:
  struct ErrandsEnd {
    WorkPool& errands;
    ~ErrandsEnd() { errands.stop(); }
  };
  ErrandsEnd errands_;  // First: nobody gives it any when the others have ended.
  std::jthread jobs_;
  std::jthread changes_;
  std::jthread tasks_;
  std::jthread stats_;
};

/// What those who tell news must not wait for: reading a finished transcript and writing it in the
/// format that a client wants. Each job that is waited for brings one, so connections limit them.
std::function<void(std::function<void()>)> runner_of(WorkPool& errands) {
  return [&errands](std::function<void()> errand) { errands.post_always(std::move(errand)); };
}

std::string address_of(const http::ServerOptions& options, int port) {
  const std::string host = options.address == "0.0.0.0" ? "127.0.0.1" : options.address;
  return fmt::format("{}://{}:{}", options.tls_certificate.empty() ? "http" : "https",
                     host.contains(':') ? "[" + host + "]" : host, port);
}

/// Null when it is not installed: then realtime clients have to say where a piece ends.
std::shared_ptr<const engine::VoiceDetector> voice_detector(const Settings& settings,
                                                            const Session& session,
                                                            const Logger& logger) {
  const auto folder = app::find_model(model_places(settings, session), "silero-vad");
  if (!folder) return nullptr;
  auto detector = engine::VoiceDetector::open(*folder);
  if (detector) return *std::move(detector);
  logger.warning("the speech detector cannot be used",
                 {{"error_message", detector.error().message}});
  return nullptr;
}

void wait_for_stop(Records& records, Session& session, const http::Server& server,
                   const Logger& logger) {
  // What a crash may take of the state is a minute of it.
  while (session.clock.sleep_for(std::chrono::minutes(1), session.signals.token())) {
    records.save_state();
  }
  logger.info("katip stops", {{"connections", server.connection_count()}});
}

void warn_if_open(Access& access, Session& session) {
  if (!access.is_open().value_or(false)) return;
  session.terminal.say(Level::kWarning,
                       "it is open to everybody on this machine until there is a user or a key: "
                       "katip user create NAME --role admin");
}

void announce(const std::string& address, const Settings& settings, const app::ModelNames& models,
              Access& access, Session& session, const Logger& logger) {
  logger.info("katip serves", {{"address", address},
                               {"version", KATIP_VERSION},
                               {"model", models.served_model()},
                               {"environment", settings.environment_name()}});
  session.terminal.say(Level::kInfo, fmt::format("katip serves at {}", address));
  warn_if_open(access, session);
}

/// Nothing when others work for this server.
std::unique_ptr<Workers> start_workers(const Arguments& arguments, const Settings& settings,
                                       Session& session, jobs::Queue& queue, Log& log,
                                       Telemetry& telemetry) {
  if (settings.text("server.workers") != "on") return nullptr;
  return std::make_unique<Workers>(arguments, settings, session, queue, log, telemetry.tracing());
}

/// Nothing when there is none.
Status start_monitor(MonitorPort* monitor, const http::ServerOptions& options,
                     const Logger& logger) {
  if (monitor == nullptr) return {};
  KATIP_TRY(monitor->start());
  logger.info("the dashboard has a port", {{"address", address_of(options, monitor->port())}});
  return {};
}

app::JobWatchOptions watch_options(const Logger& logger) {
  app::JobWatchOptions options;
  options.on_exception = [logger](const char* what) {
    logger.error("news of a job could not be told", {{"error_message", what}});
  };
  return options;
}

/// Its pages let recordings play from where browsers are sent for them.
http::WebApp web_app(const app::MediaShelf& shelf) {
  http::WebApp app = embedded_web();
  app.media_origin = shelf.download_origin().value_or("");
  return app;
}

Result<std::unique_ptr<store::Pool>> open_pool(const Settings& settings, Session& session,
                                               store::StatementLog& statements, Log& log) {
  return open_records(settings, session,
                      {.connection_count_max = kConnectionCountMax,
                       .statements = &statements,
                       .log = Logger(log, "store")});
}

/// SECRET_KEY; without one what the database keeps.
Result<Secret> cursor_key(Session& session, store::Pool& pool) {
  if (auto configured = session.environment.get("SECRET_KEY"))
    return Secret(*std::move(configured));
  return app::server_secret(pool, system_rng(), "cursors", session.signals.token());
}

}  // namespace

Status serve(const Arguments& arguments, const Settings& settings, Session& session, Log& log) {
  const Logger logger(log, "server");
  const auto telemetry = KATIP_TRY(Telemetry::start(settings, session, log));
  http::ServerOptions options = KATIP_TRY(server_options(settings));
  const TemporaryFolder temporary = KATIP_TRY(TemporaryFolder::create(settings.data_dir() / "tmp"));
  options.temporary_dir = temporary.path();
  raise_descriptor_limit();
  store::StatementLog statements(Logger(log, "store"), statement_log_options(settings));
  const auto pool = KATIP_TRY(open_pool(settings, session, statements, log));
  jobs::Queue queue(*pool, session.clock, system_rng(), KATIP_TRY(queue_options(settings)));
  app::JobWatch watch(*pool, session.clock, watch_options(logger));
  app::ChangeWatch changes(*pool, session.clock, {});
  WorkPool errands(kErrandThreadCount, kErrandCountMax, watch_options(logger).on_exception);
  const MediaPlace media = KATIP_TRY(MediaPlace::open(settings, session));
  app::Transcriptions transcriptions(queue, watch, media.shelf, runner_of(errands));
  const app::ModelNames models = KATIP_TRY(model_names(settings));
  app::Webhooks webhooks(queue, {.guard = KATIP_TRY(outgoing_guard(settings))});
  app::TaskWatch task_watch(*pool, session.clock);
  app::Operations operations(queue, task_watch);
  app::Backups backups(queue, KATIP_TRY(backup_options(settings, session, media.bucket)).retention);
  app::Audit audit(*pool, session.clock, system_rng(), &log);
  app::Metrics metrics(*pool, session.clock, KATIP_VERSION, settings.data_dir().string());
  app::Stats stats(*pool, metrics, session.clock);
  app::SystemDesk system_desk(*pool, system_facts(settings));
  const auto access =
      KATIP_TRY(Access::open(settings, *pool, session, {log, metrics, telemetry->tracing()}));
  const auto records = KATIP_TRY(Records::open(queue, system_rng(), media.shelf, log));
  app::Uploads uploads(*pool, session.clock, system_rng(), settings.data_dir(),
                       upload_options(settings));
  app::Intake intake(queue, uploads, watch, KATIP_TRY(outgoing_guard(settings)), media.shelf);
  app::Realtime realtime(transcriptions, voice_detector(settings, session, logger),
                         options.temporary_dir);
  const http::Service service = {.transcriptions = transcriptions,
                                 .models = models,
                                 .metrics = metrics,
                                 .audit = audit,
                                 .webhooks = webhooks,
                                 .operations = operations,
                                 .backups = backups,
                                 .stats = stats,
                                 .system = system_desk,
                                 .uploads = uploads,
                                 .intake = intake,
                                 .changes = changes,
                                 .records = records->services(),
                                 .accounts = access->accounts(),
                                 .realtime = realtime,
                                 .secrets = access->secrets(),
                                 .clock = session.clock,
                                 .cursor_key = KATIP_TRY(cursor_key(session, *pool)),
                                 .openai = KATIP_TRY(openai_options(settings, session)),
                                 .keep_jobs_for = keep_jobs_for(settings),
                                 .is_open = [&] { return access->is_open().value_or(false); },
                                 .version = KATIP_VERSION,
                                 .web = web_app(media.shelf)};
  const auto server =
      KATIP_TRY(http::Server::create(options, http::make_routes(service), access->gate(), &log));
  const auto monitor =
      KATIP_TRY(MonitorPort::open(settings, session, options, service, access->gate(), log));
  Watchers watchers(watch, changes, task_watch, stats, errands, logger);
  const auto workers = start_workers(arguments, settings, session, queue, log, *telemetry);
  KATIP_TRY(server->start());
  KATIP_TRY(start_monitor(monitor.get(), options, logger));
  announce(address_of(options, server->port()), settings, models, *access, session, logger);
  wait_for_stop(*records, session, *server, logger);
  watchers.end_waits();
  server->stop();
  records->save_state();
  return {};
}

}  // namespace katip::cli
