#include "base/subprocess.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/clock.h"

// Tested by subprocess_test.cc.
namespace katip {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kOutputSizeMax = 64u << 10;
constexpr auto kPollInterval = 100ms;

std::vector<std::string> environment_with(const std::vector<SubprocessVariable>& variables) {
  std::vector<std::string> entries;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const bool is_replaced = std::ranges::any_of(variables, [&](const SubprocessVariable& each) {
      return text.starts_with(each.name + "=");
    });
    if (!is_replaced) {
      entries.emplace_back(text);
    }
  }
  for (const SubprocessVariable& each : variables) {
    entries.push_back(each.name + "=" + each.value);
  }
  return entries;
}

// The child leads a group of its own, so that its children end with it, and starts with every
// signal at its default: an ignored or blocked one would be inherited.
Result<pid_t> spawn(const std::vector<std::string>& arguments,
                    const std::vector<SubprocessVariable>& variables, int output) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::vector<std::string> copies = arguments;
  std::vector<char*> argv;
  for (std::string& argument : copies) {
    argv.push_back(argument.data());
  }
  argv.push_back(nullptr);
  std::vector<std::string> environment = environment_with(variables);
  std::vector<char*> envp;
  for (std::string& entry : environment) {
    envp.push_back(entry.data());
  }
  envp.push_back(nullptr);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), envp.data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    return fail(error == ENOENT ? ErrorCode::kNotFound : ErrorCode::kInternal,
                "cannot run " + arguments.front() + ": " + std::strerror(error));
  }
  return pid;
}

// Appends what is there to read; false at the end of the output.
bool drain(int descriptor, std::string& output) {
  std::array<char, 4096> buffer{};
  const ssize_t size = ::read(descriptor, buffer.data(), buffer.size());
  if (size > 0) {
    output.append(buffer.data(), static_cast<std::size_t>(size));
    if (output.size() > 2 * kOutputSizeMax) {
      output.erase(0, output.size() - kOutputSizeMax);
    }
    return true;
  }
  return size < 0 && errno == EINTR;
}

int exit_code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// A program may close its output long before it ends: the limits hold until then.
enum class End { kItself, kLate, kStopped };
struct Limits {
  std::chrono::steady_clock::time_point deadline;
  std::stop_token stop;

  [[nodiscard]] End state() const {
    if (stop.stop_requested()) {
      return End::kStopped;
    }
    return system_clock().now() >= deadline ? End::kLate : End::kItself;
  }
};

// Reads until the output ends or a limit is passed.
End read_output(int descriptor, const Limits& limits, std::string& output) {
  while (true) {
    if (const End state = limits.state(); state != End::kItself) {
      return state;
    }
    pollfd entry{.fd = descriptor, .events = POLLIN, .revents = 0};
    if (::poll(&entry, 1, static_cast<int>(kPollInterval.count())) > 0 &&
        !drain(descriptor, output)) {
      return End::kItself;
    }
  }
}

// Waits for the program; one that passes a limit is killed with its whole group.
End reap(pid_t pid, End end, const Limits& limits, int& exit_code) {
  int status = 0;
  while (end == End::kItself && ::waitpid(pid, &status, WNOHANG) == 0) {
    system_clock().sleep_for(1ms, limits.stop);
    end = limits.state();
  }
  if (end != End::kItself) {
    ::kill(-pid, SIGKILL);
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
  }
  exit_code = exit_code_of(status);
  return end;
}

}  // namespace

Result<SubprocessResult> run_subprocess(const std::vector<std::string>& arguments,
                                        std::chrono::milliseconds time_max, std::stop_token stop,
                                        const std::vector<SubprocessVariable>& variables) {
  KATIP_ASSERT(!arguments.empty());
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail(ErrorCode::kInternal, std::string("cannot make a pipe: ") + std::strerror(errno));
  }
  const Result<pid_t> pid = spawn(arguments, variables, ends[1]);
  ::close(ends[1]);
  if (!pid) {
    ::close(ends[0]);
    return std::unexpected(pid.error());
  }
  SubprocessResult result;
  const Limits limits{.deadline = system_clock().now() + time_max, .stop = stop};
  const End read_end = read_output(ends[0], limits, result.output);
  ::close(ends[0]);
  const End end = reap(*pid, read_end, limits, result.exit_code);
  if (end == End::kStopped) {
    return fail(ErrorCode::kCancelled, "stopped while running " + arguments.front());
  }
  if (end == End::kLate) {
    return fail(ErrorCode::kTimeout, arguments.front() + " took too long");
  }
  return result;
}

}  // namespace katip
