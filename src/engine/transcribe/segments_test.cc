#include "engine/transcribe/segments.h"

#include <gtest/gtest.h>

namespace katip::engine {
namespace {

constexpr int kBegin = 1000;  // <|0.00|>
int at(int frame) { return kBegin + frame; }

TEST(CutSegments, NoTokensGiveNoSegments) { EXPECT_TRUE(cut_segments({}, kBegin, 100).empty()); }

TEST(CutSegments, TimestampsAloneGiveNoSegments) {
  const std::vector<int> tokens = {at(0), at(50)};
  EXPECT_TRUE(cut_segments(tokens, kBegin, 100).empty());
}

TEST(CutSegments, EachPairOfTimestampsIsASegment) {
  const std::vector<int> tokens = {at(0), 7, 8, at(40), at(45), 9, at(90)};
  const auto segments = cut_segments(tokens, kBegin, 100);
  ASSERT_EQ(segments.size(), 2u);
  EXPECT_EQ(segments[0].start_frame, 0);
  EXPECT_EQ(segments[0].end_frame, 40);
  EXPECT_EQ(segments[0].token_begin, 1u);
  EXPECT_EQ(segments[0].token_end, 3u);
  EXPECT_EQ(segments[1].start_frame, 45);
  EXPECT_EQ(segments[1].end_frame, 90);
}

TEST(CutSegments, TextWithoutAnEndReachesToTheEndOfTheWindow) {
  const std::vector<int> tokens = {at(0), 7, at(40), at(40), 9, 9};
  const auto segments = cut_segments(tokens, kBegin, 100);
  ASSERT_EQ(segments.size(), 2u);
  EXPECT_EQ(segments[1].start_frame, 40);
  EXPECT_EQ(segments[1].end_frame, 100);
}

TEST(CutSegments, TimesStayInsideTheWindowAndNeverFall) {
  const std::vector<int> tokens = {at(60), 7, at(20), 8, at(500)};
  const auto segments = cut_segments(tokens, kBegin, 100);
  ASSERT_EQ(segments.size(), 2u);
  EXPECT_EQ(segments[0].start_frame, 60);
  EXPECT_EQ(segments[0].end_frame, 60);
  EXPECT_EQ(segments[1].end_frame, 100);
}

TEST(RestOfWindow, ExistsOnlyWhenEnoughIsLeft) {
  const std::vector<WindowSegment> segments = {
      {.start_frame = 0, .end_frame = 60, .token_begin = 0, .token_end = 1}};
  EXPECT_TRUE(rest_of_window(segments, 200, 100).exists);
  EXPECT_EQ(rest_of_window(segments, 200, 100).start_frame, 60);
  EXPECT_FALSE(rest_of_window(segments, 150, 100).exists);
  EXPECT_FALSE(rest_of_window({}, 200, 100).exists) << "nothing was said: nothing broke off";
}

}  // namespace
}  // namespace katip::engine
