#include "base/uuid.h"

#include <gtest/gtest.h>

#include "base/manual_clock.h"

namespace katip {
namespace {

using std::chrono_literals::operator""ms;

TEST(UuidSource, CarriesVersionVariantAndTime) {
  ManualClock clock;
  clock.advance(0x0123'4567'89ABms);
  UuidSource source(clock, system_rng());
  const std::string id = source.next();
  EXPECT_TRUE(is_uuid(id)) << id;
  EXPECT_EQ(id.substr(0, 19), "01234567-89ab-7000-") << id;
  EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos) << id;
}

TEST(UuidSource, RisesWithinOneMillisecondAndBeyondItsCounter) {
  ManualClock clock;
  UuidSource source(clock, system_rng());
  std::string last = source.next();
  for (int i = 0; i < 10'000; ++i) {
    std::string next = source.next();
    ASSERT_LT(last, next);
    last = std::move(next);
  }
}

TEST(UuidSource, RisesWhenTheCalendarIsSetBack) {
  ManualClock clock;
  clock.advance(1'000ms);
  UuidSource source(clock, system_rng());
  const std::string before = source.next();
  clock.advance(-500ms);
  EXPECT_LT(before, source.next());
}

TEST(IsUuid, RefusesWhatIsNone) {
  EXPECT_TRUE(is_uuid("0190f3a2-7c1e-7001-8a3b-5f6e7d8c9b0a"));
  for (const char* text :
       {"", "0190f3a2", "0190F3A2-7c1e-7001-8a3b-5f6e7d8c9b0a",
        "0190f3a2-7c1e-7001-8a3b-5f6e7d8c9b0g", "0190f3a27c1e-7001-8a3b-5f6e7d8c9b0a0",
        "0190f3a2-7c1e-7001-8a3b-5f6e7d8c9b0a "}) {
    EXPECT_FALSE(is_uuid(text)) << text;
  }
}

}  // namespace
}  // namespace katip
