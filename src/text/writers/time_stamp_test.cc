#include "text/writers/time_stamp.h"

#include <gtest/gtest.h>

namespace katip::text {
namespace {

TEST(TimeStamp, AlwaysHasHoursAndMilliseconds) {
  EXPECT_EQ(time_stamp(0, ','), "00:00:00,000");
  EXPECT_EQ(time_stamp(3'723'045, '.'), "01:02:03.045");
  EXPECT_EQ(time_stamp(359'999'999, ','), "99:59:59,999");
  EXPECT_EQ(time_stamp(360'000'000, ','), "100:00:00,000");
  EXPECT_EQ(time_stamp(3'600'000'000'000, ','), "1000000:00:00,000");
}

TEST(LyricsStamp, CountsMinutesBeyondAnHour) {
  EXPECT_EQ(lyrics_stamp(0), "00:00.00");
  EXPECT_EQ(lyrics_stamp(59'999), "00:59.99");
  EXPECT_EQ(lyrics_stamp(3'723'456), "62:03.45");
  EXPECT_EQ(lyrics_stamp(7'200'000), "120:00.00");
}

}  // namespace
}  // namespace katip::text
