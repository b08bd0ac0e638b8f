#include "app/backup_folder.h"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include "app/backup/calendar.h"
#include "app/backup/room.h"
#include "app/testing/backup_fixture.h"
#include "store/backup_store.h"

namespace katip::app {
namespace {

namespace fs = std::filesystem;
using jobs::must;
using ::testing::HasSubstr;

class BackupFolderTest : public BackupFixture {
 protected:
  Backup make(BackupFolder& where, BackupKind kind = BackupKind::kDaily) {
    return must(make_backup(where, pool(), kind, {}, {})).backup;
  }
  store::BackupRecord row(const std::string& id) {
    const auto sql = must(pool().acquire({}));
    return must(store::find_backup(*sql, id)).value_or(store::BackupRecord{});
  }
};
KATIP_ON_BOTH_DATABASES(BackupFolderTest);

TEST_P(BackupFolderTest, MakesOneThatIsProvedByRestoringIt) {
  put({.kind = "cleanup.x"});
  BackupFolder where = folder();
  const Backup made = make(where);
  EXPECT_TRUE(made.is_verified());
  EXPECT_TRUE(made.manifest.name.starts_with("katip_daily_")) << made.manifest.name;
  EXPECT_EQ(made.folder, backup_dir() / "database" / "daily");
  EXPECT_EQ(made.manifest.database.row_counts.at("tasks"), 1);
  EXPECT_EQ(made.manifest.database.row_counts.at("backups"), 1) << "its own";
  const store::BackupRecord recorded = row(made.manifest.id);
  EXPECT_EQ(recorded.status, "verified");
  EXPECT_EQ(recorded.size, made.manifest.size());
  EXPECT_TRUE(fs::is_empty(where.scratch_dir()));
  const RestoreProof proof = must(where.verify(made, {}, {}));
  EXPECT_EQ(proof.database.row_counts, made.manifest.database.row_counts);
}

TEST_P(BackupFolderTest, TheFirstOneIsThatOfItsWeekAndMonthToo) {
  BackupFolder where = folder();
  const MadeBackup made = must(make_backup(where, pool(), BackupKind::kDaily, {}, {}));
  ASSERT_EQ(made.copies.size(), 2u);
  EXPECT_EQ(fs::hard_link_count(part_of(made.backup, "database")), 3u);
  for (const Backup& copy : made.copies) {
    EXPECT_EQ(copy.manifest.copy_of, made.backup.manifest.name);
    const Backup found = must(where.find(copy.manifest.id));
    EXPECT_TRUE(found.is_verified());
    EXPECT_TRUE(where.verify(found, {}, {})) << "it can be restored by itself";
  }
  EXPECT_EQ(must(where.list()).backups.size(), 3u);
  clock().advance(std::chrono::hours(1));
  EXPECT_TRUE(must(make_backup(where, pool(), BackupKind::kDaily, {}, {})).copies.empty());
}

TEST_P(BackupFolderTest, IsEncryptedWhenThereIsAKey) {
  BackupOptions sealed = options();
  sealed.key = key_of('a');
  BackupFolder where = folder(sealed);
  const Backup made = make(where);
  EXPECT_EQ(made.manifest.key_id, sealed.key->id());
  EXPECT_TRUE(made.manifest.part("database")->file_name.ends_with(".zst.sealed"));
  EXPECT_TRUE(row(made.manifest.id).is_encrypted);
  BackupFolder without = folder();
  EXPECT_EQ(must(without.list()).backups.size(), 3u) << "what there is may be seen";
  EXPECT_EQ(code_of(without.verify(made, {}, {})), ErrorCode::kUnauthenticated);
  EXPECT_TRUE(must(without.find(made.manifest.id)).is_verified())
      << "who has no key knows nothing against it";
}

TEST_P(BackupFolderTest, AFlippedByteIsFoundAndCountsAgainstIt) {
  BackupFolder where = folder();
  const Backup made = make(where, BackupKind::kManual);
  for (const char* role : {"database", "files"}) {
    const fs::path part = part_of(made, role);
    flip(part, fs::file_size(part) / 2);
    EXPECT_EQ(code_of(where.verify(made, {}, {})), ErrorCode::kCorruptData) << role;
    EXPECT_FALSE(must(where.find(made.manifest.name)).is_verified());
    flip(part, fs::file_size(part) / 2);
    EXPECT_TRUE(where.verify(made, {}, {}));
  }
  flip(part_of(made, "database"), 100);
  static_cast<void>(where.verify(made, {}, {}));
  must(where.record(pool(), {}));
  EXPECT_EQ(row(made.manifest.id).status, "failed");
  EXPECT_THAT(row(made.manifest.id).error.value_or(""), HasSubstr("katip_manual"));
}

TEST_P(BackupFolderTest, OneThatIsCutOffOrMissesAPartIsRefused) {
  BackupFolder where = folder();
  const Backup made = make(where, BackupKind::kManual);
  const fs::path part = part_of(made, "database");
  fs::resize_file(part, fs::file_size(part) - 1);
  EXPECT_EQ(code_of(where.verify(made, {}, {})), ErrorCode::kCorruptData);
  fs::remove(part);
  EXPECT_FALSE(where.verify(made, {}, {}));
}

TEST_P(BackupFolderTest, AManifestThatDoesNotFitIsShownAsDamaged) {
  BackupFolder where = folder();
  const Backup made = make(where, BackupKind::kManual);
  const fs::path manifest = made.folder / (made.manifest.name + ".manifest.json");
  flip(manifest, 50);
  const BackupList list = must(where.list());
  EXPECT_TRUE(list.backups.empty());
  ASSERT_EQ(list.damaged.size(), 1u);
  EXPECT_EQ(list.damaged[0].name, made.manifest.name);
  EXPECT_EQ(code_of(where.find(made.manifest.name)), ErrorCode::kCorruptData);
  // Another one's manifest, which is sound by itself.
  flip(manifest, 50);
  fs::rename(manifest, made.folder / "katip_manual_20200101_000000.manifest.json");
  EXPECT_EQ(must(where.list()).damaged.size(), 1u);
}

TEST_P(BackupFolderTest, AManifestThatPromisesOtherRowsIsRefused) {
  BackupFolder where = folder();
  Backup made = make(where, BackupKind::kManual);
  ++made.manifest.database.row_counts["tasks"];
  const auto proof = where.verify(made, {}, {});
  ASSERT_FALSE(proof);
  EXPECT_THAT(proof.error().message, HasSubstr("the table tasks has 0 rows"));
}

TEST_P(BackupFolderTest, OneWithoutTheRowThatWasWrittenLastIsRefused) {
  BackupFolder where = folder();
  Backup made = make(where, BackupKind::kManual);
  made.manifest.sentinel_id = "019a0000-0000-7000-8000-000000000009";
  const auto proof = where.verify(made, {}, {});
  ASSERT_FALSE(proof);
  EXPECT_THAT(proof.error().message, HasSubstr("what was committed last is missing"));
}

TEST_P(BackupFolderTest, OneWorksInAFolderAtATime) {
  BackupFolder where = folder();
  const auto lock = must(FileLock::try_take(backup_dir() / "work.lock", FileLockKind::kExclusive));
  EXPECT_EQ(code_of(where.create(pool(), BackupKind::kDaily, {}, {})), ErrorCode::kOverloaded);
  EXPECT_EQ(code_of(where.prune()), ErrorCode::kOverloaded);
}

TEST_P(BackupFolderTest, WhatIsTooOldGoesWithItsFilesAndItsRow) {
  BackupOptions few = options();
  few.retention = {.daily = 2, .weekly = 1, .monthly = 1};
  BackupFolder where = folder(few);
  const Backup first = make(where);
  for (int i = 0; i < 3; ++i) {
    clock().advance(std::chrono::hours(24));
    make(where);
  }
  const BackupList list = must(where.list());
  EXPECT_EQ(std::ranges::count_if(
                list.backups,
                [](const Backup& each) { return each.manifest.kind == BackupKind::kDaily; }),
            2);
  EXPECT_FALSE(fs::exists(part_of(first, "database")));
  EXPECT_EQ(code_of(where.find(first.manifest.name)), ErrorCode::kNotFound);
  EXPECT_EQ(row(first.manifest.id).id, "");
}

TEST_P(BackupFolderTest, AFailureIsToldAndLeavesNothing) {
  BackupFolder where = folder();
  fs::remove_all(backup_dir() / "database" / "manual");
  std::ofstream(backup_dir() / "database" / "manual") << "a file where a folder has to be";
  EXPECT_FALSE(make_backup(where, pool(), BackupKind::kManual, {}, {}));
  const auto sql = must(pool().acquire({}));
  const auto rows = must(store::list_backups(*sql, 10));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].status, "failed");
  EXPECT_THAT(rows[0].error.value_or(""), HasSubstr("manual"));
  for (const auto& entry : fs::directory_iterator(backup_dir())) {
    EXPECT_FALSE(entry.path().filename().string().starts_with(".making")) << entry.path();
  }
}

TEST_P(BackupFolderTest, ARestoredDatabaseLearnsOfTheBackupsThatAreThere) {
  BackupFolder where = folder();
  const Backup made = make(where, BackupKind::kManual);
  {
    const auto sql = must(pool().acquire({}));
    must(store::delete_backup(*sql, made.manifest.id));
    must(store::put_backup(*sql, {.id = "019a0000-0000-7000-8000-000000000005",
                                  .kind = "daily",
                                  .status = "running",
                                  .database_kind = "sqlite",
                                  .file_name = "katip_daily_x",
                                  .started_at = queue().now()}));
  }
  must(where.record(pool(), {}));
  EXPECT_EQ(row(made.manifest.id).status, "verified");
  EXPECT_EQ(row("019a0000-0000-7000-8000-000000000005").status, "failed");
}

TEST_P(BackupFolderTest, SaysThatThereIsNoRoom) {
  const Status status = check_room(files_.path(), std::int64_t{1} << 60);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(status.error().message, HasSubstr("KATIP_BACKUP_DIR"));
}

TEST_P(BackupFolderTest, IsNamedByTheClockOfItsTimeZone) {
  EXPECT_EQ(local_moment(Timestamp(std::chrono::days(20'513)), "Europe/Istanbul").stamp,
            "20260301_030000");
  EXPECT_EQ(local_moment(Timestamp(std::chrono::days(20'513)), "America/New_York").stamp,
            "20260228_190000");
  BackupOptions wrong = options();
  wrong.time_zone = "Europe/Nowhere";
  EXPECT_EQ(code_of(BackupFolder::open(wrong, clock(), rng())), ErrorCode::kInvalidArgument);
}

/// Somebody commits 200 rows a second, all the time.
TEST_P(BackupFolderTest, HoldsEveryRowThatWasCommittedBeforeItsBeginning) {
  const auto writer = must(connect({}));
  must(writer->execute("create table load (id integer primary key, at integer)"));
  std::atomic<int> committed = 0;
  std::jthread load([&](const std::stop_token& stop) {
    for (int i = 1; !stop.stop_requested(); ++i) {
      if (!writer->query("insert into load values ($1, $1)", {i})) return;
      committed = i;
      system_clock().sleep_for(std::chrono::milliseconds(5), {});
    }
  });
  while (committed < 50) system_clock().sleep_for(std::chrono::milliseconds(1), {});
  BackupFolder where = folder();
  const int before = committed;
  const Backup made = make(where, BackupKind::kManual);
  const int after = committed;
  load.request_stop();
  load.join();
  EXPECT_GT(after, before) << "the writer went on meanwhile";
  const auto copies = must(where.open_copies());
  must(where.load(made, *copies, "look", {}, {}));
  const auto copy = must(store::Connection::open(copies->url_of("look"), {}));
  const auto rows = must(copy->query("select count(*) from load where id <= $1", {before}));
  EXPECT_EQ(must(rows[0].get<std::int64_t>(0)), before);
  EXPECT_GE(made.manifest.database.row_counts.at("load"), before);
}

}  // namespace
}  // namespace katip::app
