#pragma once

#include <cstdio>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/config/environment.h"

namespace katip::cli {

enum class Level { kInfo, kWarning, kError };

/// Standard output for results, standard error for messages, and on a terminal one line at the
/// bottom that tells how things stand.
///
/// Threads: thread-safe. The lock is held while a line is written, so that lines stay whole.
class Terminal {
 public:
  explicit Terminal(const Environment& environment);

  /// Results, as they are. Where the bytes cannot be written (a pipe that nobody reads any more, a
  /// full disk) all later calls do nothing, and output_failed() says so.
  void write(std::string_view bytes);
  void flush();
  [[nodiscard]] bool output_failed() const;
  /// The errno of that failure; 0 when there was none.
  [[nodiscard]] int output_error() const;

  /// A message with its full stop left out: "cannot open x". Control characters are made visible.
  void say(Level level, std::string_view message);
  void set_level(Level level);
  [[nodiscard]] bool shows(Level level) const;

  /// The line at the bottom; an empty one takes it away. Nothing happens where there is no
  /// terminal.
  void set_status(const std::string& line);

  [[nodiscard]] bool has_status() const { return error_is_terminal_; }
  [[nodiscard]] bool output_is_terminal() const { return output_is_terminal_; }
  [[nodiscard]] bool has_colours() const { return has_colours_; }
  [[nodiscard]] int width() const;

 private:
  void erase_status();
  void draw_status();

  const bool output_is_terminal_;
  const bool error_is_terminal_;
  const bool has_colours_;
  mutable std::mutex mutex_;
  // Below: under the lock.
  Level level_ = Level::kInfo;
  std::string status_;
  int output_error_ = 0;
};

/// Text for a terminal: every control character (which could move the cursor, or hide what follows)
/// as `?`, but line feeds and tabs.
std::string printable(std::string_view text);

}  // namespace katip::cli
