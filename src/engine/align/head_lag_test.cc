#include "engine/align/head_lag.h"

#include <vector>

#include <gtest/gtest.h>

namespace katip::engine {
namespace {

TEST(HeadLag, BelongsToTheHeadsOfAModel) {
  const std::vector<AttentionHead> base = {{3, 1}, {4, 2}, {4, 3}, {4, 7},
                                           {5, 1}, {5, 2}, {5, 4}, {5, 6}};
  const std::vector<AttentionHead> tiny_en = {{1, 0}, {2, 0}, {2, 5}, {3, 0},
                                              {3, 1}, {3, 2}, {3, 3}, {3, 4}};
  EXPECT_EQ(head_lag_frames(base), 2.5f);
  EXPECT_EQ(head_lag_frames(tiny_en), -5.5f);
}

TEST(HeadLag, OfUnknownHeadsIsNone) {
  EXPECT_EQ(head_lag_frames({}), 0.0f);
  const std::vector<AttentionHead> some = {{3, 1}, {4, 2}};
  EXPECT_EQ(head_lag_frames(some), 0.0f) << "a beginning is not enough";
}

}  // namespace
}  // namespace katip::engine
