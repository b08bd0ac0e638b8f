#include "engine/align/alignment_matrix.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace katip::engine {
namespace {

std::vector<float> random_weights(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(0.0f, 1.0f);
  std::vector<float> weights(count);
  for (float& weight : weights) weight = uniform(random);
  return weights;
}

/// The same by sorting, in doubles, one value at a time.
std::vector<float> plain_matrix(const AlignmentWeights& w) {
  const auto at = [&](std::size_t head, std::size_t row, std::size_t frame) {
    return static_cast<double>(w.data[(head * w.row_count + row) * w.frame_count + frame]);
  };
  const auto normal = [&](std::size_t head, std::size_t row, std::size_t frame) {
    double mean = 0;
    double square = 0;
    for (std::size_t r = 0; r < w.row_count; ++r) mean += at(head, r, frame);
    mean /= static_cast<double>(w.row_count);
    for (std::size_t r = 0; r < w.row_count; ++r) square += std::pow(at(head, r, frame) - mean, 2);
    return (at(head, row, frame) - mean) / std::sqrt(square / static_cast<double>(w.row_count));
  };
  std::vector<float> matrix;
  const auto count = static_cast<std::ptrdiff_t>(w.frame_count);
  for (std::size_t row = 0; row < w.row_count; ++row) {
    for (std::ptrdiff_t frame = 0; frame < count; ++frame) {
      double sum = 0;
      for (std::size_t head = 0; head < w.head_count; ++head) {
        std::vector<double> seven;
        for (std::ptrdiff_t j = frame - 3; j <= frame + 3; ++j) {
          const std::ptrdiff_t mirrored = j < 0 ? -j : j >= count ? 2 * (count - 1) - j : j;
          seven.push_back(normal(head, row, static_cast<std::size_t>(mirrored)));
        }
        std::ranges::sort(seven);
        sum += seven[3];
      }
      matrix.push_back(static_cast<float>(sum / static_cast<double>(w.head_count)));
    }
  }
  return matrix;
}

TEST(AlignmentMatrix, EqualsThePlainFormula) {
  for (const std::size_t frames : {4u, 5u, 8u, 33u}) {
    const auto data = random_weights(3 * 5 * frames, static_cast<unsigned>(frames));
    const AlignmentWeights weights = {
        .data = data, .head_count = 3, .row_count = 5, .frame_count = frames};
    const auto matrix = alignment_matrix(weights);
    const auto expected = plain_matrix(weights);
    ASSERT_EQ(matrix.size(), expected.size());
    for (std::size_t i = 0; i < matrix.size(); ++i) EXPECT_NEAR(matrix[i], expected[i], 2e-5);
  }
}

TEST(AlignmentMatrix, TheOrderOfHeadsAndRowsIsOnlyAnOrder) {
  const std::size_t heads = 3;
  const std::size_t rows = 4;
  const std::size_t frames = 9;
  const auto data = random_weights(heads * rows * frames, 5);
  std::vector<float> turned(data.size());
  for (std::size_t head = 0; head < heads; ++head) {
    for (std::size_t row = 0; row < rows; ++row) {
      std::copy_n(data.begin() + static_cast<std::ptrdiff_t>((head * rows + row) * frames), frames,
                  turned.begin() + static_cast<std::ptrdiff_t>((row * heads + head) * frames));
    }
  }
  AlignmentWeights weights = {
      .data = data, .head_count = heads, .row_count = rows, .frame_count = frames};
  const auto expected = alignment_matrix(weights);
  weights.data = turned;
  weights.order = AlignmentWeights::Order::kRowHeadFrame;
  EXPECT_EQ(alignment_matrix(weights), expected);
}

TEST(AlignmentMatrix, NoFramesOrNoHeadsGiveZeros) {
  EXPECT_TRUE(alignment_matrix({.head_count = 8, .row_count = 3}).empty());
  EXPECT_EQ(alignment_matrix({.row_count = 2, .frame_count = 3}), std::vector<float>(6, 0.0f));
}

TEST(AlignmentMatrix, EqualRowsSayNothing) {
  const std::vector<float> data(2 * 3 * 10, 0.1f);
  const auto matrix =
      alignment_matrix({.data = data, .head_count = 2, .row_count = 3, .frame_count = 10});
  EXPECT_EQ(matrix, std::vector<float>(30, 0.0f));
}

TEST(AlignmentMatrix, WhatIsNoNumberCountsAsNoWeight) {
  auto data = random_weights(2 * 4 * 12, 9);
  data[5] = std::nanf("");
  data[50] = std::numeric_limits<float>::infinity();
  data[70] = -std::numeric_limits<float>::infinity();
  const AlignmentWeights weights = {
      .data = data, .head_count = 2, .row_count = 4, .frame_count = 12};
  const auto matrix = alignment_matrix(weights);
  EXPECT_TRUE(std::ranges::all_of(matrix, [](float value) { return std::isfinite(value); }));
  auto cleaned = data;
  cleaned[5] = cleaned[50] = cleaned[70] = 0.0f;
  EXPECT_EQ(matrix, alignment_matrix(
                        {.data = cleaned, .head_count = 2, .row_count = 4, .frame_count = 12}));
}

TEST(AlignmentMatrix, ThreeFramesAreTooShortForTheMedian) {
  const std::vector<float> data = {0, 1, 0, 1, 0, 1};
  const auto matrix =
      alignment_matrix({.data = data, .head_count = 1, .row_count = 2, .frame_count = 3});
  EXPECT_EQ(matrix, (std::vector<float>{-1, 1, -1, 1, -1, 1}));
}

}  // namespace
}  // namespace katip::engine
