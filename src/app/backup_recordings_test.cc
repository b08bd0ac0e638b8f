#include <csignal>

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/backup_remote.h"
#include "app/backup_restore.h"
#include "app/testing/backup_fixture.h"
#include "media/file_blobs.h"
#include "store/job_store.h"

/// Recordings in backups: backup/recordings.cc, and what the second place does with them.
namespace katip::app {
namespace {

namespace fs = std::filesystem;
using jobs::must;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class BackupRecordingsTest : public BackupFixture {
 protected:
  BackupOptions with_media() {
    BackupOptions options = this->options();
    options.with_media = true;
    return options;
  }
  Backup make(BackupFolder& where, BackupKind kind = BackupKind::kManual) {
    clock().advance(std::chrono::seconds(1));
    return must(make_backup(where, pool(), kind, {}, {})).backup;
  }
  /// A job with a recording of this name; returns the id of the job.
  std::string record(const std::string& name, const std::string& text) {
    const std::string id = queue().new_id();
    const auto sql = must(pool().acquire({}));
    must(store::insert_job(*sql, {.id = id,
                                  .job_id = "job_" + name,
                                  .media_key = "media/" + name,
                                  .created_at = queue().now()}));
    if (text.empty()) return id;
    fs::create_directories(data_dir() / "media");
    std::ofstream(live(name)) << text;
    return id;
  }
  void forget(const std::string& job) {
    const auto sql = must(pool().acquire({}));
    must(sql->query("delete from jobs where id = $1", {job}));
  }
  [[nodiscard]] fs::path live(const std::string& name) const { return data_dir() / "media" / name; }
  [[nodiscard]] fs::path kept(const std::string& name) const {
    return backup_dir() / "media" / "plain" / name;
  }
  static std::string text_of(const fs::path& path) {
    return read_whole_file(path, 1 << 20).value_or("none");
  }
  static std::vector<std::string> names_in(const fs::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file()) names.push_back(entry.path().filename());
    }
    std::ranges::sort(names);
    return names;
  }
};
KATIP_ON_BOTH_DATABASES(BackupRecordingsTest);

TEST_P(BackupRecordingsTest, ComeAlongWhenThatIsWantedAndOnlyThen) {
  record("a.wav", "sound a");
  BackupFolder without = folder();
  EXPECT_FALSE(make(without).manifest.media);
  EXPECT_FALSE(fs::exists(backup_dir() / "media"));
  BackupFolder where = folder(with_media());
  const Backup made = make(where);
  EXPECT_TRUE(made.is_verified());
  ASSERT_TRUE(made.manifest.media);
  EXPECT_EQ(made.manifest.media->count, 1);
  EXPECT_EQ(made.manifest.media->size, 7);
  EXPECT_EQ(must(where.recordings_of(made, {})).at(0).key, "media/a.wav");
  EXPECT_EQ(text_of(kept("a.wav")), "sound a");
  EXPECT_TRUE(fs::is_empty(where.scratch_dir()));
}

TEST_P(BackupRecordingsTest, AreKeptOnceForAllBackups) {
  record("a.wav", "sound a");
  BackupFolder where = folder(with_media());
  make(where);
  // Who puts it there once more would need to read it: it is no longer there to be read.
  fs::remove(live("a.wav"));
  record("b.wav", "sound b");
  const Backup second = make(where);
  EXPECT_EQ(second.manifest.media->count, 2);
  EXPECT_EQ(second.manifest.media->missing_count, 0);
  EXPECT_THAT(names_in(backup_dir() / "media"), ElementsAre("a.wav", "b.wav"));
  // What was put there by somebody who was killed before he told of it is put there again.
  record("c.wav", "sound c");
  std::ofstream(kept("c.wav")) << "half";
  const Backup third = make(where);
  EXPECT_EQ(third.manifest.media->count, 3);
  EXPECT_EQ(text_of(kept("c.wav")), "sound c");
}

TEST_P(BackupRecordingsTest, OneThatWasDeletedIsToldOfAndFailsNothing) {
  record("a.wav", "sound a");
  record("gone.wav", "");
  record("../../etc/passwd", "");
  BackupFolder where = folder(with_media());
  const Backup made = make(where);
  EXPECT_TRUE(made.is_verified());
  EXPECT_EQ(made.manifest.media->count, 1);
  EXPECT_EQ(made.manifest.media->missing_count, 2);
  EXPECT_EQ(made.manifest.media->problem, "");
}

TEST_P(BackupRecordingsTest, WhatGoesWrongWithThemFailsNoBackupOfTheDatabase) {
  record("a.wav", "sound a");
  fs::create_directories(backup_dir() / "media");
  std::ofstream(backup_dir() / "media" / "plain") << "a file where a folder has to be";
  BackupFolder where = folder(with_media());
  const Backup made = make(where);
  EXPECT_TRUE(made.is_verified());
  EXPECT_EQ(made.manifest.media->missing_count, 1);
  EXPECT_THAT(made.manifest.media->problem, HasSubstr("cannot make the folder"));
}

TEST_P(BackupRecordingsTest, WhoIsKilledAmongThemLeavesNoBackupAndNothingInTheWay) {
  for (const char* name : {"a.wav", "b.wav", "c.wav"}) record(name, std::string("sound ") + name);
  const pid_t child = ::fork();
  if (child == 0) {
    BackupObserver observer;
    observer.on_step = [](const std::string& what) {
      if (what.ends_with("2 of 3")) static_cast<void>(::kill(::getpid(), SIGKILL));
    };
    const auto own = must(store::Pool::create(database().url(), {}, {}));
    BackupFolder where = folder(with_media());
    static_cast<void>(where.create(*own, BackupKind::kManual, observer, {}));
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_THAT(names_in(backup_dir() / "media"), ElementsAre("a.wav", "b.wav"));
  BackupFolder where = folder(with_media());
  EXPECT_THAT(must(where.list()).backups, IsEmpty());
  const Backup made = make(where);
  EXPECT_EQ(made.manifest.media->count, 3);
  EXPECT_TRUE(where.verify(made, {}, {}));
  EXPECT_EQ(names_in(backup_dir()).size(), 3u + 5u + 1u) << "recordings, parts and the lock";
}

TEST_P(BackupRecordingsTest, AreVerifiedByTheirSizesAndThoroughlyByEveryByte) {
  record("a.wav", "sound a");
  BackupFolder where = folder(with_media());
  const Backup made = make(where);
  flip(kept("a.wav"), 3);
  EXPECT_TRUE(where.verify(made, {}, {}, MediaCheck::kSizes));
  const auto proof = where.verify(made, {}, {});
  ASSERT_FALSE(proof);
  EXPECT_EQ(proof.error().code, ErrorCode::kCorruptData);
  EXPECT_THAT(proof.error().message, HasSubstr("1 of its 1 recordings"));
  EXPECT_FALSE(must(where.find(made.manifest.id)).is_verified());
  fs::remove(kept("a.wav"));
  EXPECT_EQ(code_of(where.verify(made, {}, {}, MediaCheck::kSizes)), ErrorCode::kCorruptData);
}

TEST_P(BackupRecordingsTest, ThoseThatAreMissingArePutBackAndNoOtherFileIsTouched) {
  for (const char* name : {"gone.wav", "there.wav", "other.wav", "lost.wav"}) {
    record(name, std::string("sound ") + name);
  }
  BackupFolder where = folder(with_media());
  const Backup made = make(where);
  fs::remove(live("gone.wav"));
  fs::remove(live("lost.wav"));
  fs::remove(kept("lost.wav"));
  fs::remove(live("other.wav"));
  std::ofstream(live("other.wav")) << "of somebody else";
  const MediaReturn report = must(where.put_back_recordings(made, {}, {}));
  EXPECT_EQ(report.restored_count, 1);
  EXPECT_EQ(report.present_count, 1);
  EXPECT_EQ(report.differing_count, 1);
  EXPECT_EQ(report.failed_count, 1);
  EXPECT_EQ(report.complaints.size(), 2u);
  EXPECT_EQ(text_of(live("gone.wav")), "sound gone.wav");
  EXPECT_EQ(text_of(live("other.wav")), "of somebody else");
  EXPECT_EQ(must(where.put_back_recordings(made, {}, {})).restored_count, 0);
}

TEST_P(BackupRecordingsTest, GoWhenNoBackupNamesThemAnyMore) {
  BackupOptions few = with_media();
  few.retention = {.daily = 1, .weekly = 1, .monthly = 1, .manual = 1};
  BackupFolder where = folder(few);
  const std::string job = record("old.wav", "sound old");
  record("stays.wav", "sound stays");
  make(where);
  forget(job);
  std::ofstream(kept("stray.wav.tmp")) << "somebody was killed";
  make(where);
  EXPECT_THAT(names_in(backup_dir() / "media"), ElementsAre("stays.wav"));
  // While a manifest is damaged nobody knows what it names.
  const Backup last = make(where);
  std::ofstream(kept("stray.wav.tmp")) << "somebody was killed";
  std::ofstream(last.folder / "katip_manual_20200101_000000.manifest.json") << "{}";
  must(where.prune());
  EXPECT_TRUE(fs::exists(kept("stray.wav.tmp")));
}

TEST_P(BackupRecordingsTest, AreSealedWithTheKeyAndPutBackWithIt) {
  record("a.wav", "sound a");
  BackupOptions sealed = with_media();
  sealed.key = key_of('a');
  BackupFolder where = folder(sealed);
  const Backup made = make(where);
  const fs::path file = backup_dir() / "media" / sealed.key->id() / "a.wav.zst.sealed";
  EXPECT_EQ(text_of(file).find("sound"), std::string::npos);
  ASSERT_TRUE(where.verify(made, {}, {}));
  fs::remove(live("a.wav"));
  EXPECT_EQ(code_of(folder(with_media()).put_back_recordings(made, {}, {})),
            ErrorCode::kUnauthenticated);
  EXPECT_EQ(must(where.put_back_recordings(made, {}, {})).restored_count, 1);
  EXPECT_EQ(text_of(live("a.wav")), "sound a");
  // With another key it is sealed once more, and that of the first key stays with its backup.
  BackupOptions other = with_media();
  other.key = key_of('b');
  BackupFolder later = folder(other);
  make(later);
  EXPECT_TRUE(fs::exists(file));
  EXPECT_EQ(names_in(backup_dir() / "media").size(), 2u);
}

TEST_P(BackupRecordingsTest, AreFetchedFromABucketAndPutBackThere) {
  BackupOptions options = with_media();
  options.bucket = must(media::FileBlobs::open(files_.path() / "bucket"));
  record("a.wav", "sound a");
  must(options.bucket->put_file("media/a.wav", live("a.wav"), {}, {}));
  fs::remove(live("a.wav"));
  BackupFolder where = folder(options);
  const Backup made = make(where);
  EXPECT_EQ(made.manifest.media->count, 1);
  EXPECT_FALSE(fs::exists(live("a.wav")));
  EXPECT_EQ(must(where.put_back_recordings(made, {}, {})).present_count, 1);
  must(options.bucket->remove("media/a.wav", {}));
  EXPECT_EQ(must(where.put_back_recordings(made, {}, {})).restored_count, 1);
  EXPECT_TRUE(must(options.bucket->find("media/a.wav", {})));
}

TEST_P(BackupRecordingsTest, GoToTheSecondPlaceOnceAndComeBackFromThere) {
  const auto remote = must(media::FileBlobs::open(files_.path() / "remote"));
  BackupOptions few = with_media();
  few.retention = {.daily = 1, .weekly = 1, .monthly = 1, .manual = 1};
  BackupFolder where = folder(few);
  const std::string job = record("old.wav", "sound old");
  record("a.wav", "sound a");
  make(where);
  must(send_backups(where, *remote, {}));
  const auto sent_at = must(remote->find("media/plain/a.wav", {}))->version;
  forget(job);
  const Backup made = make(where);
  must(send_backups(where, *remote, {}));
  EXPECT_EQ(must(remote->find("media/plain/a.wav", {}))->version, sent_at) << "sent once";
  EXPECT_TRUE(must(remote->find("media/plain/old.wav", {})));
  EXPECT_EQ(must(forget_backups(where, *remote, {})).size(), 1u);
  EXPECT_FALSE(must(remote->find("media/plain/old.wav", {})));
  // The machine is gone.
  fs::remove_all(backup_dir());
  fs::remove_all(data_dir());
  BackupFolder empty = folder(with_media());
  const std::string& name = made.manifest.name;
  Backup back = must(fetch_backup(empty, *remote, {.name = name, .with_media = false}, {}));
  EXPECT_EQ(must(empty.put_back_recordings(back, {}, {})).failed_count, 1);
  back = must(fetch_backup(empty, *remote, {.name = name}, {}));
  EXPECT_TRUE(empty.verify(back, {}, {}));
  EXPECT_EQ(must(empty.put_back_recordings(back, {}, {})).restored_count, 1);
  EXPECT_EQ(text_of(live("a.wav")), "sound a");
}

TEST_P(BackupRecordingsTest, OneThatCannotBeSentIsNamedAndKeepsNoOtherBack) {
  const auto remote = must(media::FileBlobs::open(files_.path() / "remote"));
  record("a.wav", "sound a");
  BackupOptions old = with_media();
  old.key = key_of('a');
  BackupFolder before = folder(old);
  const Backup sealed = make(before);
  BackupOptions fresh = with_media();
  fresh.key = key_of('b');
  BackupFolder where = folder(fresh);
  const Backup damaged = make(where);
  flip(part_of(damaged, "media"), 30);
  const Backup made = make(where);
  SentBackups sent = must(send_backups(where, *remote, {}));
  EXPECT_THAT(sent.names, ElementsAre(made.manifest.name));
  ASSERT_EQ(sent.unsent.size(), 2u);
  EXPECT_EQ(sent.unsent[0].name, damaged.manifest.name);
  EXPECT_THAT(sent.unsent[0].why, HasSubstr("katip backup verify " + damaged.manifest.name));
  EXPECT_EQ(sent.unsent[1].name, sealed.manifest.name);
  EXPECT_THAT(sent.unsent[1].why, HasSubstr(old.key->id()));
  EXPECT_THAT(sent.unsent[1].why, HasSubstr("katip backup send"));
  EXPECT_THAT(must(list_remote_backups(*remote, {})), ElementsAre(made.manifest.name));
  // With its key it goes there too, and the one that is there already is not looked at.
  sent = must(send_backups(before, *remote, {}));
  EXPECT_THAT(sent.names, ElementsAre(sealed.manifest.name));
  ASSERT_EQ(sent.unsent.size(), 1u);
  EXPECT_EQ(sent.unsent[0].name, damaged.manifest.name);
}

}  // namespace
}  // namespace katip::app
