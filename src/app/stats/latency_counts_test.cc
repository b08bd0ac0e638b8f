#include "app/stats/latency_counts.h"

#include <gtest/gtest.h>

namespace katip::app {
namespace {

using std::chrono::microseconds;

TEST(LatencyCounts, NoneHaveNoPercentile) {
  EXPECT_EQ(LatencyCounts().percentile_ms(0.5), std::nullopt);
  EXPECT_EQ(LatencyCounts().count(), 0);
  EXPECT_EQ(LatencyCounts().to_json(), "[]");
}

TEST(LatencyCounts, PercentilesAreRightToATenth) {
  LatencyCounts counts;
  for (int ms = 1; ms <= 1'000; ++ms) counts.add(microseconds(ms * 1'000));
  EXPECT_EQ(counts.count(), 1'000);
  for (const double part : {0.05, 0.5, 0.95, 0.99}) {
    EXPECT_NEAR(*counts.percentile_ms(part), part * 1'000, part * 100) << part;
  }
}

TEST(LatencyCounts, TheShortestAndTheLongestHaveAPlace) {
  LatencyCounts counts;
  counts.add(microseconds(0));
  counts.add(microseconds(-5));
  EXPECT_LE(*counts.percentile_ms(1), 0.1);
  counts.add(std::chrono::hours(24));
  EXPECT_GT(*counts.percentile_ms(1), 100'000);
}

TEST(LatencyCounts, ServersAndMinutesAddUp) {
  LatencyCounts one, other;
  one.add(microseconds(1'000));
  other.add(microseconds(50'000));
  other.add(microseconds(50'000));
  one.add(other);
  EXPECT_EQ(one.count(), 3);
  const LatencyCounts again = LatencyCounts::from_json(one.to_json());
  EXPECT_EQ(again.count(), 3);
  EXPECT_EQ(again.percentile_ms(0.9), one.percentile_ms(0.9));
}

TEST(LatencyCounts, WhatIsNoSuchArrayCountsAsNone) {
  for (const char* text : {"", "{}", "[", "[-1]", "[\"x\", null]"}) {
    EXPECT_EQ(LatencyCounts::from_json(text).count(), 0) << text;
  }
  EXPECT_EQ(LatencyCounts::from_json("[0,2,-3,1]").count(), 3);
}

}  // namespace
}  // namespace katip::app
