#include "jobs/fair_share.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::jobs {
namespace {

using std::chrono_literals::operator""min;
using store::Lane;
using store::LaneClaim;
using store::Timestamp;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Timestamp at(std::chrono::minutes minutes) { return Timestamp(24 * 60min + minutes); }

Lane lane(const char* queue, int priority, const char* tenant, std::chrono::minutes run_at = 0min) {
  return {.queue = queue, .priority = priority, .tenant = tenant, .oldest_run_at = at(run_at)};
}

ClaimRoom room(int count) { return {.count = count, .ordinary_count = count}; }
ClaimRoom room(int count, int ordinary) { return {.count = count, .ordinary_count = ordinary}; }

std::vector<std::string> spelled(const std::vector<LaneClaim>& claims) {
  std::vector<std::string> result;
  for (const LaneClaim& claim : claims) {
    result.push_back(claim.queue + "/" + claim.tenant + " " + std::to_string(claim.count));
  }
  std::ranges::sort(result);
  return result;
}

TEST(FairShare, NothingWaitsAndNothingIsClaimed) {
  EXPECT_THAT(FairShare({}, {}, {}, {}).next(room(8)), IsEmpty());
  EXPECT_THAT(FairShare({}, {lane("low", 2, "a")}, {}, {}).next(room(0)), IsEmpty());
}

TEST(FairShare, HigherPriorityIsFirst) {
  const FairShare share({}, {lane("low", 2, "a"), lane("critical", 10, "a")}, {}, {});
  EXPECT_THAT(spelled(share.next(room(3))), ElementsAre("critical/a 3"));
}

TEST(FairShare, TenMinutesOfWaitingAreWorthOneLevel) {
  const auto first = [](std::chrono::minutes waited) {
    const FairShare share({}, {lane("default", 5, "a", -waited), lane("high", 7, "a")}, {}, {});
    return share.next(room(1)).front().queue;
  };
  EXPECT_EQ(first(19min), "high");
  EXPECT_EQ(first(20min), "high") << "equal urgency: the higher priority";
  EXPECT_EQ(first(21min), "default");
}

TEST(FairShare, TenantsHaveEqualSharesWhateverWaits) {
  const FairShare share({}, {lane("high", 7, "a", -90min), lane("high", 7, "b")}, {}, {});
  EXPECT_THAT(spelled(share.next(room(8))), ElementsAre("high/a 4", "high/b 4"));
}

TEST(FairShare, WhoHasMoreRunningWaits) {
  const std::vector<store::RunningCount> running = {{.queue = "high", .tenant = "a", .count = 3},
                                                    {.queue = "low", .tenant = "b", .count = 1}};
  const FairShare share({}, {lane("high", 7, "a"), lane("high", 7, "b")}, running, {});
  EXPECT_THAT(spelled(share.next(room(2))), ElementsAre("high/b 2"));
  EXPECT_THAT(spelled(share.next(room(4))), ElementsAre("high/a 1", "high/b 3"));
}

TEST(FairShare, ATenantHasItsLimit) {
  const std::vector<store::RunningCount> running = {{.queue = "high", .tenant = "a", .count = 1}};
  const FairShare share({.tenant_running_max = 2}, {lane("high", 7, "a")}, running, {});
  EXPECT_THAT(spelled(share.next(room(8))), ElementsAre("high/a 1"));
}

TEST(FairShare, CriticalSlotsWaitForWhatIsUrgent) {
  EXPECT_THAT(FairShare({}, {lane("high", 9, "a")}, {}, {}).next(room(8, 0)), IsEmpty());
  EXPECT_THAT(spelled(FairShare({}, {lane("high", 9, "a")}, {}, {}).next(room(8, 2))),
              ElementsAre("high/a 2"));
  EXPECT_THAT(spelled(FairShare({}, {lane("critical", 10, "a")}, {}, {}).next(room(8, 0))),
              ElementsAre("critical/a 8"));
}

TEST(FairShare, WhatHasNoRoomDoesNotHideWhatIsCritical) {
  const FairShare share({}, {lane("low", 2, "a", -900min), lane("critical", 10, "b")}, {}, {});
  EXPECT_THAT(spelled(share.next(room(3, 0))), ElementsAre("critical/b 3"));
}

TEST(FairShare, PausedQueuesAreLeftOut) {
  const FairShare share({}, {lane("critical", 10, "a"), lane("low", 2, "a")}, {}, {"critical"});
  EXPECT_THAT(spelled(share.next(room(1))), ElementsAre("low/a 1"));
}

TEST(FairShare, AnEmptyLaneMakesRoomForTheNextClass) {
  FairShare share({}, {lane("critical", 10, "a"), lane("low", 2, "a")}, {}, {});
  const auto claims = share.next(room(4));
  share.took(claims, {{{"critical", "a"}, 1}});
  EXPECT_THAT(spelled(share.next(room(3))), ElementsAre("low/a 3"));
}

TEST(FairShare, OldTasksOfATenantAtItsLimitLiftNobody) {
  const std::vector<store::RunningCount> running = {{.queue = "low", .tenant = "full", .count = 1}};
  const FairShare share(
      {.tenant_running_max = 1},
      {lane("low", 2, "full", -10'000min), lane("low", 2, "other"), lane("critical", 10, "other")},
      running, {});
  EXPECT_THAT(spelled(share.next(room(1))), ElementsAre("critical/other 1"));
}

}  // namespace
}  // namespace katip::jobs
