#include "jobs/supervisor.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jobs/task_board.h"

extern char** environ;

/// Tested by tests/faults, which kills its children.
namespace katip::jobs {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr milliseconds kLookInterval{50};
constexpr milliseconds kUsefulLifetime{1'000};
constexpr int kBoardDescriptor = 3;  // In the child.
/// EX_TEMPFAIL: a worker that could not go on and said so, as when its lease was lost.
constexpr int kExitTryAgain = 75;

std::string spell_status(int status) {
  if (WIFSIGNALED(status)) {
    return fmt::format("signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)));
  }
  return fmt::format("exit {}", WEXITSTATUS(status));
}

/// Spawns with the board as descriptor 3; everything else of ours closes by itself.
Result<pid_t> spawn(const std::vector<std::string>& arguments, int board) {
  std::vector<std::string> texts = arguments;
  std::vector<char*> pointers;
  std::ranges::transform(texts, std::back_inserter(pointers),
                         [](std::string& text) { return text.data(); });
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, board, kBoardDescriptor);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  // A group of its own: Ctrl-C is for the parent, which passes it on in its own way.
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  pid_t pid = -1;
  const int error =
      posix_spawnp(&pid, pointers[0], &actions, &attributes, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("cannot start {}: {}", arguments[0], std::strerror(error)));
  }
  return pid;
}

}  // namespace

struct Supervisor::Child {
  const Crew* crew;
  TaskBoard board;
  std::string worker_id = {};
  pid_t pid = -1;  ///< -1: does not run.
  int early_deaths = 0;
  steady_clock::time_point since = {};     ///< When it was started.
  steady_clock::time_point start_at = {};  ///< When it may be started again.
};

Supervisor::Supervisor(Queue& queue, std::vector<Crew> crews, SupervisorOptions options,
                       SupervisorObserver observer)
    : queue_(queue), crews_(std::move(crews)), options_(options), observer_(std::move(observer)) {}

Supervisor::~Supervisor() = default;

bool Supervisor::has_children() const {
  return std::ranges::any_of(children_, [](const auto& child) { return child->pid > 0; });
}

Status Supervisor::start(Child& child) {
  child.board.clear();
  child.worker_id = queue_.new_id();
  std::vector<std::string> arguments = child.crew->arguments;
  for (const std::string& extra :
       {std::string("--worker-id"), child.worker_id, std::string("--board"),
        std::to_string(kBoardDescriptor), std::string("--parent"), std::to_string(getpid())}) {
    arguments.push_back(extra);
  }
  child.pid = KATIP_TRY(spawn(arguments, child.board.descriptor()));
  child.since = queue_.clock().now();
  observer_.on_start(*child.crew, child.pid, child.worker_id);
  return {};
}

Status Supervisor::run(std::stop_token stop) {
  for (const Crew& crew : crews_) {
    for (int i = 0; i < crew.process_count; ++i) {
      children_.push_back(
          std::make_unique<Child>(Child{.crew = &crew, .board = KATIP_TRY(TaskBoard::create())}));
    }
  }
  Status status;
  for (const auto& child : children_) {
    status = start(*child);
    if (!status) break;
  }
  while (status && queue_.clock().sleep_for(kLookInterval, stop)) {
    if (!deaths_.empty()) report_deaths();
    for (const auto& child : children_) {
      look_after(*child);
    }
  }
  stop_all();
  return status;
}

void Supervisor::look_after(Child& child) {
  if (child.pid < 0) {
    if (queue_.clock().now() >= child.start_at) {
      if (const Status status = start(child); !status) {
        observer_.on_problem("start a worker", status.error());
        child.start_at = queue_.clock().now() + options_.restart_max;
      }
    }
    return;
  }
  int status = 0;
  if (waitpid(child.pid, &status, WNOHANG) == child.pid) {
    bury(child, status);
  }
}

/// What a worker did not sign off itself is signed off here; then its tasks are nobody's.
void Supervisor::bury(Child& child, int status) {
  const std::string how = spell_status(status);
  const auto lifetime = queue_.clock().now() - child.since;
  const bool is_clean = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  const bool is_orderly = is_clean || (WIFEXITED(status) && WEXITSTATUS(status) == kExitTryAgain);
  // One that ends at once has done nothing, however cleanly.
  const bool was_early = lifetime < (is_clean ? kUsefulLifetime : options_.healthy_after);
  child.early_deaths = was_early ? child.early_deaths + 1 : 0;
  milliseconds pause{0};
  if (child.early_deaths > 0) {
    pause = std::min(options_.restart_max,
                     options_.restart_first * (1 << std::min(child.early_deaths - 1, 16)));
  }
  child.start_at = queue_.clock().now() + pause;

  const Death death{.worker_id = child.worker_id,
                    .started = child.board.started(),
                    .is_orderly = is_orderly,
                    .how = how};
  const auto saved = queue_.rescue(death, {});
  if (!saved) {
    // The database is away. What is known of this death is worth keeping: a caretaker, who does not
    // know it, would suspect every task that the worker had.
    observer_.on_problem("bring home the tasks of a worker", saved.error());
    deaths_.push_back(death);
  }
  observer_.on_end(*child.crew, child.pid, how, saved.value_or(RescueCounts{}));
  child.pid = -1;
}

void Supervisor::report_deaths() {
  std::erase_if(deaths_, [&](const Death& death) { return queue_.rescue(death, {}).has_value(); });
}

void Supervisor::stop_all() {
  for (const auto& child : children_) {
    if (child->pid > 0) kill(child->pid, SIGTERM);
  }
  const auto deadline = queue_.clock().now() + options_.stop_max;
  bool is_killed = false;
  while (has_children()) {
    for (const auto& child : children_) {
      int status = 0;
      if (child->pid > 0 && waitpid(child->pid, &status, WNOHANG) == child->pid) {
        bury(*child, status);
      }
    }
    if (!is_killed && queue_.clock().now() >= deadline) {
      is_killed = true;
      for (const auto& child : children_) {
        if (child->pid > 0) kill(child->pid, SIGKILL);
      }
    }
    queue_.clock().sleep_for(kLookInterval, {});
  }
}

Status follow_parent(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  // It may have gone before this was asked for. In a container the parent may be process 1 itself.
  if (getppid() != parent) {
    return fail(ErrorCode::kUnavailable, "the parent of this worker has ended");
  }
  return {};
}

}  // namespace katip::jobs
