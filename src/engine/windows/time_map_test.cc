#include "engine/windows/time_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::engine {
namespace {

// One second from 10 s on, half a second from 20 s on.
TimeMap two_pieces() {
  TimeMap map;
  map.append(160'000, 16'000);
  map.append(320'000, 8'000);
  return map;
}

TEST(TimeMap, AnEmptyOneMapsToTheStartOfTheFile) {
  EXPECT_EQ(TimeMap().sample_count(), 0);
  EXPECT_EQ(TimeMap().to_file_ms(500, Edge::kStart), 0);
  EXPECT_EQ(TimeMap().to_window_sample(0), std::nullopt);
}

TEST(TimeMap, MapsThroughThePieceThatATimeLiesIn) {
  const TimeMap map = two_pieces();
  EXPECT_EQ(map.sample_count(), 24'000);
  EXPECT_EQ(map.to_file_ms(0, Edge::kStart), 10'000);
  EXPECT_EQ(map.to_file_ms(999, Edge::kEnd), 10'999);
  EXPECT_EQ(map.to_file_ms(1'250, Edge::kStart), 20'250);
}

TEST(TimeMap, AtACutAStartIsAfterItAndAnEndBefore) {
  const TimeMap map = two_pieces();
  EXPECT_EQ(map.to_file_ms(1'000, Edge::kStart), 20'000);
  EXPECT_EQ(map.to_file_ms(1'000, Edge::kEnd), 11'000);
}

TEST(TimeMap, TimesOutsideTheWindowBecomeItsEnds) {
  const TimeMap map = two_pieces();
  EXPECT_EQ(map.to_file_ms(-5, Edge::kStart), 10'000);
  EXPECT_EQ(map.to_file_ms(-5, Edge::kEnd), 10'000);
  EXPECT_EQ(map.to_file_ms(30'000, Edge::kStart), 20'500);
  EXPECT_EQ(map.to_file_ms(30'000, Edge::kEnd), 20'500);
}

TEST(TimeMap, InvertsAndKnowsWhatItLeftOut) {
  const TimeMap map = two_pieces();
  EXPECT_EQ(map.to_window_sample(159'999), std::nullopt);
  EXPECT_EQ(map.to_window_sample(160'000), 0);
  EXPECT_EQ(map.to_window_sample(175'999), 15'999);
  EXPECT_EQ(map.to_window_sample(176'000), std::nullopt);
  EXPECT_EQ(map.to_window_sample(320'000), 16'000);
  EXPECT_EQ(map.to_window_sample(328'000), std::nullopt);
}

TEST(TimeMap, PiecesThatTouchBecomeOne) {
  TimeMap map;
  map.append(0, 100);
  map.append(100, 50);
  EXPECT_EQ(map.pieces().size(), 1U);
  EXPECT_EQ(map.to_file_sample(100, Edge::kEnd), 100);
}

TEST(TimeMap, IsExactAfterAHundredHours) {
  constexpr std::int64_t kHundredHours = std::int64_t{100} * 3'600 * 16'000;
  TimeMap map;
  map.append(kHundredHours + 1, 480'000);
  EXPECT_EQ(map.to_file_sample(479'999, Edge::kStart), kHundredHours + 480'000);
  EXPECT_EQ(map.to_file_ms(29'999, Edge::kStart), 360'029'999);
}

}  // namespace
}  // namespace katip::engine
