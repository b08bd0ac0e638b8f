#include "engine/align/dtw.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace katip::engine {
namespace {

std::vector<float> random_costs(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> costs(count);
  for (float& cost : costs) cost = normal(random);
  return costs;
}

/// The smallest sum, by the textbook recursion over all cells.
double cheapest_sum(const std::vector<float>& cost, std::size_t rows, std::size_t columns) {
  std::vector<double> sums(cost.size());
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      double best = std::numeric_limits<double>::infinity();
      if (i == 0 && j == 0) best = 0;
      if (i > 0) best = std::min(best, sums[(i - 1) * columns + j]);
      if (j > 0) best = std::min(best, sums[i * columns + j - 1]);
      if (i > 0 && j > 0) best = std::min(best, sums[(i - 1) * columns + j - 1]);
      sums[i * columns + j] = cost[i * columns + j] + best;
    }
  }
  return sums.back();
}

void expect_whole_path(const DtwPath& path, std::size_t rows, std::size_t columns) {
  ASSERT_FALSE(path.rows.empty());
  ASSERT_EQ(path.rows.size(), path.columns.size());
  EXPECT_EQ(path.rows.front(), 0);
  EXPECT_EQ(path.columns.front(), 0);
  EXPECT_EQ(path.rows.back(), static_cast<int>(rows) - 1);
  EXPECT_EQ(path.columns.back(), static_cast<int>(columns) - 1);
  for (std::size_t i = 1; i < path.rows.size(); ++i) {
    const int down = path.rows[i] - path.rows[i - 1];
    const int on = path.columns[i] - path.columns[i - 1];
    ASSERT_TRUE((down == 0 || down == 1) && (on == 0 || on == 1) && down + on > 0);
  }
}

TEST(Dtw, NothingGivesAnEmptyPath) {
  EXPECT_TRUE(dtw({}, 0, 0).rows.empty());
  EXPECT_TRUE(dtw({}, 5, 0).rows.empty());
  EXPECT_TRUE(dtw({}, 0, 5).rows.empty());
}

TEST(Dtw, OneCellIsItsOwnPath) {
  const DtwPath path = dtw(std::vector<float>{3.0f}, 1, 1);
  EXPECT_EQ(path.rows, std::vector<int>{0});
  EXPECT_EQ(path.columns, std::vector<int>{0});
}

TEST(Dtw, ACheapStaircaseIsFollowed) {
  const std::vector<float> cost = {0, 0, 9, 9, 9,  //
                                   9, 9, 0, 9, 9,  //
                                   9, 9, 9, 0, 0};
  const DtwPath path = dtw(cost, 3, 5);
  EXPECT_EQ(path.rows, (std::vector<int>{0, 0, 1, 2, 2}));
  EXPECT_EQ(path.columns, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(Dtw, NoPathIsCheaper) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    const std::size_t rows = 1 + seed % 7;
    const std::size_t columns = 1 + (seed * 5) % 23;
    const std::vector<float> cost = random_costs(rows * columns, seed);
    const DtwPath path = dtw(cost, rows, columns);
    expect_whole_path(path, rows, columns);
    double sum = 0;
    for (std::size_t i = 0; i < path.rows.size(); ++i) {
      sum += cost[static_cast<std::size_t>(path.rows[i]) * columns +
                  static_cast<std::size_t>(path.columns[i])];
    }
    EXPECT_NEAR(sum, cheapest_sum(cost, rows, columns), 1e-4) << rows << " x " << columns;
  }
}

TEST(Dtw, MoreRowsThanColumnsStillVisitsEveryRow) {
  expect_whole_path(dtw(random_costs(30, 1), 15, 2), 15, 2);
}

TEST(Dtw, WhatIsNoNumberGivesAWholePathToo) {
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity(),
                          -std::numeric_limits<float>::infinity()}) {
    expect_whole_path(dtw(std::vector<float>(60, bad), 6, 10), 6, 10);
    std::vector<float> cost = random_costs(60, 3);
    cost[31] = bad;
    expect_whole_path(dtw(cost, 6, 10), 6, 10);
  }
}

}  // namespace
}  // namespace katip::engine
