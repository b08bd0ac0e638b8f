#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace katip::app {

/// How long requests took, as numbers in buckets each of which ends 15 % later than the one before:
/// enough to tell a percentile to a tenth, and servers and minutes add up without loss.
///
/// Threads: a value type.
class LatencyCounts {
 public:
  void add(std::chrono::microseconds duration);
  void add(const LatencyCounts& others);

  [[nodiscard]] std::int64_t count() const;
  /// Nothing when there are none. Units: part in [0, 1]; milliseconds.
  [[nodiscard]] std::optional<double> percentile_ms(double part) const;

  /// "[0,0,12,3]": a JSON array, without the zeros at its end.
  [[nodiscard]] std::string to_json() const;
  /// What is no such array counts as none: a figure of a plot is not worth an error.
  static LatencyCounts from_json(std::string_view json);

 private:
  static constexpr std::size_t kBucketCount = 104;
  std::array<std::int64_t, kBucketCount> counts_{};
};

}  // namespace katip::app
