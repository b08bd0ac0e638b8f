#include "app/backup_remote.h"

#include <gmock/gmock.h>

#include "app/testing/backup_fixture.h"
#include "media/file_blobs.h"

namespace katip::app {
namespace {

namespace fs = std::filesystem;
using jobs::must;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class BackupRemoteTest : public BackupFixture {
 protected:
  void SetUp() override {
    BackupFixture::SetUp();
    if (!IsSkipped()) remote_ = must(media::FileBlobs::open(files_.path() / "remote"));
  }
  Backup make(BackupFolder& where, BackupKind kind) {
    return must(make_backup(where, pool(), kind, {}, {})).backup;
  }

  std::unique_ptr<media::BlobStore> remote_;
};
INSTANTIATE_TEST_SUITE_P(One, BackupRemoteTest, ::testing::Values(store::Dialect::kSqlite));

TEST_P(BackupRemoteTest, WhatIsVerifiedIsSentOnceAndCanBeFetched) {
  BackupFolder where = folder();
  const Backup made = make(where, BackupKind::kManual);
  EXPECT_THAT(must(send_backups(where, *remote_, {})).names, ElementsAre(made.manifest.name));
  EXPECT_THAT(must(send_backups(where, *remote_, {})).names, IsEmpty());
  EXPECT_THAT(must(list_remote_backups(*remote_, {})), ElementsAre(made.manifest.name));
  fs::remove_all(backup_dir());
  BackupFolder empty = folder();
  const Backup back = must(fetch_backup(empty, *remote_, {.name = made.manifest.name}, {}));
  EXPECT_EQ(back.manifest.checksum, made.manifest.checksum);
  EXPECT_TRUE(empty.verify(back, {}, {}));
}

TEST_P(BackupRemoteTest, OneWithoutItsManifestIsSentAgainAndNotShown) {
  BackupFolder where = folder();
  const Backup made = make(where, BackupKind::kManual);
  must(send_backups(where, *remote_, {}));
  must(remote_->remove("database/manual/" + made.manifest.name + ".manifest.json", {}));
  EXPECT_THAT(must(list_remote_backups(*remote_, {})), IsEmpty());
  EXPECT_EQ(code_of(fetch_backup(where, *remote_, {.name = made.manifest.name}, {})),
            ErrorCode::kNotFound);
  EXPECT_EQ(must(send_backups(where, *remote_, {})).names.size(), 1u);
}

TEST_P(BackupRemoteTest, WhatRetentionLetGoIsForgottenAndNothingElse) {
  BackupOptions few = options();
  few.retention = {.daily = 1, .weekly = 1, .monthly = 1};
  BackupFolder where = folder(few);
  const Backup first = make(where, BackupKind::kDaily);
  must(send_backups(where, *remote_, {}));
  clock().advance(std::chrono::hours(24));
  const Backup second = make(where, BackupKind::kDaily);
  must(send_backups(where, *remote_, {}));
  EXPECT_THAT(must(forget_backups(where, *remote_, {})), ElementsAre(first.manifest.name));
  const auto left = must(list_remote_backups(*remote_, {}));
  EXPECT_TRUE(std::ranges::find(left, second.manifest.name) != left.end());
  EXPECT_EQ(left.size(), 3u);
  // A folder that lost everything lets nothing go.
  fs::remove_all(backup_dir());
  EXPECT_THAT(must(forget_backups(folder(few), *remote_, {})), IsEmpty());
}

TEST_P(BackupRemoteTest, NamesThatLeadElsewhereAreNotThere) {
  for (const char* name : {"../x", "katip_daily_../../x", "", "passwd"}) {
    EXPECT_EQ(code_of(fetch_backup(folder(), *remote_, {.name = name}, {})), ErrorCode::kNotFound)
        << name;
  }
}

}  // namespace
}  // namespace katip::app
