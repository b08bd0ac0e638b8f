#include <charconv>
#include <memory>

#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/logging.h"
#include "cli/queue/database.h"
#include "cli/queue/queue_settings.h"
#include "cli/queue/worker_process.h"
#include "cli/telemetry/telemetry.h"
#include "jobs/supervisor.h"
#include "jobs/task_board.h"

namespace katip::cli {
namespace {

/// A pool for these workers, all in one process, and for whoever keeps house.
Result<std::unique_ptr<store::Pool>> open_pool(const Settings& settings, Session& session,
                                               const std::vector<std::string>& kinds,
                                               store::StatementObserver& statements,
                                               const Logger& log) {
  std::size_t count = 2;
  for (const std::string& kind : kinds) count += KATIP_TRY(connection_count_of(settings, kind));
  return open_records(settings, session,
                      {.connection_count_max = count, .statements = &statements, .log = log});
}

Status supervise(const Arguments& arguments, const Settings& settings, Session& session) {
  const auto options = KATIP_TRY(worker_options(settings, "general"));
  const auto log = KATIP_TRY(start_logging(settings, console_kind(session.terminal)));
  const auto telemetry = KATIP_TRY(Telemetry::start(settings, session, *log));
  store::StatementLog statements(Logger(*log, "store"), statement_log_options(settings));
  const bool is_solo = settings.text("worker.pool") == "solo";
  const auto kinds = is_solo ? settings.list("worker.kinds") : std::vector<std::string>();
  const auto pool =
      KATIP_TRY(open_pool(settings, session, kinds, statements, Logger(*log, "store")));
  jobs::Queue queue(*pool, session.clock, system_rng(), KATIP_TRY(queue_options(settings)));
  Logger(*log, "supervisor")
      .info("katip worker starts", {{"version", KATIP_VERSION},
                                    {"environment", settings.environment_name()},
                                    {"pool", settings.text("worker.pool")},
                                    {"slots_min", options.slots.slot_count_min},
                                    {"slots_max", options.slots.slot_count_max}});
  return is_solo ? run_solo(settings, session, queue, *log, telemetry->tracing(),
                            session.signals.token())
                 : run_supervisor(settings, queue, *log, worker_arguments(arguments),
                                  session.signals.token());
}

/// -1 when it is none.
int number_of(const Arguments& arguments, std::string_view flag) {
  const std::string text = arguments.value(flag);
  int number = -1;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Status work(const Arguments& arguments, const Settings& settings, Session& session) {
  KATIP_TRY(jobs::follow_parent(number_of(arguments, "--parent")));
  jobs::TaskBoard board = KATIP_TRY(jobs::TaskBoard::open(number_of(arguments, "--board")));
  jobs::WorkerOptions options =
      KATIP_TRY(worker_options(settings, arguments.value("--worker-kind")));
  options.id = arguments.value("--worker-id");
  options.board = &board;
  options.on_stuck = [] { std::_Exit(kExitFailure); };
  const auto log = KATIP_TRY(start_logging(settings, console_kind(session.terminal)));
  const auto telemetry = KATIP_TRY(Telemetry::start(settings, session, *log));
  store::StatementLog statements(Logger(*log, "store"), statement_log_options(settings));
  const auto pool = KATIP_TRY(
      open_pool(settings, session, {options.worker_kind}, statements, Logger(*log, "store")));
  jobs::Queue queue(*pool, session.clock, system_rng(), KATIP_TRY(queue_options(settings)));
  const jobs::WorkerEnd end =
      KATIP_TRY(run_worker(settings, session, queue, *log, telemetry->tracing(), std::move(options),
                           session.signals.token()));
  if (end == jobs::WorkerEnd::kLeaseLost || end == jobs::WorkerEnd::kFailed) {
    return fail(ErrorCode::kUnavailable, fmt::format("the worker ended: {}", name(end)));
  }
  return {};
}

template <Status (*Body)(const Arguments&, const Settings&, Session&)>
int run(const Arguments& arguments, Session& session) {
  const Result<Settings> settings = load_settings(arguments, session);
  if (!settings) {
    return report(settings.error(), session);
  }
  const Status status = Body(arguments, *settings, session);
  if (!status && status.error().code != ErrorCode::kCancelled) {
    return report(status.error(), session);
  }
  return kExitSuccess;
}

std::vector<Flag> worker_flags() {
  return {flag_of("worker.pool"),
          flag_of("worker.kinds"),
          flag_of("worker.autoscale"),
          flag_of("worker.critical_slots"),
          flag_of("worker.prefetch_multiplier"),
          flag_of("worker.task_count_max"),
          flag_of("worker.memory_mb_max"),
          flag_of("worker.lease_s"),
          flag_of("worker.grace_s"),
          flag_of("engine.model", Completes::kModel),
          flag_of("engine.other_models", Completes::kModel),
          flag_of("engine.precision"),
          flag_of("engine.threads")};
}

}  // namespace

Command worker_command() {
  return {
      .name = "worker",
      .summary = "run tasks of the queue until it is stopped",
      .details =
          "Starts a process for each kind of worker, starts it anew when it ends, and gives the "
          "tasks of one that died back to the queue. As many machines as you like may do so on "
          "one PostgreSQL.\n"
          "\n"
          "The first Ctrl-C or SIGTERM lets running tasks finish for --grace seconds and gives "
          "the others back without counting an attempt; the second ends everything at once, "
          "which loses nothing either: the tasks come back when the lease has run out.",
      .flags = worker_flags(),
      .examples = {"katip worker", "katip worker --autoscale 12,4 --max-tasks 1000",
                   "DATABASE_URL=postgresql://katip:secret@db/katip katip worker --kinds engine",
                   "katip worker --pool solo --kinds general"},
      .run = &run<&supervise>};
}

Command worker_process_command() {
  std::vector<Flag> flags = worker_flags();
  flags.push_back({.name = "--worker-kind", .value_name = "KIND", .help = "engine or general"});
  flags.push_back({.name = "--worker-id", .value_name = "ID", .help = "what it registers as"});
  flags.push_back({.name = "--board", .value_name = "N", .help = "descriptor of the task board"});
  flags.push_back({.name = "--parent", .value_name = "PID", .help = "the process that started it"});
  return {.name = "worker-process",
          .summary = "one worker, started by `katip worker`",
          .flags = std::move(flags),
          .examples = {"katip worker-process --worker-kind general --worker-id ID --board 3"},
          .run = &run<&work>,
          .is_hidden = true};
}

}  // namespace katip::cli
