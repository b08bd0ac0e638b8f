#include "app/backup_retention.h"

#include <algorithm>
#include <map>
#include <random>

#include <gtest/gtest.h>

namespace katip::app {
namespace {

using namespace std::chrono;

// 03:00 in Istanbul is midnight in UTC, so a day there is a day here.
Timestamp at(sys_days day) { return Timestamp(day); }

RetainedBackup backup(BackupKind kind, sys_days day, bool is_verified = true) {
  return {.name = std::string(name(kind)) + std::to_string(day.time_since_epoch().count()),
          .kind = kind,
          .created_at = at(day),
          .day = day,
          .is_verified = is_verified};
}

std::vector<RetentionDecision> plan(const std::vector<RetainedBackup>& all, Timestamp now,
                                    const RetentionPolicy& policy = {}) {
  return plan_retention(all, policy, now).value();
}

std::vector<RetainedBackup> survivors(std::vector<RetainedBackup> all, Timestamp now,
                                      const RetentionPolicy& policy = {}) {
  const auto decisions = plan(all, now, policy);
  std::vector<RetainedBackup> kept;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (decisions[i].is_kept) kept.push_back(all[i]);
  }
  return kept;
}

TEST(BackupRetention, KeepsNothingOfNothing) { EXPECT_TRUE(plan({}, at(sys_days{})).empty()); }

TEST(BackupRetention, RefusesAPolicyThatKeepsNothing) {
  for (const RetentionPolicy& policy : {RetentionPolicy{0, 0, 0, 5, 5}, RetentionPolicy{-1}}) {
    const auto refused = plan_retention({}, policy, at(sys_days{}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  }
}

std::optional<sys_days> newest(const std::vector<RetainedBackup>& store, BackupKind kind) {
  std::optional<sys_days> day;
  for (const RetainedBackup& each : store) {
    if (each.kind == kind) day = std::max(day.value_or(each.day), each.day);
  }
  return day;
}

TEST(BackupRetention, TheFirstBackupAfterASundayThatWasMissedIsThatOfTheWeek) {
  const sys_days sunday = 2026y / March / 1;
  EXPECT_TRUE(is_weekly_due(sunday, std::nullopt));
  EXPECT_FALSE(is_weekly_due(sunday, sunday));
  EXPECT_FALSE(is_weekly_due(sunday + days(6), sunday));
  EXPECT_TRUE(is_weekly_due(sunday + days(7), sunday));
  EXPECT_TRUE(is_weekly_due(sunday + days(8), sunday));
  EXPECT_TRUE(is_weekly_due(sunday + days(14), sunday + days(8)));
  EXPECT_TRUE(is_monthly_due(sunday, std::nullopt));
  EXPECT_FALSE(is_monthly_due(sunday + days(30), sunday));
  EXPECT_TRUE(is_monthly_due(sunday + days(33), sunday));
  EXPECT_FALSE(is_monthly_due(sunday, sunday + days(40)));
}

/// Backups as the schedule makes them: daily, a copy on Sundays and on the first of each month.
TEST(BackupRetention, KeepsExactlyTheRightSetsOverFiveYears) {
  const sys_days first = 2024y / January / 1;
  std::vector<RetainedBackup> store;
  for (sys_days today = first; today < first + days(5 * 366); today += days(1)) {
    store.push_back(backup(BackupKind::kDaily, today));
    if (is_weekly_due(today, newest(store, BackupKind::kWeekly))) {
      store.push_back(backup(BackupKind::kWeekly, today));
    }
    if (is_monthly_due(today, newest(store, BackupKind::kMonthly))) {
      store.push_back(backup(BackupKind::kMonthly, today));
    }
    store = survivors(std::move(store), at(today));
    std::map<BackupKind, std::vector<sys_days>> found;
    for (const RetainedBackup& each : store) found[each.kind].push_back(each.day);
    std::map<BackupKind, std::vector<sys_days>> expected;
    for (sys_days day = first; day <= today; day += days(1)) {
      if (today - day < days(30)) expected[BackupKind::kDaily].push_back(day);
      const bool is_first = day == first && today - first < days(6);  // Until its Sunday.
      if ((weekday(day) == Sunday || is_first) && today - day < days(7 * 12)) {
        expected[BackupKind::kWeekly].push_back(day);
      }
      const year_month_day date(day);
      const year_month_day now(today);
      if (date.day() == std::chrono::day(1) &&
          now.year() / now.month() - date.year() / date.month() < months(12)) {
        expected[BackupKind::kMonthly].push_back(day);
      }
    }
    ASSERT_EQ(found, expected) << today.time_since_epoch().count();
  }
}

TEST(BackupRetention, DoesNotAgeWhenBackupsStop) {
  const sys_days first = 2026y / March / 1;
  std::vector<RetainedBackup> store;
  for (int i = 0; i < 40; ++i) store.push_back(backup(BackupKind::kDaily, first + days(i)));
  EXPECT_EQ(survivors(store, at(first + days(40))).size(), 30u);
  EXPECT_EQ(survivors(store, at(first + days(4'000))).size(), 30u);
}

TEST(BackupRetention, CountsOnlyWhatIsVerified) {
  const sys_days first = 2026y / March / 1;
  std::vector<RetainedBackup> store = {backup(BackupKind::kDaily, first)};
  for (int i = 1; i < 60; ++i) store.push_back(backup(BackupKind::kDaily, first + days(i), false));
  const auto decisions = plan(store, at(first + days(60)));
  EXPECT_TRUE(decisions[0].is_kept);
  EXPECT_EQ(decisions[0].reasons.front(), "daily 1 of 30");
  EXPECT_EQ(decisions[0].reasons.back(), "newest verified");
  EXPECT_TRUE(decisions[59].is_kept) << "it may still be verified";
}

TEST(BackupRetention, LetsGoOfWhatWasNeverVerified) {
  const sys_days first = 2026y / March / 1;
  const std::vector<RetainedBackup> store = {backup(BackupKind::kDaily, first, false),
                                             backup(BackupKind::kDaily, first + days(9), false),
                                             backup(BackupKind::kDaily, first + days(10))};
  const auto decisions = plan(store, at(first + days(11)));
  EXPECT_FALSE(decisions[0].is_kept);
  EXPECT_EQ(decisions[0].reasons.front(), "was not verified in a week");
  EXPECT_TRUE(decisions[1].is_kept);
}

TEST(BackupRetention, KeepsOneOfADayAndOneOfAWeek) {
  const sys_days monday = 2026y / March / 2;
  RetainedBackup early = backup(BackupKind::kDaily, monday);
  RetainedBackup late = early;
  late.name = "late";
  late.created_at += hours(5);
  const auto kept = survivors({early, late, backup(BackupKind::kWeekly, monday),
                               backup(BackupKind::kWeekly, monday + days(6))},
                              at(monday + days(7)));
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept[0].name, "late");
  EXPECT_EQ(kept[1].day, monday + days(6)) << "Sunday is the end of the week";
}

TEST(BackupRetention, KeepsWhatLiesInTheFutureAndDoesNotCountIt) {
  const sys_days today = 2026y / March / 2;
  const auto decisions =
      plan({backup(BackupKind::kDaily, today), backup(BackupKind::kDaily, today + days(100))},
           at(today), {.daily = 1, .weekly = 0, .monthly = 0});
  EXPECT_TRUE(decisions[0].is_kept);
  EXPECT_EQ(decisions[0].reasons.front(), "daily 1 of 1");
  EXPECT_EQ(decisions[1].reasons.front(), "lies in the future");
}

TEST(BackupRetention, KeepsTheNewestSafetyBackupWhateverThePolicySays) {
  const sys_days today = 2026y / March / 2;
  const auto kept =
      survivors({backup(BackupKind::kSafety, today - days(900)), backup(BackupKind::kDaily, today)},
                at(today), {.daily = 1, .weekly = 0, .monthly = 0, .manual = 0, .safety = 0});
  EXPECT_EQ(kept.size(), 2u);
}

TEST(BackupRetention, WhateverTheStoreIsTheNewestVerifiedStaysAndASecondLookRemovesNothing) {
  std::mt19937 random(5);
  const sys_days today = 2026y / March / 2;
  for (int round = 0; round < 500; ++round) {
    std::vector<RetainedBackup> store;
    const int count = static_cast<int>(random() % 60);
    for (int i = 0; i < count; ++i) {
      RetainedBackup each =
          backup(kBackupKinds[random() % 5], today - days(static_cast<int>(random() % 900) - 20),
                 random() % 3 != 0);
      each.name += "-" + std::to_string(i);
      each.created_at += minutes(random() % 1'440);
      store.push_back(each);
    }
    const RetentionPolicy policy{.daily = static_cast<int>(random() % 9) + 1,
                                 .weekly = static_cast<int>(random() % 5),
                                 .monthly = static_cast<int>(random() % 5),
                                 .manual = static_cast<int>(random() % 3),
                                 .safety = static_cast<int>(random() % 3)};
    const auto kept = survivors(store, at(today), policy);
    const auto is_good = [&](const RetainedBackup& each) {
      return each.is_verified && each.created_at <= at(today);
    };
    EXPECT_EQ(std::ranges::any_of(store, is_good), std::ranges::any_of(kept, is_good));
    EXPECT_EQ(survivors(kept, at(today), policy).size(), kept.size());
    EXPECT_LE(std::ranges::count_if(kept,
                                    [&](const RetainedBackup& each) {
                                      return is_good(each) && each.kind == BackupKind::kDaily;
                                    }),
              policy.daily + 1);
    for (const RetentionDecision& each : plan(store, at(today), policy)) {
      EXPECT_FALSE(each.reasons.empty());
    }
  }
}

}  // namespace
}  // namespace katip::app
