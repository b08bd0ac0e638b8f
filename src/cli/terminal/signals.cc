#include "cli/terminal/signals.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <string_view>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/assert.h"
#include "cli/exit_code.h"

// The handler may do next to nothing: it counts, and wakes a thread through a pipe, which asks for
// the stop (a stop callback may take locks, which a handler must not).
namespace katip::cli {
namespace {

std::array<int, 2> g_pipe = {-1, -1};
std::atomic<int> g_signal_count = 0;
std::atomic<int> g_uninterruptible_count = 0;
static_assert(std::atomic<int>::is_always_lock_free, "the handler uses them");

constexpr char kSignal = 's';
constexpr char kQuit = 'q';

extern "C" void on_signal(int) {
  const int error_number = errno;
  if (g_signal_count.fetch_add(1) > 0 || g_uninterruptible_count.load() > 0) {
    constexpr std::string_view kEraseLine = "\r\x1b[2K";
    if (::isatty(STDERR_FILENO) == 1) {
      static_cast<void>(!::write(STDERR_FILENO, kEraseLine.data(), kEraseLine.size()));
    }
    ::_exit(kExitCancelled);
  }
  static_cast<void>(!::write(g_pipe[1], &kSignal, 1));
  errno = error_number;
}

void install(int signal_number, void (*handler)(int)) {
  struct sigaction action{};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(signal_number, &action, nullptr);
}

}  // namespace

SignalStop::SignalStop() {
  KATIP_ASSERT(g_pipe[0] < 0 && ::pipe2(g_pipe.data(), O_CLOEXEC) == 0);
  install(SIGINT, &on_signal);
  install(SIGTERM, &on_signal);
  install(SIGHUP, &on_signal);
  install(SIGPIPE, SIG_IGN);  // A reader that goes away is an error of a write, not a death.
  watcher_ = std::jthread([this] { watch(); });
}

SignalStop::~SignalStop() {
  install(SIGINT, SIG_DFL);
  install(SIGTERM, SIG_DFL);
  install(SIGHUP, SIG_DFL);
  static_cast<void>(!::write(g_pipe[1], &kQuit, 1));
  watcher_.join();
  ::close(g_pipe[0]);
  ::close(g_pipe[1]);
  g_pipe = {-1, -1};
}

void SignalStop::watch() {
  char what = 0;
  while (true) {
    const ssize_t size = ::read(g_pipe[0], &what, 1);
    if (size < 0 && errno == EINTR) {
      continue;
    }
    if (size != 1 || what == kQuit) {
      return;
    }
    source_.request_stop();
  }
}

SignalStop::Uninterruptible::Uninterruptible() { g_uninterruptible_count.fetch_add(1); }
SignalStop::Uninterruptible::~Uninterruptible() { g_uninterruptible_count.fetch_sub(1); }

}  // namespace katip::cli
