#include "queue/crew.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "jobs/caretaker.h"
#include "jobs/worker.h"
#include "store/pool.h"

extern char** environ;

namespace katip::bench {
namespace {

using namespace std::chrono_literals;

constexpr const char* kRole = "--as-worker";

Board* map_board(int file) {
  void* const memory = mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (memory == MAP_FAILED) give_up("no memory to share");
  return static_cast<Board*>(memory);  // A new file is all zeros, which is what it begins with.
}

void note_latency(Board& board) {
  // A claim may come between the commit and the line that notes its time: no wait then.
  const std::chrono::nanoseconds committed(board.committed_ns.exchange(0));
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  const double ms = committed.count() == 0
                        ? 0.0
                        : std::chrono::duration<double, std::milli>(now - committed).count();
  const auto index = static_cast<std::size_t>(board.latency_count.load());
  if (index >= board.latencies_ms.size()) return;
  board.latencies_ms[index] = ms;
  ++board.latency_count;
}

jobs::Handlers handlers_for(Board& board) {
  jobs::Handlers handlers;
  handlers["bench.empty"] = {
      .run = [](jobs::TaskContext&) -> Result<jobs::TaskResult> { return jobs::TaskResult{}; },
      .is_short = true};
  handlers["bench.timed"] = {.run = [&board](jobs::TaskContext&) -> Result<jobs::TaskResult> {
                               note_latency(board);
                               return jobs::TaskResult{};
                             },
                             .is_short = true};
  return handlers;
}

/// Workers of at most 16 slots, each with its own registration, lease and connections.
std::vector<std::jthread> start_workers(jobs::Queue& queue, Board& board, int slot_count) {
  std::vector<std::jthread> threads;
  const int worker_count = std::max(1, slot_count / 16);
  for (int i = 0; i < worker_count; ++i) {
    threads.emplace_back([=, &queue, &board](const std::stop_token& stop) {
      jobs::WorkerObserver observer;
      observer.on_ended = [&board](const auto&, auto, bool is_ours) {
        board.completed_count += is_ours ? 1 : 0;
      };
      observer.on_problem = [](const char* what, const Error& error) {
        fmt::print(stderr, "queue: {}: {}\n", what, error.message);
      };
      jobs::WorkerOptions options;
      options.slots = {.slot_count_max = slot_count / worker_count,
                       .slot_count_min = slot_count / worker_count};
      options.prefetch_multiplier = 32;
      const jobs::Handlers handlers = handlers_for(board);
      must(jobs::Worker(queue, handlers, options, observer).run(stop));
    });
  }
  return threads;
}

}  // namespace

void give_up(const std::string& message) {
  fmt::print(stderr, "queue: {}\n", message);
  std::exit(1);
}

void must(const Status& status) {
  if (!status) give_up(status.error().message);
}

Crew::Crew(jobs::Queue& queue, const Options& options)
    : board_file_(memfd_create("board", 0)) {  // Open in the processes that are started, too.
  if (board_file_ < 0 || ftruncate(board_file_, sizeof(Board)) != 0) {
    give_up("no memory to share");
  }
  board_ = map_board(board_file_);
  for (int i = 0; i < options.process_count; ++i) {
    start_process(options, std::max(1, options.slot_count / options.process_count));
  }
  if (options.process_count == 0) threads_ = start_workers(queue, *board_, options.slot_count);
  threads_.emplace_back([&queue](const std::stop_token& stop) {  // As every server has one.
    jobs::CaretakerObserver care;
    care.on_problem = [](const char* what, const Error& error) {
      fmt::print(stderr, "queue: {}: {}\n", what, error.message);
    };
    jobs::Caretaker(queue, system_rng(), {}, care).run(stop);
  });
}

Crew::~Crew() {
  for (const pid_t pid : processes_) kill(pid, SIGTERM);
  for (const pid_t pid : processes_) waitpid(pid, nullptr, 0);
  threads_.clear();
  munmap(board_, sizeof(Board));
  close(board_file_);
}

void Crew::start_process(const Options& options, int slot_count) {
  std::vector<std::string> arguments = {"/proc/self/exe", kRole, options.url,
                                        std::to_string(slot_count), std::to_string(board_file_)};
  std::vector<char*> pointers;
  for (std::string& text : arguments) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  pid_t pid = -1;
  if (posix_spawn(&pid, "/proc/self/exe", nullptr, nullptr, pointers.data(), environ) != 0) {
    give_up("cannot start a process");
  }
  processes_.push_back(pid);
}

std::optional<int> run_as_worker(const std::vector<std::string>& arguments) {
  if (arguments.size() != 4 || arguments[0] != kRole) return std::nullopt;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  Board* const board = map_board(std::stoi(arguments[3]));
  const auto pool = must(store::Pool::create(must(store::DatabaseUrl::parse(arguments[1])), {},
                                             {.connection_count_max = 20, .acquire_timeout = 30s}));
  jobs::Queue queue(*pool, system_clock(), system_rng(), {});
  std::vector<std::jthread> threads = start_workers(queue, *board, std::stoi(arguments[2]));
  int number = 0;
  sigwait(&signals, &number);
  threads.clear();
  return 0;
}

}  // namespace katip::bench
