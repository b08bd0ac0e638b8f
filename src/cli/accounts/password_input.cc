#include "cli/accounts/password_input.h"

#include <cerrno>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

/// Tested by tests/e2e/test_accounts.py, on a terminal too.
namespace katip::cli {
namespace {

constexpr std::size_t kSizeMax = 1'024;
constexpr int kPollMs = 100;

/// The terminal of the process, whatever its standard streams are, and its echo.
class SilentTerminal {
 public:
  SilentTerminal() : descriptor_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {
    if (descriptor_ < 0 || ::tcgetattr(descriptor_, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= static_cast<tcflag_t>(ECHONL);
    is_silent_ = ::tcsetattr(descriptor_, TCSAFLUSH, &silent) == 0;
  }
  ~SilentTerminal() {
    if (is_silent_) static_cast<void>(::tcsetattr(descriptor_, TCSAFLUSH, &before_));
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;

  [[nodiscard]] bool is_silent() const { return is_silent_; }

  Result<Secret> ask(std::string_view prompt, const std::stop_token& stop) const {
    if (::write(descriptor_, prompt.data(), prompt.size()) < 0) {
      return fail(ErrorCode::kUnavailable, "cannot write to the terminal");
    }
    std::string line;
    while (!stop.stop_requested()) {
      pollfd ready{.fd = descriptor_, .events = POLLIN, .revents = 0};
      if (::poll(&ready, 1, kPollMs) <= 0) continue;
      char byte = 0;
      const ssize_t count = ::read(descriptor_, &byte, 1);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0 || byte == '\n') return Secret(std::move(line));
      if (line.size() <= kSizeMax) line += byte;
    }
    return fail(ErrorCode::kCancelled, "nothing was changed");
  }

 private:
  int descriptor_;
  termios before_{};
  bool is_silent_ = false;
};

}  // namespace

Result<Secret> read_password_line() {
  std::string line;
  char byte = 0;
  for (;;) {
    const ssize_t count = ::read(STDIN_FILENO, &byte, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0 || byte == '\n') break;
    if (line.size() > kSizeMax) {
      return fail(ErrorCode::kInvalidArgument, "a password has at most 1,024 bytes");
    }
    line += byte;
  }
  if (line.ends_with('\r')) line.pop_back();
  if (line.empty()) {
    return fail(ErrorCode::kInvalidArgument, "standard input holds no password");
  }
  return Secret(std::move(line));
}

Result<Secret> ask_password(const std::string& prompt, std::stop_token stop) {
  const SilentTerminal terminal;
  if (!terminal.is_silent()) {
    return fail(ErrorCode::kInvalidArgument,
                "there is no terminal to ask for the password on; give it by --password-stdin");
  }
  Secret password = KATIP_TRY(terminal.ask(prompt + ": ", stop));
  const Secret again = KATIP_TRY(terminal.ask("the same again: ", stop));
  if (password.reveal() != again.reveal()) {
    return fail(ErrorCode::kInvalidArgument, "the two passwords differ; nothing was changed");
  }
  return password;
}

}  // namespace katip::cli
