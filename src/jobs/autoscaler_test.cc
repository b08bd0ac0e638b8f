#include "jobs/autoscaler.h"

#include <gtest/gtest.h>

#include "base/manual_clock.h"
#include "jobs/testing/scripted_rng.h"

namespace katip::jobs {
namespace {

using std::chrono_literals::operator""s;

TEST(Autoscaler, GoesUpAtOnceAndDownSlowly) {
  ManualClock clock;
  Autoscaler scaler({.slot_count_max = 12, .slot_count_min = 4}, clock);
  EXPECT_EQ(scaler.slot_count(), 4);
  EXPECT_EQ(scaler.look(4, 5), 9);
  EXPECT_EQ(scaler.look(9, 100), 12);
  clock.advance(29s);
  EXPECT_EQ(scaler.look(0, 0), 12);
  clock.advance(1s);
  EXPECT_EQ(scaler.look(0, 0), 11);
  EXPECT_EQ(scaler.look(11, 0), 11) << "a busy slot stays";
}

TEST(Autoscaler, AnyLoadKeepsItWithinItsLimitsAndAboveWhatIsBusy) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SeededRng rng(seed);
    ManualClock clock;
    Autoscaler scaler({.slot_count_max = 12, .slot_count_min = 4}, clock);
    int busy = 0;
    for (int i = 0; i < 500; ++i) {
      const int slots = scaler.look(busy, rng.below(30));
      ASSERT_GE(slots, 4) << "seed " << seed;
      ASSERT_LE(slots, 12) << "seed " << seed;
      ASSERT_GE(slots, busy) << "seed " << seed;
      busy = rng.below(slots + 1);
      clock.advance(std::chrono::seconds(rng.below(40)));
    }
  }
}

TEST(Autoscaler, GoesToOtherLimitsAtOnce) {
  ManualClock clock;
  Autoscaler scaler({.slot_count_max = 12, .slot_count_min = 2}, clock);
  EXPECT_EQ(scaler.look(2, 20), 12);
  scaler.set_limits(1, 5);
  EXPECT_EQ(scaler.slot_count(), 5);
  EXPECT_EQ(scaler.look(12, 20), 5) << "however many still run";
  scaler.set_limits(8, 20);
  EXPECT_EQ(scaler.slot_count(), 8);
  EXPECT_EQ(scaler.look(8, 30), 20);
}

TEST(Autoscaler, RefusesLimitsThatMakeNoSense) {
  EXPECT_TRUE((AutoscaleOptions{.slot_count_max = 2, .slot_count_min = 2}).validate());
  EXPECT_FALSE((AutoscaleOptions{.slot_count_max = 2, .slot_count_min = 6}).validate());
  EXPECT_FALSE((AutoscaleOptions{.slot_count_max = 2, .slot_count_min = 0}).validate());
}

}  // namespace
}  // namespace katip::jobs
