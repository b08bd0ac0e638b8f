#include "store/rehearsal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/testing/temporary_folder.h"
#include "store/migrate/run/version_table.h"
#include "store/migrator.h"
#include "store/schema.h"
#include "store/testing/catalog.h"
#include "store/testing/test_database.h"

namespace katip::store {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// On SQLite, on a PostgreSQL that is copied with its rows, and on one that is not.
enum class Kind { kSqlite, kPostgres, kLargePostgres };

class RehearsalTest : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    auto database = testing::TestDatabase::create(dialect());
    if (!database) GTEST_SKIP() << database.error().message;
    database_ = std::move(*database);
    live_ = database_->connect().value();
    write("01", "",
          "-- upgrade\ncreate table a (x integer);\ninsert into a values (1);\n-- downgrade\n"
          "drop table a;\n");
    write("02", "01",
          "-- upgrade\ncreate index if not exists i on a (x); -- katip: no-transaction\n"
          "create table b (x integer primary key);\n-- downgrade\n");
    ASSERT_TRUE(Migrator(*live_, migrations(), {}).upgrade("01"));
  }
  [[nodiscard]] static Dialect dialect() {
    return GetParam() == Kind::kSqlite ? Dialect::kSqlite : Dialect::kPostgres;
  }
  void write(const std::string& id, const std::string& revises, const std::string& rest) {
    ASSERT_TRUE(write_file_atomically(
        folder_.path() / (id + ".sql"),
        "-- revision: " + id + "\n-- revises: " + revises + "\n-- message: m\n" + rest));
    migrations_ = Migrations::of_folder({.folder = folder_.path()}).value();
  }
  const Migrations& migrations() { return *migrations_; }
  RehearsalOptions options() {
    RehearsalOptions options;
    options.scratch_dir = scratch_.path();
    options.lock_timeout = std::chrono::milliseconds(50);
    if (GetParam() == Kind::kLargePostgres) options.rows_size_max = 0;
    return options;
  }
  Result<Rehearsal> rehearse() { return Rehearsal::create(*live_, database_->url(), options()); }
  std::vector<std::string> shadows() {
    std::vector<std::string> names;
    if (dialect() == Dialect::kPostgres) {
      const Rows rows =
          live_->query("select datname::text from pg_database where datname like 'katip_shadow%'")
              .value();
      for (const Row row : rows) names.push_back(row.get<std::string>(0).value());
      return names;
    }
    for (const auto& entry : fs::directory_iterator(database_->url().path().parent_path())) {
      const std::string name = entry.path().filename();
      if (name.contains("dry-run") && name != "katip.db.dry-run.lock") names.push_back(name);
    }
    return names;
  }
  static std::int64_t count(Connection& connection, const std::string& table) {
    const Rows rows = connection.query("select count(*) from " + table).value();
    return rows[0].get<std::int64_t>(0).value();
  }

  TemporaryFolder folder_;
  TemporaryFolder scratch_;
  std::optional<Migrations> migrations_;
  std::unique_ptr<testing::TestDatabase> database_;
  std::unique_ptr<Connection> live_;
};

TEST_P(RehearsalTest, RevisionsRunOnACopyThatIsGoneAfterwards) {
  const auto before = testing::catalog_lines(*live_).value();
  {
    auto rehearsal = rehearse();
    ASSERT_TRUE(rehearsal) << rehearsal.error().message;
    const bool has_rows = GetParam() != Kind::kLargePostgres;
    EXPECT_EQ(rehearsal->has_rows(), has_rows);
    EXPECT_EQ(testing::catalog_lines(rehearsal->connection()).value(), before);
    EXPECT_EQ(count(rehearsal->connection(), "a"), has_rows ? 1 : 0);
    Migrator migrator(rehearsal->connection(), migrations(), {});
    const auto report = migrator.upgrade("head");
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_THAT(report->steps, ElementsAre("upgrade 01 -> 02, m")) << "it stands where the live is";
    EXPECT_EQ(count(rehearsal->connection(), "b"), 0);
    EXPECT_THAT(migrator.verify().value(), IsEmpty()) << "the log of the live one came along";
  }
  EXPECT_EQ(testing::catalog_lines(*live_).value(), before);
  EXPECT_THAT(Migrator(*live_, migrations(), {}).applied().value(), ElementsAre("01"));
  EXPECT_THAT(shadows(), IsEmpty());
  EXPECT_TRUE(fs::is_empty(scratch_.path()));
}

TEST_P(RehearsalTest, ARevisionThatFailsFailsThere) {
  write("03", "02", "-- upgrade\ninsert into nowhere values (1);\n-- downgrade\n");
  auto rehearsal = rehearse();
  ASSERT_TRUE(rehearsal) << rehearsal.error().message;
  const auto report = Migrator(rehearsal->connection(), migrations(), {}).upgrade("head");
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().message, HasSubstr("03.sql:5"));
}

TEST_P(RehearsalTest, NobodyWaitsForItOnTheLiveDatabase) {
  auto rehearsal = rehearse();
  ASSERT_TRUE(rehearsal) << rehearsal.error().message;
  const auto other = database_->connect({.busy_timeout = std::chrono::milliseconds(50)}).value();
  EXPECT_TRUE(other->execute("insert into a values (2); alter table a add column y integer"));
  MigratorOptions hurried;
  hurried.lock_timeout = std::chrono::milliseconds(50);
  EXPECT_TRUE(Migrator(*other, migrations(), hurried).upgrade("head"));
}

TEST_P(RehearsalTest, AHalfDoneRevisionGoesOnWhereItIs) {
  write("03", "02",
        "-- upgrade\ncreate table c (x integer); -- katip: no-transaction\n"
        "insert into nowhere values (1); -- katip: no-transaction\n-- downgrade\n");
  ASSERT_FALSE(Migrator(*live_, migrations(), {}).upgrade("head"));
  auto rehearsal = rehearse();
  ASSERT_TRUE(rehearsal) << rehearsal.error().message;
  const auto report = Migrator(rehearsal->connection(), migrations(), {}).upgrade("head");
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().message, HasSubstr("03.sql:6")) << "the table is not made again";
}

INSTANTIATE_TEST_SUITE_P(Databases, RehearsalTest,
                         ::testing::Values(Kind::kSqlite, Kind::kPostgres, Kind::kLargePostgres),
                         [](const auto& info) {
                           return info.param == Kind::kSqlite     ? "Sqlite"
                                  : info.param == Kind::kPostgres ? "Postgres"
                                                                  : "PostgresWithoutRows";
                         });

class SqliteRehearsal : public ::testing::Test {
 protected:
  std::unique_ptr<testing::TestDatabase> database_ =
      testing::TestDatabase::create(Dialect::kSqlite).value();
  std::unique_ptr<Connection> live_ = database_->connect().value();
};

TEST_F(SqliteRehearsal, OneAtATimeAndWhatAKilledOneLeftIsReplaced) {
  const std::string left = database_->url().path().string() + ".dry-run";
  ASSERT_TRUE(write_file_atomically(left, "no database"));
  RehearsalOptions options;
  options.lock_timeout = std::chrono::milliseconds(20);
  const auto first = Rehearsal::create(*live_, database_->url(), options);
  ASSERT_TRUE(first) << first.error().message;
  const auto other = database_->connect().value();
  const auto second = Rehearsal::create(*other, database_->url(), options);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kTimeout);
}

TEST_F(SqliteRehearsal, WithoutRoomItIsNotBegun) {
  RehearsalOptions options;
  options.has_room = [](const fs::path&, std::int64_t) -> Status {
    return fail(ErrorCode::kUnavailable, "no room");
  };
  const auto rehearsal = Rehearsal::create(*live_, database_->url(), options);
  ASSERT_FALSE(rehearsal);
  EXPECT_EQ(rehearsal.error().message, "no room");
  EXPECT_FALSE(fs::exists(database_->url().path().string() + ".dry-run"));
}

TEST_F(SqliteRehearsal, ADatabaseInMemoryHasAnother) {
  const DatabaseUrl url = DatabaseUrl::parse("sqlite:///:memory:").value();
  const auto live = Connection::open(url, {}).value();
  auto rehearsal = Rehearsal::create(*live, url, {});
  ASSERT_TRUE(rehearsal) << rehearsal.error().message;
  EXPECT_GT(upgrade_to_head(rehearsal->connection()).value(), 1U);
}

}  // namespace
}  // namespace katip::store
