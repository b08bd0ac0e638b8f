#include "store/migrate/files/local_time.h"

#include <gtest/gtest.h>

namespace katip::store::migrate {
namespace {

using std::chrono::seconds;

TEST(LocalTime, IsThatOfTheZone) {
  const std::chrono::system_clock::time_point moment{seconds(1'772'366'405)};
  EXPECT_EQ(text_of(local_time(moment, "UTC").value()), "2026-03-01 12:00:05+00:00");
  EXPECT_EQ(text_of(local_time(moment, "Europe/Istanbul").value()), "2026-03-01 15:00:05+03:00");
  EXPECT_EQ(text_of(local_time(moment, "America/New_York").value()), "2026-03-01 07:00:05-05:00");
}

TEST(LocalTime, KnowsSummerTimeAndDaysBefore1970) {
  const std::chrono::system_clock::time_point july{seconds(1'782'907'200)};
  EXPECT_EQ(text_of(local_time(july, "Europe/Berlin").value()), "2026-07-01 14:00:00+02:00");
  EXPECT_EQ(text_of(local_time(std::chrono::system_clock::time_point(seconds(-1)), "UTC").value()),
            "1969-12-31 23:59:59+00:00");
}

TEST(LocalTime, AnUnknownZoneIsAnError) {
  EXPECT_FALSE(local_time({}, "Mars/Olympus"));
  EXPECT_FALSE(local_time({}, ""));
}

}  // namespace
}  // namespace katip::store::migrate
