#include "store/migrate/run/runner.h"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/migrate/run/checksums.h"
#include "store/migrate/run/version_table.h"
#include "store/testing/test_database.h"

namespace katip::store::migrate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

RevisionFile file(const std::string& id, const std::string& revises, const std::string& sql) {
  return parse_revision_file("-- revision: " + id + "\n-- revises: " + revises + "\n" + sql,
                             id + ".sql")
      .value();
}

RevisionGraph three_tables() {
  std::vector<RevisionFile> files;
  files.push_back(file("01", "",
                       "-- upgrade\ncreate table a (x integer primary key);\n"
                       "-- downgrade\ndrop table a;\n"));
  files.push_back(file("02", "01",
                       "-- upgrade\ncreate table b (x integer);\n"
                       "insert into b values (1);\n-- downgrade\ndrop table b;\n"));
  files.push_back(file("03", "02",
                       "-- upgrade\ncreate table c (x integer);\n"
                       "-- downgrade\ndrop table c;\n"));
  return RevisionGraph::build(std::move(files)).value();
}

/// On SQLite and on PostgreSQL alike.
class RunnerOnBoth : public ::testing::TestWithParam<Dialect> {
 protected:
  void SetUp() override {
    auto database = store::testing::TestDatabase::create(GetParam());
    if (!database) GTEST_SKIP() << database.error().message;
    database_ = std::move(*database);
    connection_ = database_->connect().value();
  }
  Runner runner(const RevisionGraph& graph, RunnerOptions options = {}) {
    return {*connection_, graph, std::move(options)};
  }
  bool has_table(const char* name) { return table_exists(*connection_, name).value(); }
  std::vector<std::string> rows(const RevisionGraph& graph) { return runner(graph).rows().value(); }

  std::unique_ptr<store::testing::TestDatabase> database_;
  std::unique_ptr<Connection> connection_;
};

TEST_P(RunnerOnBoth, UpAndDownAndUpAgain) {
  const RevisionGraph graph = three_tables();
  ASSERT_TRUE(runner(graph).upgrade("head"));
  EXPECT_THAT(rows(graph), ElementsAre("03"));
  EXPECT_TRUE(has_table("c"));
  ASSERT_TRUE(runner(graph).downgrade("base"));
  EXPECT_THAT(rows(graph), IsEmpty());
  EXPECT_FALSE(has_table("a"));
  ASSERT_TRUE(runner(graph).upgrade("+2"));
  EXPECT_THAT(rows(graph), ElementsAre("02"));
  EXPECT_TRUE(runner(graph).upgrade("02")->steps.empty()) << "a second time does nothing";
}

TEST_P(RunnerOnBoth, ReadingRowsCreatesNothing) {
  const RevisionGraph graph = three_tables();
  EXPECT_THAT(rows(graph), IsEmpty());
  EXPECT_FALSE(has_table("alembic_version"));
  ASSERT_TRUE(runner(graph).ensure_version_table());
  EXPECT_TRUE(has_table("alembic_version"));
}

TEST_P(RunnerOnBoth, AFailingRevisionLeavesNothingOfItselfAndAllBeforeIt) {
  std::vector<RevisionFile> files;
  files.push_back(file("01", "", "-- upgrade\ncreate table a (x integer);\n-- downgrade\n"));
  files.push_back(file("02", "01",
                       "-- upgrade\ncreate table half (x integer);\n"
                       "insert into nowhere values (1);\n-- downgrade\n"));
  const auto graph = RevisionGraph::build(std::move(files)).value();
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto plan = runner(graph).upgrade("head");
    ASSERT_FALSE(plan);
    EXPECT_THAT(plan.error().message, HasSubstr("02.sql:5")) << "names file and line";
    EXPECT_THAT(rows(graph), ElementsAre("01"));
    EXPECT_FALSE(has_table("half"));
  }
}

TEST_P(RunnerOnBoth, StampChangesRowsOnlyAndPurgeForgetsUnknownOnes) {
  const RevisionGraph graph = three_tables();
  ASSERT_TRUE(runner(graph).stamp({"02"}));
  EXPECT_THAT(rows(graph), ElementsAre("02"));
  EXPECT_FALSE(has_table("a"));
  ASSERT_TRUE(connection_->execute("update alembic_version set version_num = 'gone'"));
  EXPECT_EQ(runner(graph).stamp({"03"}).error().message,
            "Can't locate revision identified by 'gone'");
  ASSERT_TRUE(runner(graph).stamp_purged({"03"}));
  EXPECT_THAT(rows(graph), ElementsAre("03"));
}

TEST_P(RunnerOnBoth, AnIndexThatCouldNotBeBuiltIsBuiltAnew) {
  const std::string how = GetParam() == Dialect::kPostgres ? "concurrently " : "";
  std::vector<RevisionFile> files;
  files.push_back(file("01", "",
                       "-- upgrade\ncreate table a (x integer, y integer);\n"
                       "insert into a values (1, 1), (1, 2);\ncreate unique index " +
                           how +
                           "if not exists u on a (x); -- katip: no-transaction\n-- downgrade\n"));
  const auto graph = RevisionGraph::build(std::move(files)).value();
  ASSERT_FALSE(runner(graph).upgrade("head")) << "there are two of one value";
  ASSERT_TRUE(connection_->execute("delete from a where y = 2"));
  ASSERT_TRUE(runner(graph).upgrade("head"));
  const Rows sound = connection_
                         ->query(GetParam() == Dialect::kPostgres
                                     ? "select 1 from pg_index where indexrelid = to_regclass('u') "
                                       "and indisvalid"
                                     : "select 1 from sqlite_master where name = 'u'")
                         .value();
  EXPECT_EQ(sound.size(), 1U) << "a broken one is not taken for it";
}

TEST_P(RunnerOnBoth, APieceThatIsDoneIsNotRunAgain) {
  std::vector<RevisionFile> files;
  files.push_back(file("01", "",
                       "-- upgrade\ncreate table a (x integer);\n"
                       "create index i on a (x); -- katip: no-transaction\n"
                       "insert into missing values (1);\n-- downgrade\ndrop table a;\n"));
  const auto graph = RevisionGraph::build(std::move(files)).value();
  ASSERT_FALSE(runner(graph).upgrade("head"));
  EXPECT_TRUE(has_table("a"));
  EXPECT_THAT(rows(graph), IsEmpty());
  ASSERT_TRUE(connection_->execute("create table missing (x integer)"));
  const auto plan = runner(graph).upgrade("head");
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_THAT(rows(graph), ElementsAre("01"));
  EXPECT_TRUE(connection_->query("select * from katip_migration_progress")->empty());
}

TEST_P(RunnerOnBoth, AFileThatIsChangedBetweenTwoTriesIsRefused) {
  const std::string begin =
      "-- upgrade\ncreate table a (x integer); -- katip: no-transaction\ninsert into ";
  std::vector<RevisionFile> before = {
      file("01", "", begin + "missing values (1);\n-- downgrade\n")};
  std::vector<RevisionFile> after = {file("01", "", begin + "a values (1);\n-- downgrade\n")};
  const auto graph = RevisionGraph::build(std::move(before)).value();
  ASSERT_FALSE(runner(graph).upgrade("head"));
  const auto changed = RevisionGraph::build(std::move(after)).value();
  EXPECT_THAT(runner(changed).upgrade("head").error().message,
              HasSubstr("was changed after a part"));
}

TEST_P(RunnerOnBoth, AChangedFileIsFoundByItsChecksum) {
  const RevisionGraph graph = three_tables();
  ASSERT_TRUE(runner(graph).upgrade("head"));
  MigrationLog log(*connection_);
  EXPECT_THAT(log.differences(graph, {"03"}).value(), IsEmpty());
  std::vector<RevisionFile> files;
  for (const Revision& revision : graph.revisions()) files.push_back(revision.file);
  files[1].sections[0].sql += "insert into b values (2);\n";
  const auto changed = RevisionGraph::build(std::move(files)).value();
  EXPECT_THAT(log.differences(changed, {"03"}).value(),
              ElementsAre(HasSubstr("02.sql: the upgrade of revision 02 was changed")));
}

TEST_P(RunnerOnBoth, TheLogSaysWhoAppliedWhat) {
  const RevisionGraph graph = three_tables();
  MigrationLog log(*connection_);
  EXPECT_TRUE(log.entries().value().empty()) << "there is no table yet";
  RunnerOptions options;
  options.migrant = {.person = "ayse@db-host", .version = "1.2.3"};
  ASSERT_TRUE(runner(graph, std::move(options)).upgrade("02"));
  ASSERT_TRUE(runner(graph).upgrade("03"));
  const auto entries = log.entries().value();
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries.at("02").applied_by, "ayse@db-host");
  EXPECT_EQ(entries.at("02").app_version, "1.2.3");
  EXPECT_FALSE(entries.at("02").applied_at.empty());
  EXPECT_EQ(entries.at("03").applied_by, std::nullopt);
}

TEST_P(RunnerOnBoth, ALogOfAnOlderProgramGetsItsColumns) {
  const RevisionGraph graph = three_tables();
  ASSERT_TRUE(runner(graph).upgrade("02"));
  ASSERT_TRUE(connection_->execute("alter table katip_migration_log drop column applied_by"));
  ASSERT_TRUE(connection_->execute("alter table katip_migration_log drop column app_version"));
  MigrationLog log(*connection_);
  EXPECT_EQ(log.entries().value().at("01").applied_by, std::nullopt);
  RunnerOptions options;
  options.migrant = {.person = "ayse", .version = "2"};
  ASSERT_TRUE(runner(graph, std::move(options)).upgrade("03"));
  EXPECT_EQ(log.entries().value().at("02").app_version, std::nullopt);
  EXPECT_EQ(log.entries().value().at("03").app_version, "2");
  EXPECT_THAT(log.differences(graph, {"03"}).value(), IsEmpty());
}

TEST_P(RunnerOnBoth, TwentyAtOnceAllSucceedAndOneApplies) {
  const RevisionGraph graph = three_tables();
  std::atomic<int> applied = 0;
  std::atomic<int> failed = 0;
  {
    std::vector<std::jthread> migrators;
    for (int i = 0; i < 20; ++i) {
      migrators.emplace_back([&] {
        const auto connection = database_->connect();
        const auto plan = connection ? Runner(**connection, graph, {}).upgrade("head")
                                     : Result<Plan>(std::unexpected(connection.error()));
        if (!plan) {
          ++failed;
        } else if (!plan->steps.empty()) {
          ++applied;
        }
      });
    }
  }
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(applied, 1);
  EXPECT_THAT(rows(graph), ElementsAre("03"));
}

TEST_P(RunnerOnBoth, ALockThatIsNotFreeInTimeIsATimeOut) {
  const RevisionGraph graph = three_tables();
  const auto other = database_->connect().value();
  ASSERT_TRUE(other->try_lock("migrate").value());
  const auto plan = runner(graph, {.lock_timeout = std::chrono::milliseconds(0)}).upgrade("head");
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ErrorCode::kTimeout);
}

TEST_P(RunnerOnBoth, ARevisionThatMeetsALockIsTriedAgain) {
  const RevisionGraph graph = three_tables();
  ASSERT_TRUE(runner(graph).upgrade("01"));
  const auto other = database_->connect().value();
  const auto impatient =
      database_->connect({.busy_timeout = std::chrono::milliseconds(20)}).value();
  ASSERT_TRUE(other->begin(TransactionMode::kWrite));
  ASSERT_TRUE(other->execute("update alembic_version set version_num = version_num"));
  const auto upgrade = [&](int attempts) {
    return Runner(*impatient, graph,
                  {.retry = {.attempt_count_max = attempts,
                             .backoff_first = std::chrono::milliseconds(5),
                             .backoff_max = std::chrono::milliseconds(10)}})
        .upgrade("02");
  };
  const auto refused = upgrade(2);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kOverloaded);
  std::jthread holder([&] {
    system_clock().sleep_for(std::chrono::milliseconds(150), {});
    EXPECT_TRUE(other->rollback());
  });
  EXPECT_TRUE(upgrade(500));
  holder.join();
  EXPECT_THAT(rows(graph), ElementsAre("02"));
}

TEST_P(RunnerOnBoth, ARevisionWithoutAWayBackSaysSo) {
  std::vector<RevisionFile> files = {file("01", "", "-- upgrade\nselect 1;\n")};
  const auto graph = RevisionGraph::build(std::move(files)).value();
  ASSERT_TRUE(runner(graph).upgrade("head"));
  EXPECT_THAT(runner(graph).downgrade("base").error().message,
              HasSubstr("has no section '-- downgrade'"));
}

INSTANTIATE_TEST_SUITE_P(Databases, RunnerOnBoth,
                         ::testing::Values(Dialect::kSqlite, Dialect::kPostgres),
                         [](const auto& info) { return std::string(store::name(info.param)); });

TEST(RunnerOnSqlite, ATableCanBeRebuiltWithoutLosingChildrenAndBrokenKeysAreRefused) {
  const auto database = store::testing::TestDatabase::create(Dialect::kSqlite).value();
  const auto connection = database->connect().value();
  std::vector<RevisionFile> files;
  files.push_back(file("01", "",
                       "-- upgrade\ncreate table p (x integer primary key);\n"
                       "create table k (p integer references p (x) on delete cascade);\n"
                       "insert into p values (1); insert into k values (1);\n-- downgrade\n"));
  files.push_back(file("02", "01",
                       "-- upgrade\ncreate table q (x integer primary key, y text);\n"
                       "insert into q (x) select x from p; drop table p;\n"
                       "alter table q rename to p;\n-- downgrade\n"));
  files.push_back(file("03", "02", "-- upgrade\ndelete from p;\n-- downgrade\n"));
  const auto graph = RevisionGraph::build(std::move(files)).value();
  ASSERT_TRUE(Runner(*connection, graph, {}).upgrade("02"));
  EXPECT_EQ(connection->query("select * from k")->size(), 1U);
  const auto broken = Runner(*connection, graph, {}).upgrade("03");
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().message, HasSubstr("left without their parent"));
  EXPECT_EQ(connection->query("select * from p")->size(), 1U);
  EXPECT_EQ(connection->query("pragma foreign_keys").value()[0].get<bool>(0).value(), true);
}

}  // namespace
}  // namespace katip::store::migrate
