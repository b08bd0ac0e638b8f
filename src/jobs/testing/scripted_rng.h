#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"

namespace katip::jobs {

/// Gives the numbers of a test, and zero behind them.
///
/// Threads: one thread.
class ScriptedRng final : public Rng {
 public:
  explicit ScriptedRng(std::vector<std::uint64_t> numbers) : numbers_(std::move(numbers)) {}
  std::uint64_t next() override { return next_ < numbers_.size() ? numbers_[next_++] : 0; }

 private:
  std::vector<std::uint64_t> numbers_;
  std::size_t next_ = 0;
};

/// Numbers that a seed decides. Source: splitmix64, Steele et al. 2014.
///
/// Threads: one thread.
class SeededRng final : public Rng {
 public:
  explicit SeededRng(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() override {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  /// From 0 to count - 1.
  int below(int count) { return static_cast<int>(next() % static_cast<std::uint64_t>(count)); }
  bool chance(int percent) { return below(100) < percent; }

 private:
  std::uint64_t state_;
};

}  // namespace katip::jobs
