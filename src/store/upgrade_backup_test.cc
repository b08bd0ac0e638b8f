#include "store/upgrade_backup.h"

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/manual_clock.h"
#include "store/schema.h"
#include "store/sqlite/file_copy.h"
#include "store/testing/test_database.h"

namespace katip::store {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class UpgradeBackupTest : public ::testing::Test {
 protected:
  UpgradeBackupTest() {
    connection_->execute("create table notes (text text); insert into notes values ('kâtip')")
        .value();
  }
  Result<std::optional<UpgradeBackup>> back_up(const std::vector<std::string>& revisions,
                                               UpgradeBackupOptions options = {}) {
    return back_up_before_upgrade(*connection_, revisions, options, {});
  }
  [[nodiscard]] const fs::path& file() const { return database_->url().path(); }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const fs::path& path : upgrade_backups_of(file())) names.push_back(path.filename());
    return names;
  }
  /// All files beside the database that are not its own.
  [[nodiscard]] std::size_t other_file_count() const {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(file().parent_path())) {
      const std::string name = entry.path().filename();
      if (name != "katip.db" && name != "katip.db-wal" && name != "katip.db-shm") ++count;
    }
    return count;
  }
  Result<std::string> note_of(const fs::path& path) {
    const auto copy = Connection::open(database_->url().with_path(path), {}).value();
    const Rows rows = KATIP_TRY(copy->query("select text from notes"));
    return rows[0].get<std::string>(0);
  }

  ManualClock clock_;
  std::unique_ptr<testing::TestDatabase> database_ =
      testing::TestDatabase::create(Dialect::kSqlite).value();
  std::unique_ptr<Connection> connection_ = database_->connect({.clock = &clock_}).value();
};

TEST_F(UpgradeBackupTest, IsAWholeDatabaseThatItsOwnerAloneMayRead) {
  std::vector<std::string> told;
  UpgradeBackupOptions options;
  options.on_begin = [&](const UpgradeBackup& backup) {
    EXPECT_FALSE(fs::exists(backup.path));
    told.emplace_back("begin");
  };
  options.on_made = [&](const UpgradeBackup& backup) {
    EXPECT_TRUE(fs::exists(backup.path));
    told.emplace_back("made");
  };
  const auto backup = back_up({"8c41d7e2a05f"}, options);
  ASSERT_TRUE(backup) << backup.error().message;
  const fs::path path = (*backup)->path;
  EXPECT_THAT(path.filename().string(),
              ::testing::MatchesRegex("katip.db.before-upgrade.[0-9]{8}T[0-9]{6}Z.8c41d7e2a05f"));
  EXPECT_EQ((*backup)->size, static_cast<std::int64_t>(fs::file_size(path)));
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT_THAT(told, ElementsAre("begin", "made"));
  EXPECT_EQ(other_file_count(), 1U) << "nothing else is left";
  connection_->execute("delete from notes").value();
  EXPECT_EQ(note_of(path).value(), "kâtip");
}

TEST_F(UpgradeBackupTest, HasWhatIsInTheLogOnly) {
  connection_->execute("pragma wal_autocheckpoint = 0; update notes set text = 'new'").value();
  EXPECT_EQ(note_of((*back_up({"a"}).value()).path).value(), "new");
}

TEST_F(UpgradeBackupTest, TheNewestOfEachRevisionStaysAndNoMoreThanWanted) {
  const UpgradeBackupOptions two{.count_max = 2};
  for (const char* revision : {"a", "b", "c", "c", "c"}) {
    ASSERT_TRUE(back_up({revision}, two));
    clock_.advance(std::chrono::seconds(1));
  }
  ASSERT_THAT(names(), SizeIs(2));
  EXPECT_THAT(names()[0], ::testing::EndsWith("04Z.c"));
  EXPECT_THAT(names()[1], ::testing::EndsWith("01Z.b"));
  EXPECT_EQ(other_file_count(), 2U);
}

TEST_F(UpgradeBackupTest, HalfOfOneIsNoneAndGoesWithTheNext) {
  const fs::path half = file().string() + ".before-upgrade.20990101T000000Z.a.unfinished";
  fs::copy_file(file(), half);
  EXPECT_THAT(names(), IsEmpty());
  ASSERT_TRUE(back_up({"a"}));
  EXPECT_FALSE(fs::exists(half));
  EXPECT_THAT(names(), SizeIs(1));
}

TEST_F(UpgradeBackupTest, WithoutRoomNothingIsMadeAndTheErrorSaysHowToGoOn) {
  std::int64_t needed = 0;
  UpgradeBackupOptions options;
  options.has_room = [&](const fs::path&, std::int64_t size) -> Status {
    needed = size;
    return fail(ErrorCode::kUnavailable, "no room");
  };
  const auto backup = back_up({"a"}, options);
  ASSERT_FALSE(backup);
  EXPECT_EQ(backup.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(backup.error().message,
              AllOf(HasSubstr("nothing was changed: no room"), HasSubstr("--no-backup"),
                    HasSubstr("KATIP_MIGRATE_BACKUP=off")));
  EXPECT_GE(needed, static_cast<std::int64_t>(fs::file_size(file())));
  EXPECT_EQ(other_file_count(), 0U);
}

TEST_F(UpgradeBackupTest, ACopyThatIsNotSoundIsFound) {
  const fs::path copy = file().string() + ".copy";
  ASSERT_TRUE(sqlite::copy_to(file(), copy, {}));
  ASSERT_TRUE(sqlite::check_copy(*connection_, copy, {}));
  EXPECT_EQ(sqlite::copy_to(file(), copy, {}).error().code, ErrorCode::kConflict);
  connection_->execute("create table another (x integer)").value();
  const Status fewer = sqlite::check_copy(*connection_, copy, {});
  ASSERT_FALSE(fewer);
  EXPECT_THAT(fewer.error().message, HasSubstr("has 1 tables and indexes, and the database 2"));
  fs::resize_file(copy, fs::file_size(copy) / 2);
  EXPECT_FALSE(sqlite::check_copy(*connection_, copy, {}));
}

TEST_F(UpgradeBackupTest, NothingIsMadeOfADatabaseWithoutTables) {
  connection_->execute("drop table notes; create table alembic_version (x text)").value();
  EXPECT_FALSE(back_up({}).value());
  const auto memory =
      Connection::open(DatabaseUrl::parse("sqlite:///:memory:").value(), {}).value();
  memory->execute("create table a (x text)").value();
  EXPECT_FALSE(back_up_before_upgrade(*memory, {}, {}, {}).value());
  EXPECT_EQ(other_file_count(), 0U);
}

TEST(UpgradeBackup, AnUpgradeMakesOneWhenItHasSomethingToDo) {
  const auto database = testing::TestDatabase::create(Dialect::kSqlite).value();
  const auto connection = database->connect().value();
  const SchemaUpgradeOptions options{.backup = UpgradeBackupOptions()};
  ASSERT_GT(upgrade_to_head(*connection, options).value(), 1U);
  EXPECT_THAT(upgrade_backups_of(database->url().path()), IsEmpty()) << "it was new";
  EXPECT_EQ(upgrade_to_head(*connection, options).value(), 0U);
  EXPECT_THAT(upgrade_backups_of(database->url().path()), IsEmpty()) << "there was nothing to do";
}

}  // namespace
}  // namespace katip::store
