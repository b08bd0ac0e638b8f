#include "base/readable.h"

#include <limits>

#include <gtest/gtest.h>

namespace katip {
namespace {

TEST(ReadableDuration, GrowsToHours) {
  EXPECT_EQ(readable_duration(0), "0:00");
  EXPECT_EQ(readable_duration(7'999), "0:07");
  EXPECT_EQ(readable_duration(723'000), "12:03");
  EXPECT_EQ(readable_duration(3'723'000), "1:02:03");
  EXPECT_EQ(readable_duration(-5), "0:00");
}

TEST(ReadableBytes, PicksTheUnitThatReadsBest) {
  EXPECT_EQ(readable_bytes(0), "0 B");
  EXPECT_EQ(readable_bytes(999), "999 B");
  EXPECT_EQ(readable_bytes(1'400), "1.4 kB");
  EXPECT_EQ(readable_bytes(145'217'607), "145 MB");
  EXPECT_EQ(readable_bytes(999'600), "1.0 MB");
  EXPECT_EQ(readable_bytes(std::numeric_limits<std::int64_t>::max()), "9223372 TB");
}

}  // namespace
}  // namespace katip
