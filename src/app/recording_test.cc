#include "app/recording.h"

#include <limits>

#include <gtest/gtest.h>

namespace katip::app {
namespace {

using std::chrono::seconds;

TEST(Recording, IsKeptForDaysOrForEver) {
  EXPECT_EQ(keep_for_days(0), std::nullopt);
  EXPECT_EQ(keep_for_days(-1), std::nullopt);
  EXPECT_EQ(keep_for_days(std::numeric_limits<double>::quiet_NaN()), std::nullopt);
  EXPECT_EQ(keep_for_days(1), seconds(86'400));
  EXPECT_EQ(keep_for_days(0.5), seconds(43'200));
  EXPECT_EQ(keep_for_days(1e-9), seconds(1)) << "a little is not for ever";
  EXPECT_EQ(keep_for_days(1e300), seconds(36'500LL * 86'400));
}

TEST(Recording, HandsOnHowLongItIsKept) {
  const Submission submission = submission_of({.owner = "ada"}, {.keep_for = seconds(60)});
  EXPECT_EQ(submission.keep_for, seconds(60));
  EXPECT_EQ(submission_of({}, {}).keep_for, std::nullopt);
}

}  // namespace
}  // namespace katip::app
