#include "store/timestamp.h"

#include <gtest/gtest.h>

namespace katip::store {
namespace {

using std::chrono_literals::operator""ms;

TEST(Timestamp, IsWrittenInUtcWithMilliseconds) {
  EXPECT_EQ(to_text(Timestamp(0ms)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_text(Timestamp(951'782'400'123ms)), "2000-02-29T00:00:00.123Z");
  EXPECT_EQ(to_text(Timestamp(-1ms)), "1969-12-31T23:59:59.999Z");
}

TEST(Timestamp, TextsAreOrderedAsTimesAre) {
  EXPECT_LT(to_text(Timestamp::min()), to_text(Timestamp(0ms)));
  EXPECT_LT(to_text(Timestamp(0ms)), to_text(Timestamp::max()));
  EXPECT_EQ(to_text(Timestamp::max()), "9999-12-31T23:59:59.999Z");
}

TEST(Timestamp, ComesBackFromItsText) {
  for (const auto time : {0ms, 951'782'400'123ms, -1ms, 4'102'444'800'000ms}) {
    const auto parsed = parse_timestamp(to_text(Timestamp(time)));
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(*parsed, Timestamp(time));
  }
}

TEST(Timestamp, ReadsOtherPrecisions) {
  EXPECT_EQ(*parse_timestamp("1970-01-01T00:00:01Z"), Timestamp(1'000ms));
  EXPECT_EQ(*parse_timestamp("1970-01-01T00:00:01.5Z"), Timestamp(1'500ms));
  EXPECT_EQ(*parse_timestamp("1970-01-01T00:00:01.123999Z"), Timestamp(1'123ms));
}

TEST(Timestamp, RefusesWhatIsNone) {
  for (const char* text :
       {"", "now", "1970-01-01", "1970-01-01T00:00:01", "1970-13-01T00:00:01Z",
        "1970-02-30T00:00:01Z", "1970-01-01T24:00:00Z", "1970-01-01T00:00:01.Z",
        "1970-01-01T00:00:01.1234567Z", "1970-01-01 00:00:01Z", "-970-01-01T00:00:01Z"}) {
    EXPECT_FALSE(parse_timestamp(text)) << text;
  }
}

}  // namespace
}  // namespace katip::store
