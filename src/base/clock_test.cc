#include "base/clock.h"

#include <gtest/gtest.h>

#include "base/manual_clock.h"

namespace katip {
namespace {

using namespace std::chrono_literals;

TEST(Clock, SleepEndsAtOnceWhenStopWasRequested) {
  std::stop_source stop;
  stop.request_stop();
  const auto start = system_clock().now();
  EXPECT_FALSE(system_clock().sleep_for(10s, stop.get_token()));
  EXPECT_LT(system_clock().now() - start, 1s);
}

TEST(Clock, SleepRunsToItsEndWithoutAStop) {
  EXPECT_TRUE(system_clock().sleep_for(1ms, std::stop_token{}));
}

TEST(ManualClock, MovesOnlyWhenAskedTo) {
  ManualClock clock;
  EXPECT_EQ(clock.elapsed(), 0ms);
  clock.advance(5ms);
  EXPECT_TRUE(clock.sleep_for(2s, std::stop_token{}));
  EXPECT_EQ(clock.elapsed(), 2005ms);
}

TEST(Rng, GivesDifferentNumbers) { EXPECT_NE(system_rng().next(), system_rng().next()); }

TEST(UtcTimestamp, SpellsTheEpoch) {
  EXPECT_EQ(utc_timestamp(std::chrono::system_clock::time_point{}), "1970-01-01T00:00:00Z");
}

}  // namespace
}  // namespace katip
