#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace katip::engine {

inline constexpr std::int64_t kSamplesPerMs = 16;  ///< At 16 kHz.

/// A run of samples of the file that a window took over as it is.
struct TimePiece {
  std::int64_t window_start = 0;  ///< In samples, as everything here.
  std::int64_t file_start = 0;
  std::int64_t sample_count = 0;
};

/// Which side of a cut a time belongs to: words start after it and end before it.
enum class Edge { kStart, kEnd };

/// Where the samples of a window came from: window time -> file time, exact at any length.
///
/// Pieces follow each other without a gap in the window, and in order, with gaps, in the file.
/// Threads: immutable once filled.
class TimeMap {
 public:
  /// Appends a piece; one that continues the last in the file as well is made one with it.
  void append(std::int64_t file_start, std::int64_t sample_count);

  [[nodiscard]] std::span<const TimePiece> pieces() const { return pieces_; }
  [[nodiscard]] std::int64_t sample_count() const;

  /// Times before the window or beyond it (a decoder may name such) become its start or its end.
  [[nodiscard]] std::int64_t to_file_sample(std::int64_t window_sample, Edge edge) const;
  [[nodiscard]] std::int64_t to_file_ms(std::int64_t window_ms, Edge edge) const {
    return to_file_sample(window_ms * kSamplesPerMs, edge) / kSamplesPerMs;
  }
  /// The inverse; nothing for a sample that the window does not hold.
  [[nodiscard]] std::optional<std::int64_t> to_window_sample(std::int64_t file_sample) const;

 private:
  std::vector<TimePiece> pieces_;
};

}  // namespace katip::engine
