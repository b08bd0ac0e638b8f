#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "cli/terminal/terminal.h"

namespace katip::cli {

/// How far all the work is, as the line at the bottom tells it.
struct ProgressState {
  std::string label;                     ///< "talk.mp4" or "3 of 12 files".
  std::int64_t done_ms = 0;              ///< Of the audio.
  std::optional<std::int64_t> total_ms;  ///< Nothing where nobody knows.
  bool total_is_estimate = false;        ///< Some files have not said how long they are.
  double elapsed_s = 0;                  ///< Since the first sample.
};

/// "talk.mp4  ━━━━━━━━──────  42 %  5:01 / 12:00  86x  0:05 left", as wide as fits.
///
/// Threads: pure.
std::string render_progress(const ProgressState& state, int width);

/// Adds up the progress of several files and draws it, at most ten times a second.
///
/// Threads: thread-safe.
class ProgressView {
 public:
  /// `file_count`: how many there will be. Lifetime: terminal and clock outlive this.
  ProgressView(Terminal& terminal, const Clock& clock, int file_count);

  void begin(int file, std::string name);
  void update(int file, std::int64_t done_ms, std::optional<std::int64_t> total_ms);
  void end(int file);
  /// Draws no more.
  void close();

 private:
  struct File {
    std::string name;
    std::int64_t done_ms = 0;
    std::optional<std::int64_t> total_ms;
    bool is_done = false;
  };
  [[nodiscard]] ProgressState state() const;
  void draw();

  Terminal& terminal_;
  const Clock& clock_;
  const int file_count_;
  std::mutex mutex_;
  // Below: under the lock.
  std::map<int, File> files_;
  std::optional<std::chrono::steady_clock::time_point> start_;
  std::optional<std::chrono::steady_clock::time_point> drawn_;
  bool is_closed_ = false;
};

}  // namespace katip::cli
