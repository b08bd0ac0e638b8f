// Head by head: mean and deviation of each frame over the rows, then row by row the normalised
// weights, their running median, and their share of the average. Every inner loop runs along the
// frames, without branches. Tested by alignment_matrix_test.cc.
#include "engine/align/alignment_matrix.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/assert.h"

namespace katip::engine {
namespace {

constexpr std::size_t kMedianWidth = 7;
constexpr std::size_t kLanes = 16;
constexpr std::size_t kMedianReach = kMedianWidth / 2;
/// A deviation below this part of the mean is what sums of floats leave of equal weights.
constexpr float kRounding = 1e-6f;

/// Exchanges that bring the median of seven values to place 3.
/// Source: N. Devillard, "Fast median search", 1998; the test tries all orders.
constexpr std::array<std::pair<std::size_t, std::size_t>, 13> kMedianExchanges = {{{0, 5},
                                                                                   {0, 3},
                                                                                   {1, 6},
                                                                                   {2, 4},
                                                                                   {0, 1},
                                                                                   {3, 5},
                                                                                   {2, 6},
                                                                                   {2, 3},
                                                                                   {3, 6},
                                                                                   {4, 5},
                                                                                   {1, 4},
                                                                                   {1, 3},
                                                                                   {3, 4}}};

std::size_t row_offset(const AlignmentWeights& weights, std::size_t head, std::size_t row) {
  const std::size_t index = weights.order == AlignmentWeights::Order::kHeadRowFrame
                                ? head * weights.row_count + row
                                : row * weights.head_count + head;
  return index * weights.frame_count;
}

/// The weights of one row without what is no number.
void copy_finite(std::span<const float> from, std::span<float> to) {
  for (std::size_t i = 0; i < from.size(); ++i) {
    to[i] = std::isfinite(from[i]) ? from[i] : 0.0f;
  }
}

struct FrameScale {
  std::vector<float> mean;
  std::vector<float> factor;  ///< One by the deviation; 0 where all rows are equal.
};

FrameScale measure_frames(std::span<const float> rows, std::size_t row_count,
                          std::size_t frame_count) {
  FrameScale scale{std::vector<float>(frame_count), std::vector<float>(frame_count)};
  for (std::size_t row = 0; row < row_count; ++row) {
    const auto x = rows.subspan(row * frame_count, frame_count);
    for (std::size_t i = 0; i < frame_count; ++i) scale.mean[i] += x[i];
  }
  const float share = 1.0f / static_cast<float>(row_count);
  for (float& mean : scale.mean) mean *= share;
  for (std::size_t row = 0; row < row_count; ++row) {
    const auto x = rows.subspan(row * frame_count, frame_count);
    for (std::size_t i = 0; i < frame_count; ++i) {
      const float distance = x[i] - scale.mean[i];
      scale.factor[i] += distance * distance;
    }
  }
  for (std::size_t i = 0; i < frame_count; ++i) {
    const float deviation = std::sqrt(scale.factor[i] * share);
    const bool is_rounding = !(deviation > kRounding * std::abs(scale.mean[i]));
    scale.factor[i] = is_rounding ? 0.0f : 1.0f / deviation;
  }
  return scale;
}

/// Fills the margins of `padded` with the mirror image of its inside, the edge not repeated.
void mirror_margins(std::span<float> padded, std::size_t count) {
  for (std::size_t i = 1; i <= kMedianReach; ++i) {
    padded[kMedianReach - i] = padded[kMedianReach + i];
    padded[kMedianReach + count - 1 + i] = padded[kMedianReach + count - 1 - i];
  }
}

/// The medians of seven values that begin at each of kLanes neighbouring places. Every step works
/// on all lanes at once, which is what makes the compiler use vectors.
void median_lanes(const float* x, float* medians) {
  std::array<std::array<float, kLanes>, kMedianWidth> sorted;
  for (std::size_t k = 0; k < kMedianWidth; ++k) std::copy_n(x + k, kLanes, sorted[k].begin());
  for (const auto& [a, b] : kMedianExchanges) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const float left = sorted[a][lane];
      const float right = sorted[b][lane];
      sorted[a][lane] = left < right ? left : right;
      sorted[b][lane] = left < right ? right : left;
    }
  }
  std::ranges::copy(sorted[kMedianReach], medians);
}

/// Adds the running median of `padded`, times `share`, to `sum`. `padded` has kLanes to spare.
void add_median(std::span<const float> padded, float share, std::span<float> sum) {
  std::array<float, kLanes> medians;
  for (std::size_t begin = 0; begin < sum.size(); begin += kLanes) {
    median_lanes(padded.data() + begin, medians.data());
    const std::size_t count = std::min(kLanes, sum.size() - begin);
    for (std::size_t lane = 0; lane < count; ++lane) sum[begin + lane] += share * medians[lane];
  }
}

void add_head(std::span<const float> rows, const AlignmentWeights& weights,
              std::span<float> matrix) {
  const std::size_t count = weights.frame_count;
  const float share = 1.0f / static_cast<float>(weights.head_count);
  const FrameScale scale = measure_frames(rows, weights.row_count, count);
  std::vector<float> padded(count + 2 * kMedianReach + kLanes);
  for (std::size_t row = 0; row < weights.row_count; ++row) {
    const auto x = rows.subspan(row * count, count);
    const auto sum = matrix.subspan(row * count, count);
    for (std::size_t i = 0; i < count; ++i) {
      padded[kMedianReach + i] = (x[i] - scale.mean[i]) * scale.factor[i];
    }
    if (count > kMedianReach) {
      mirror_margins(padded, count);
      add_median(padded, share, sum);
    } else {  // too short to be mirrored: the reference leaves it as it is
      for (std::size_t i = 0; i < count; ++i) sum[i] += share * padded[kMedianReach + i];
    }
  }
}

}  // namespace

std::vector<float> alignment_matrix(const AlignmentWeights& weights) {
  KATIP_ASSERT(weights.data.size() == weights.head_count * weights.row_count * weights.frame_count);
  const std::size_t size = weights.row_count * weights.frame_count;
  std::vector<float> matrix(size);
  if (weights.data.empty()) return matrix;
  std::vector<float> rows(size);
  for (std::size_t head = 0; head < weights.head_count; ++head) {
    for (std::size_t row = 0; row < weights.row_count; ++row) {
      copy_finite(weights.data.subspan(row_offset(weights, head, row), weights.frame_count),
                  std::span(rows).subspan(row * weights.frame_count, weights.frame_count));
    }
    add_head(rows, weights, matrix);
  }
  return matrix;
}

}  // namespace katip::engine
