// One row at a time, in three loops. Only the middle one runs along a chain (each cell needs its
// left neighbour), and that chain is one minimum and one addition; the other two are independent
// from cell to cell, so the compiler makes vectors of them. Tested by dtw_test.cc.
#include "engine/align/dtw.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "base/assert.h"

namespace katip::engine {
namespace {

// Where the cheapest way to a cell comes from.
constexpr std::uint8_t kDiagonal = 0;
constexpr std::uint8_t kAbove = 1;
constexpr std::uint8_t kLeft = 2;

/// The sums of one row from those of the row above, both with a cell for "before the first column"
/// in front. `cheaper` is room for the cheaper one of above and diagonal.
void add_row(std::span<const float> cost, std::span<const float> above, std::span<float> sums,
             std::span<float> cheaper, std::span<std::uint8_t> steps) {
  const std::size_t count = cost.size();
  for (std::size_t j = 0; j < count; ++j) {
    cheaper[j] = above[j] <= above[j + 1] ? above[j] : above[j + 1];
  }
  float left = std::numeric_limits<float>::infinity();
  sums[0] = left;
  for (std::size_t j = 0; j < count; ++j) {
    left = cost[j] + (left <= cheaper[j] ? left : cheaper[j]);
    sums[j + 1] = left;
  }
  for (std::size_t j = 0; j < count; ++j) {
    const std::uint8_t from_above = above[j] <= above[j + 1] ? kDiagonal : kAbove;
    steps[j] = sums[j] <= cheaper[j] ? kLeft : from_above;
  }
}

DtwPath trace_back(std::span<const std::uint8_t> steps, std::size_t row_count,
                   std::size_t column_count) {
  DtwPath path;
  path.rows.reserve(row_count + column_count);
  path.columns.reserve(row_count + column_count);
  std::size_t row = row_count - 1;
  std::size_t column = column_count - 1;
  while (true) {
    path.rows.push_back(static_cast<int>(row));
    path.columns.push_back(static_cast<int>(column));
    if (row == 0 && column == 0) break;
    std::uint8_t step = steps[row * column_count + column];
    // At the edges there is one way only, whatever the sums were.
    if (row == 0) step = kLeft;
    if (column == 0) step = kAbove;
    if (step != kLeft) --row;
    if (step != kAbove) --column;
  }
  std::ranges::reverse(path.rows);
  std::ranges::reverse(path.columns);
  return path;
}

}  // namespace

DtwPath dtw(std::span<const float> cost, std::size_t row_count, std::size_t column_count) {
  KATIP_ASSERT(cost.size() == row_count * column_count);
  if (cost.empty()) return {};
  std::vector<float> above(column_count + 1, std::numeric_limits<float>::infinity());
  std::vector<float> sums(column_count + 1);
  std::vector<float> cheaper(column_count);
  std::vector<std::uint8_t> steps(cost.size());
  above[0] = 0.0f;  // the way in
  for (std::size_t row = 0; row < row_count; ++row) {
    const std::size_t begin = row * column_count;
    add_row(cost.subspan(begin, column_count), above, sums, cheaper,
            std::span(steps).subspan(begin, column_count));
    std::swap(above, sums);
  }
  return trace_back(steps, row_count, column_count);
}

}  // namespace katip::engine
