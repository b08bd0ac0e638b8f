#include "app/backups.h"

#include <gmock/gmock.h>

#include "app/testing/backup_fixture.h"
#include "jobs/testing/no_lease.h"

namespace katip::app {
namespace {

namespace fs = std::filesystem;
using jobs::must;
using ::testing::HasSubstr;

class BackupsTest : public BackupFixture {
 protected:
  static Principal operator_of(bool may) {
    return {.kind = PrincipalKind::kUser,
            .name = "ada",
            .owner = "ada",
            .permissions = may ? all_permissions() : Permissions{}};
  }
  Backups backups() { return {queue(), RetentionPolicy{}}; }
  /// Runs the next task of the queue with the handlers; its result or its error.
  Result<std::string> run_next() {
    const std::string id = worker();
    const auto claimed = claim(id);
    if (claimed.size() != 1) return fail(ErrorCode::kNotFound, "no task");
    const jobs::Handlers handlers = backup_handlers(queue(), options(), rng());
    jobs::NoLease lease;
    jobs::TaskContext context{.task = claimed[0], .lease = lease, .stop = {}};
    auto result = handlers.at(claimed[0].kind).run(context);
    const jobs::Outcome outcome{
        .task = claimed[0],
        .status = result ? Status{} : Status(std::unexpected(result.error())),
        .result = result ? result->json : std::nullopt};
    must(queue().settle(std::span(&outcome, 1), {}));
    if (!result) return std::unexpected(result.error());
    return result->json.value_or("");
  }
};
KATIP_ON_BOTH_DATABASES(BackupsTest);

TEST_P(BackupsTest, AreForOperators) {
  Backups desk = backups();
  const Principal nobody = operator_of(false);
  EXPECT_EQ(code_of(desk.list(nobody, {}, {})), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of(desk.find(nobody, "x", {})), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of(desk.create(nobody, "", {})), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of(desk.verify(nobody, "x", "", {})), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of(desk.stats(nobody, {})), ErrorCode::kPermissionDenied);
}

TEST_P(BackupsTest, OneIsMadeAndVerifiedByTasks) {
  Backups desk = backups();
  const Principal ada = operator_of(true);
  EXPECT_TRUE(must(desk.stats(ada, {})).is_overdue);
  const jobs::Enqueued task = must(desk.create(ada, "request-1", {}));
  EXPECT_TRUE(task.is_new);
  EXPECT_FALSE(must(desk.create(ada, "", {})).is_new) << "one is enough";
  EXPECT_EQ(record(task.id).queue, "low");
  EXPECT_THAT(must(run_next()), HasSubstr("katip_manual_"));
  const auto rows = must(desk.list(ada, {}, {}));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].status, "verified");
  EXPECT_EQ(must(desk.find(ada, rows[0].id, {})).file_name, rows[0].file_name);
  must(desk.verify(ada, rows[0].id, "", {}));
  EXPECT_THAT(must(run_next()), HasSubstr("\"seconds\""));
  EXPECT_EQ(code_of(desk.verify(ada, "019a0000-0000-7000-8000-000000000009", "", {})),
            ErrorCode::kNotFound);
  const BackupStats stats = must(desk.stats(ada, {}));
  EXPECT_FALSE(stats.is_overdue);
  EXPECT_EQ(stats.figures.kinds.at("manual").verified_count, 1);
  EXPECT_EQ(stats.figures.last_size, rows[0].size);
  EXPECT_TRUE(must(desk.list(ada, {.kind = BackupKind::kDaily}, {})).empty());
  EXPECT_EQ(must(desk.list(ada, {.status = "verified"}, {})).size(), 1u);
}

TEST_P(BackupsTest, ADailyOneMakesThoseOfItsWeekAndMonthAndStatsCountTheirBytesOnce) {
  put({.kind = kBackupCreateKind, .args = R"({"kind": "daily"})"});
  EXPECT_THAT(must(run_next()), HasSubstr("katip_weekly_"));
  const BackupStats stats = must(backups().stats(operator_of(true), {}));
  EXPECT_EQ(stats.figures.kinds.at("monthly").count, 1);
  EXPECT_EQ(stats.figures.size, stats.figures.last_size);
}

TEST_P(BackupsTest, ADrillRestoresTheNewest) {
  put({.kind = kBackupDrillKind});
  EXPECT_EQ(code_of(run_next()), ErrorCode::kNotFound);
  put({.kind = kBackupCreateKind});
  must(run_next());
  clock().advance(std::chrono::hours(1));
  put({.kind = kBackupDrillKind});
  must(run_next());
  const auto drill = must(backups().stats(operator_of(true), {})).figures.drill;
  ASSERT_TRUE(drill);
  EXPECT_TRUE(drill->is_good);
}

TEST_P(BackupsTest, ArgsThatNobodyKnowsAreRefused) {
  for (const char* args : {R"({"kind": "weekly"})", R"({"kinds": "daily"})", R"({"kind": 5})"}) {
    put({.kind = kBackupCreateKind, .args = args});
    EXPECT_EQ(code_of(run_next()), ErrorCode::kInvalidArgument) << args;
  }
}

TEST_P(BackupsTest, PruningCanBeTriedDry) {
  put({.kind = kBackupPruneKind, .args = R"({"dry_run": true})"});
  EXPECT_THAT(must(run_next()), HasSubstr(R"("removed":[])"));
  put({.kind = kBackupPruneKind});
  must(run_next());
}

TEST_P(BackupsTest, AMissedOneIsMadeUpForAtTheStart) {
  must(catch_up_backup(queue(), {}));
  EXPECT_EQ(code_of(run_next()), ErrorCode::kNotFound) << "there was never one: nothing is missed";
  put({.kind = kBackupCreateKind});
  must(run_next());
  must(catch_up_backup(queue(), {}));
  EXPECT_EQ(code_of(run_next()), ErrorCode::kNotFound) << "it is fresh";
  clock().advance(std::chrono::hours(25));
  must(catch_up_backup(queue(), {}));
  must(catch_up_backup(queue(), {}));
  EXPECT_THAT(must(run_next()), HasSubstr("katip_daily_"));
  EXPECT_EQ(code_of(run_next()), ErrorCode::kNotFound) << "once";
}

}  // namespace
}  // namespace katip::app
