#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace katip::engine {

/// A path through a matrix from its first cell to its last. Every row and every column is on it.
struct DtwPath {
  std::vector<int> rows;
  std::vector<int> columns;
};

/// The path with the smallest sum of costs; a step goes one row down, one column on, or both.
/// Dynamic time warping.
///
/// Shapes:  cost [row_count, column_count], row-major. No rows or no columns: an empty path.
/// Units:   any. NaN gives some path, not the cheapest.
/// Threads: pure; safe from any thread.
/// Source:  whisper/timing.py `dtw_cpu`; golden values in tests/golden/align/.
DtwPath dtw(std::span<const float> cost, std::size_t row_count, std::size_t column_count);

}  // namespace katip::engine
