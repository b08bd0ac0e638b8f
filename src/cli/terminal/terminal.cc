#include "cli/terminal/terminal.h"

#include <cerrno>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace katip::cli {
namespace {

constexpr std::string_view kEraseLine = "\r\x1b[2K";

std::string_view prefix(Level level, bool has_colours) {
  switch (level) {
    case Level::kError:
      return has_colours ? "\x1b[1;31mkatip: error:\x1b[0m " : "katip: error: ";
    case Level::kWarning:
      return has_colours ? "\x1b[1;33mkatip: warning:\x1b[0m " : "katip: warning: ";
    case Level::kInfo:
      break;
  }
  return "";
}

void put(std::FILE* file, std::string_view text) { std::fwrite(text.data(), 1, text.size(), file); }

}  // namespace

Terminal::Terminal(const Environment& environment)
    : output_is_terminal_(::isatty(STDOUT_FILENO) == 1),
      error_is_terminal_(::isatty(STDERR_FILENO) == 1 &&
                         environment.get("TERM").value_or("dumb") != "dumb"),
      has_colours_(error_is_terminal_ && !environment.get("NO_COLOR")) {}

void Terminal::write(std::string_view bytes) {
  const std::scoped_lock lock(mutex_);
  if (output_error_ != 0) {
    return;
  }
  const bool shares_screen = output_is_terminal_ && !status_.empty();
  if (shares_screen) {
    erase_status();
  }
  if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) != bytes.size()) {
    output_error_ = errno;
  }
  if (shares_screen) {
    std::fflush(stdout);
    draw_status();
  }
}

void Terminal::flush() {
  const std::scoped_lock lock(mutex_);
  if (std::fflush(stdout) != 0 && output_error_ == 0) {
    output_error_ = errno;
  }
}

bool Terminal::output_failed() const {
  const std::scoped_lock lock(mutex_);
  return output_error_ != 0;
}

int Terminal::output_error() const {
  const std::scoped_lock lock(mutex_);
  return output_error_;
}

void Terminal::say(Level level, std::string_view message) {
  const std::scoped_lock lock(mutex_);
  if (level < level_) {
    return;
  }
  erase_status();
  // In one piece: the log may write to the same place, and its lines must stay whole.
  put(stderr, fmt::format("{}{}\n", prefix(level, has_colours_), printable(message)));
  draw_status();
}

void Terminal::set_level(Level level) {
  const std::scoped_lock lock(mutex_);
  level_ = level;
}

bool Terminal::shows(Level level) const {
  const std::scoped_lock lock(mutex_);
  return level >= level_;
}

void Terminal::set_status(const std::string& line) {
  const std::scoped_lock lock(mutex_);
  if (level_ > Level::kInfo) {
    return;
  }
  erase_status();
  status_ = line;
  draw_status();
}

int Terminal::width() const {
  winsize size{};
  constexpr int kUsualWidth = 80;
  const bool is_known = (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 ||
                         ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) &&
                        size.ws_col > 0;
  return is_known ? size.ws_col : kUsualWidth;
}

void Terminal::erase_status() {
  if (error_is_terminal_ && !status_.empty()) {
    put(stderr, kEraseLine);
    std::fflush(stderr);
  }
}

void Terminal::draw_status() {
  if (error_is_terminal_ && !status_.empty()) {
    put(stderr, status_);
    std::fflush(stderr);
  }
}

std::string printable(std::string_view text) {
  std::string result(text);
  for (std::size_t i = 0; i < result.size(); ++i) {
    const auto c = static_cast<unsigned char>(result[i]);
    const bool is_c1 = c == 0xc2 && i + 1 < result.size() &&
                       static_cast<unsigned char>(result[i + 1]) < 0xa0 &&
                       static_cast<unsigned char>(result[i + 1]) >= 0x80;
    if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f) {
      result[i] = '?';
    } else if (is_c1) {  // U+0080 to U+009F, of which U+009B begins a command too.
      result[i] = '?';
      result[i + 1] = '?';
    }
  }
  return result;
}

}  // namespace katip::cli
