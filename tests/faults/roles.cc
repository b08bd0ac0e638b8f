#include <algorithm>
#include <cstdlib>
#include <map>
#include <thread>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>

#include "faults/drill.h"
#include "jobs/caretaker.h"
#include "jobs/supervisor.h"
#include "jobs/task_board.h"
#include "jobs/worker.h"

/// What the processes of a drill do: the code of `katip worker`, with handlers that misbehave.
namespace katip::drill {
namespace {

using namespace std::chrono_literals;
using Flags = std::map<std::string, std::string>;

std::stop_source stop_of_process;

Flags parse(const std::vector<std::string>& arguments) {
  Flags flags;
  for (std::size_t i = 1; i + 1 < arguments.size(); i += 2) flags[arguments[i]] = arguments[i + 1];
  return flags;
}

/// SIGTERM as a stop, by a thread that waits for it; all others have it blocked.
std::jthread stop_on_signal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return std::jthread([signals] {
    int number = 0;
    sigwait(&signals, &number);
    stop_of_process.request_stop();
  });
}

Status note_effect(store::Connection& sql, const std::string& task_id) {
  KATIP_TRY(sql.query("insert into drill_effects (task_id) values ($1)", {task_id}));
  return {};
}

int number_in(const jobs::TaskContext& context, const char* name) {
  const auto args = boost::json::parse(context.task.args).as_object();
  return args.contains(name) ? static_cast<int>(args.at(name).as_int64()) : 0;
}

jobs::TaskResult with_effect(const jobs::TaskContext& context) {
  const std::string id = context.task.key.id;
  return {.effect = [id](store::Connection& sql) { return note_effect(sql, id); }};
}

jobs::Handlers misbehaving_handlers() {
  jobs::Handlers handlers;
  handlers["drill.effect"] = {
      .run = [](jobs::TaskContext& context) -> Result<jobs::TaskResult> {
        system_clock().sleep_for(std::chrono::milliseconds(number_in(context, "ms")), context.stop);
        return with_effect(context);
      },
      .is_short = true};
  // Somebody else's server is away, and comes back.
  handlers["drill.outage"] = {.run = [](jobs::TaskContext& context) -> Result<jobs::TaskResult> {
                                if (context.task.attempt <= number_in(context, "failures")) {
                                  return fail(ErrorCode::kUnavailable, "the provider is away");
                                }
                                return with_effect(context);
                              },
                              .is_short = true};
  handlers["drill.poison"] = {
      .run = [](jobs::TaskContext&) -> Result<jobs::TaskResult> { std::abort(); }};
  handlers["drill.poison_effect"] = {.run = [](jobs::TaskContext&) -> Result<jobs::TaskResult> {
    return jobs::TaskResult{.effect = [](store::Connection&) -> Status { std::abort(); }};
  }};
  handlers["drill.leak"] = {.run = [](jobs::TaskContext&) -> Result<jobs::TaskResult> {
                              static Guarded<std::vector<std::string>> leak;
                              leak.with_lock([](auto& all) { all.emplace_back(1'000'000, 'x'); });
                              return jobs::TaskResult{};
                            },
                            .is_short = true};
  // A library that hangs, and knows nothing of stops.
  handlers["drill.deaf"] = {.run = [](jobs::TaskContext& context) -> Result<jobs::TaskResult> {
    if (context.task.attempt == 1) system_clock().sleep_for(600s, {});
    return with_effect(context);
  }};
  return handlers;
}

struct Opened {
  std::unique_ptr<store::Pool> pool;
  std::unique_ptr<jobs::Queue> queue;
};

Opened open(const Flags& flags) {
  Opened opened;
  opened.pool = insist(store::Pool::create(insist(store::DatabaseUrl::parse(flags.at("--url"))), {},
                                           {.connection_count_max = 12}));
  jobs::QueueOptions options;
  const auto duration = [&](const char* flag) {
    return std::chrono::milliseconds(std::stoi(flags.at(flag)));
  };
  options.retry = {.backoff_first = duration("--backoff-first"),
                   .backoff_max = duration("--backoff-max")};
  options.fair_share.ageing = duration("--ageing");
  opened.queue = std::make_unique<jobs::Queue>(*opened.pool, system_clock(), system_rng(), options);
  return opened;
}

int run_server(const std::vector<std::string>& arguments) {
  const Flags flags = parse(arguments);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const std::jthread signals = stop_on_signal();
  const Opened opened = open(flags);
  jobs::Crew crew{.worker_kind = "general",
                  .arguments = {"/proc/self/exe", "worker"},
                  .process_count = std::stoi(flags.at("--processes"))};
  crew.arguments.insert(crew.arguments.end(), arguments.begin() + 1, arguments.end());
  std::jthread caretaker([&](const std::stop_token& stop) {
    jobs::Caretaker(*opened.queue, system_rng(), {.look_interval = 50ms}, {}).run(stop);
  });
  insist(jobs::Supervisor(*opened.queue, {crew}, {.restart_first = 20ms, .restart_max = 200ms}, {})
             .run(stop_of_process.get_token()));
  kill(getpid(), SIGTERM);  // Ends the thread that waits for it.
  return 0;
}

int run_worker(const std::vector<std::string>& arguments) {
  const Flags flags = parse(arguments);
  const std::jthread signals = stop_on_signal();
  insist(jobs::follow_parent(std::stoi(flags.at("--parent"))));
  jobs::TaskBoard board = insist(jobs::TaskBoard::open(std::stoi(flags.at("--board"))));
  const Opened opened = open(flags);
  jobs::WorkerOptions options;
  options.id = flags.at("--worker-id");
  options.board = &board;
  options.slots = {.slot_count_max = std::stoi(flags.at("--slots")),
                   .slot_count_min = std::stoi(flags.at("--slots"))};
  options.critical_slot_count = std::stoi(flags.at("--critical-slots"));
  options.lease = std::chrono::milliseconds(std::stoi(flags.at("--lease")));
  options.renew_interval = options.lease / 3;
  options.cancel_interval = 50ms;
  options.task_count_max = std::stoi(flags.at("--tasks"));
  options.hard_stop_after = std::chrono::milliseconds(std::stoi(flags.at("--hard-stop")));
  options.grace = std::chrono::milliseconds(std::stoi(flags.at("--grace")));
  options.abandon_after = std::min(options.abandon_after, options.grace);
  options.on_stuck = [] { std::_Exit(1); };  // As `katip worker` does.
  options.memory_bytes_max = std::stoll(flags.at("--memory")) * 1'000'000;
  const jobs::Handlers handlers = misbehaving_handlers();
  const auto end =
      jobs::Worker(*opened.queue, handlers, options, {}).run(stop_of_process.get_token());
  const bool is_good =
      end && *end != jobs::WorkerEnd::kLeaseLost && *end != jobs::WorkerEnd::kFailed;
  std::_Exit(is_good ? 0 : 75);  // The thread that waits for a signal has nothing to tidy up.
}

}  // namespace

int run_role(const std::vector<std::string>& arguments) {
  return arguments.at(0) == "server" ? run_server(arguments) : run_worker(arguments);
}

}  // namespace katip::drill
