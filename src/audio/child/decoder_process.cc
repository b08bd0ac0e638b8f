#include "audio/child/decoder_process.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "audio/child/socket_pair.h"
#include "base/event_counters.h"

// posix_spawn shares the parent's memory until exec, so that a parent with a model of gigabytes
// starts a child as fast as a small one. Every descriptor of ours is close-on-exec; the child gets
// its socket as number 3. Tested by integration/limits_test.cc and integration/sandbox_test.cc.
namespace katip::audio {
namespace {

constexpr int kChildSocket = 3;

/// Deletes what posix_spawn's two argument objects hold.
struct SpawnArguments {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
  SpawnArguments() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  SpawnArguments(const SpawnArguments&) = delete;
  SpawnArguments& operator=(const SpawnArguments&) = delete;
  ~SpawnArguments() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
};

/// The environment may hold keys and passwords; only what finding libraries and the sanitizers of
/// test builds need goes on.
std::vector<char*> child_environment() {
  static constexpr std::array<std::string_view, 5> kKept{
      "LD_LIBRARY_PATH=", "ASAN_OPTIONS=", "UBSAN_OPTIONS=", "TSAN_OPTIONS=", "LLVM_PROFILE_FILE="};
  std::vector<char*> kept;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    for (const auto name : kKept) {
      if (std::string_view(*entry).starts_with(name)) {
        kept.push_back(*entry);
      }
    }
  }
  kept.push_back(nullptr);
  return kept;
}

void describe_child(SpawnArguments& arguments, int socket) {
  auto& actions = arguments.actions;
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
#if !defined(KATIP_SANITIZED)  // what a sanitizer has to say must be seen
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
#endif
  posix_spawn_file_actions_adddup2(&actions, socket, kChildSocket);

  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&arguments.attributes, &none);
  posix_spawnattr_setsigdefault(&arguments.attributes, &all);
  // A group of its own: Ctrl-C is for the parent, which then ends the child when it is ready to.
  posix_spawnattr_setpgroup(&arguments.attributes, 0);
  posix_spawnattr_setflags(&arguments.attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
}

Error death_by_signal(int signal) {
  switch (signal) {
    case SIGSYS:
      return {ErrorCode::kCorruptData,
              "the decoder tried something that its sandbox forbids and was ended; "
              "do not trust this file"};
    case SIGXCPU:
      return {ErrorCode::kTooLarge,
              "the decoder used up its computing time; the file is damaged or made to be slow"};
    case SIGXFSZ:
      return {ErrorCode::kTooLarge, "the input needs a bigger temporary file than is allowed"};
    case SIGKILL:
      return {ErrorCode::kUnavailable,
              "the decoder was killed, by somebody or for want of memory; try again"};
    default:
      return {ErrorCode::kCorruptData,
              std::string("the decoder crashed on this file (") +
                  (sigabbrev_np(signal) ? "SIG" : "signal ") +
                  (sigabbrev_np(signal) ? sigabbrev_np(signal) : std::to_string(signal)) +
                  "); the file is damaged or hostile"};
  }
}

/// Few and fixed: they are labels of a figure.
std::string_view reason_of(int signal) {
  switch (signal) {
    case SIGSYS:
      return "forbidden_call";
    case SIGXCPU:
      return "time";
    case SIGXFSZ:
      return "file_size";
    case SIGKILL:
      return "killed";
    default:
      return "crash";
  }
}

Error describe_death(int status) {
  if (WIFSIGNALED(status)) {
    return death_by_signal(WTERMSIG(status));
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
    return {ErrorCode::kUnavailable,
            "katip-decoder could not start; run it by hand to see why (a missing library?)"};
  }
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return {ErrorCode::kInternal,
          "the decoder stopped without an answer (exit code " + std::to_string(code) + ")"};
}

}  // namespace

Result<std::filesystem::path> DecoderProcess::locate(const std::filesystem::path& program) {
  if (!program.empty()) {
    return program;
  }
  std::error_code error;
  const auto here = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  const std::array candidates{here / "katip-decoder",
                              here.parent_path() / "libexec" / "katip" / "katip-decoder"};
  for (const auto& candidate : candidates) {
    if (std::filesystem::exists(candidate, error)) {
      return candidate;
    }
  }
  return fail(ErrorCode::kUnavailable,
              "katip-decoder was not found: expected " + candidates[0].string() + " or " +
                  candidates[1].string() + "; build or install it together with katip");
}

Result<DecoderProcess> DecoderProcess::start(const std::filesystem::path& program,
                                             DecoderRole role) {
  std::filesystem::path path = KATIP_TRY(locate(program));
  SocketPair sockets =
      KATIP_TRY(make_socket_pair(role == DecoderRole::kNursery ? SOCK_SEQPACKET : SOCK_STREAM));
  SpawnArguments arguments;
  describe_child(arguments, sockets.theirs.get());
  std::string text = path.string();
  std::array<char*, 2> argv{text.data(), nullptr};
  auto environment = child_environment();
  pid_t pid = -1;
  const int error = posix_spawn(&pid, text.c_str(), &arguments.actions, &arguments.attributes,
                                argv.data(), environment.data());
  if (error != 0) {
    return fail(ErrorCode::kUnavailable, text + " cannot be started: " + std::strerror(error));
  }
  return adopt(pid, std::move(sockets.ours), std::move(path));
}

DecoderProcess DecoderProcess::adopt(pid_t pid, OwnedFd socket, std::filesystem::path program) {
  return {pid, std::move(socket), std::move(program)};
}

DecoderProcess::DecoderProcess(pid_t pid, OwnedFd socket, std::filesystem::path program)
    : pid_(pid), socket_(std::move(socket)), program_(std::move(program)) {}

DecoderProcess::DecoderProcess(DecoderProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      socket_(std::move(other.socket_)),
      program_(std::move(other.program_)) {}

DecoderProcess& DecoderProcess::operator=(DecoderProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(socket_, other.socket_);
  std::swap(program_, other.program_);
  return *this;
}

DecoderProcess::~DecoderProcess() { reap(); }

Error DecoderProcess::reap() {
  if (pid_ < 0) {
    return {ErrorCode::kInternal, "the decoder is gone"};
  }
  // A child that already died of something keeps that as its cause of death.
  int status = 0;
  pid_t result = waitpid(pid_, &status, WNOHANG);
  const bool is_ended_by_us = result == 0 && kill(pid_, SIGKILL) == 0;
  while (result == 0 || (result < 0 && errno == EINTR)) result = waitpid(pid_, &status, 0);
  if (result > 0 && WIFSIGNALED(status) && !(is_ended_by_us && WTERMSIG(status) == SIGKILL)) {
    count_event("sandbox_kills_total", reason_of(WTERMSIG(status)));
  }
  pid_ = -1;
  return result < 0 ? Error{ErrorCode::kInternal, "the decoder is gone"} : describe_death(status);
}

}  // namespace katip::audio
