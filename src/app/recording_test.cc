#include "app/recording.h"

#include <limits>

#include <gtest/gtest.h>

#include "jobs/routing.h"

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

TEST(Recording, OnlyThoseWhoOperateAskForMoreThanHigh) {
  const Principal editor{.permissions = permissions_of(Permission::kTranscribe)};
  const Principal operator_key{.permissions = permissions_of(Permission::kTranscribe) |
                                              permissions_of(Permission::kOperate)};
  for (const int priority : {8, 9, 10}) {
    const Status refused = check_priority(editor, priority);
    ASSERT_FALSE(refused) << priority;
    EXPECT_EQ(refused.error().code, ErrorCode::kPermissionDenied);
    EXPECT_TRUE(check_priority(operator_key, priority)) << priority;
  }
  for (const int priority : {0, 5, 7}) EXPECT_TRUE(check_priority(editor, priority)) << priority;
  EXPECT_TRUE(check_priority(editor, std::nullopt));
  EXPECT_EQ(jobs::priority_of_queue("high"), kPriorityForAll);
}

TEST(Recording, HandsOnHowLongItIsKept) {
  const Submission submission = submission_of({.owner = "ada"}, {.keep_for = seconds(60)});
  EXPECT_EQ(submission.keep_for, seconds(60));
  EXPECT_EQ(submission_of({}, {}).keep_for, std::nullopt);
}

}  // namespace
}  // namespace katip::app
