#include "app/cleanup_tasks.h"

#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/file_lock.h"
#include "base/testing/temporary_folder.h"
#include "base/uuid.h"
#include "jobs/testing/no_lease.h"
#include "jobs/testing/queue_fixture.h"
#include "media/file_blobs.h"
#include "store/audit_store.h"
#include "store/job_store.h"

namespace katip::app {
namespace {

namespace fs = std::filesystem;
using jobs::must;
using ::testing::HasSubstr;

class CleanupTest : public jobs::QueueFixture {
 protected:
  void SetUp() override {
    QueueFixture::SetUp();
    for (const char* name : {"media", "uploads", "profiles", "logs", "tmp"}) {
      fs::create_directories(data_dir() / name);
    }
  }
  [[nodiscard]] fs::path data_dir() const { return folder_.path(); }
  /// A file that is so old.
  fs::path add(const std::string& name, std::chrono::hours age) {
    const fs::path path = data_dir() / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << "12345";
    set_age(path, age);
    return path;
  }
  void set_age(const fs::path& path, std::chrono::hours age) {
    fs::last_write_time(path, std::chrono::file_clock::from_sys(clock().calendar() - age));
  }
  Result<std::string> run(const std::string& kind, const std::string& args) {
    store::ClaimedTask task;
    task.kind = kind;
    task.args = args;
    jobs::NoLease lease;
    jobs::TaskContext context{.task = task, .lease = lease, .stop = {}};
    const jobs::Handlers handlers = cleanup_handlers(queue(), {.shelf = data_dir(),
                                                               .bucket = bucket_.get(),
                                                               .log_dir = data_dir() / "logs",
                                                               .log_days = 30});
    auto result = handlers.at(kind).run(context);
    if (!result) return std::unexpected(result.error());
    return result->json.value_or("");
  }

  void add_job(int number, const std::string& media_key) {
    const auto sql = must(pool().acquire({}));
    must(store::insert_job(*sql, {.id = fmt::format("019a0000-0000-7000-8000-{:012}", number),
                                  .job_id = fmt::format("job_{}", number),
                                  .media_key = media_key,
                                  .created_at = queue().now()}));
  }

  TemporaryFolder folder_;
  std::unique_ptr<media::BlobStore> bucket_;
};
KATIP_ON_BOTH_DATABASES(CleanupTest);

constexpr std::chrono::hours kOld(48);
constexpr std::chrono::hours kYoung(1);

TEST_P(CleanupTest, OrphansGoAndFilesOfJobsStay) {
  const fs::path known = add("media/known.mp4", kOld);
  const fs::path orphan = add("media/orphan.mp4", kOld);
  const fs::path young = add("media/young.mp4", kYoung);
  const fs::path upload = add("uploads/019a0000-0000-7000-8000-000000000001", kOld);
  add_job(1, "media/known.mp4");
  const std::string dry = must(run("cleanup.orphans", R"({"dry_run": true})"));
  EXPECT_THAT(dry, HasSubstr(R"("dry_run":true,"deleted_files":2,"freed_bytes":10)"));
  EXPECT_TRUE(fs::exists(orphan)) << "only counted";
  EXPECT_THAT(must(run("cleanup.orphans", "{}")), HasSubstr("media/orphan.mp4"));
  EXPECT_FALSE(fs::exists(orphan));
  EXPECT_FALSE(fs::exists(upload));
  EXPECT_TRUE(fs::exists(known));
  EXPECT_TRUE(fs::exists(young)) << "its row may still come";
}

TEST_P(CleanupTest, OrphansInTheBucketGoToo) {
  bucket_ = must(media::FileBlobs::open(data_dir() / "bucket"));
  const fs::path known = add("bucket/media/known.mp4", kOld);
  const fs::path orphan = add("bucket/media/orphan.mp4", kOld);
  const fs::path young = add("bucket/media/young.mp4", kYoung);
  const fs::path backup = add("bucket/backups/katip_daily.json", kOld);
  add_job(1, "media/known.mp4");
  EXPECT_THAT(must(run("cleanup.orphans", R"({"dry_run": true, "hours": 24})")),
              HasSubstr(R"("deleted_files":1,"freed_bytes":5,"names":["media/orphan.mp4"])"));
  EXPECT_TRUE(fs::exists(orphan)) << "only counted";
  EXPECT_THAT(must(run("cleanup.orphans", "{}")), HasSubstr(R"("deleted_files":1)"));
  EXPECT_FALSE(fs::exists(orphan));
  EXPECT_TRUE(fs::exists(known));
  EXPECT_TRUE(fs::exists(young)) << "its row may still come";
  EXPECT_TRUE(fs::exists(backup)) << "no recording";
  EXPECT_THAT(must(run("cleanup.orphans", "{}")), HasSubstr(R"("deleted_files":0)"));
}

TEST_P(CleanupTest, AnotherDatabaseDoesNotEmptyThePlace) {
  bucket_ = must(media::FileBlobs::open(data_dir() / "bucket"));
  add_job(1, "media/1.mp4");
  for (const char* place : {"media", "bucket/media"}) {
    for (int i = 0; i < 60; ++i) add(fmt::format("{}/{}.mp4", place, i), kOld);
    const auto refused = run("cleanup.orphans", "{}");
    ASSERT_FALSE(refused) << place;
    EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
    EXPECT_THAT(refused.error().message, HasSubstr("59 of 60"));
    EXPECT_TRUE(fs::exists(data_dir() / place / "7.mp4"));
    EXPECT_THAT(must(run("cleanup.orphans", R"({"dry_run": true})")),
                HasSubstr(R"("deleted_files":59)"));
    EXPECT_THAT(must(run("cleanup.orphans", R"({"all": true})")),
                HasSubstr(R"("deleted_files":59)"));
    EXPECT_TRUE(fs::exists(data_dir() / place / "1.mp4"));
  }
}

TEST_P(CleanupTest, WhatWasNeverFinishedGoes) {
  const fs::path half = add("profiles/ayse.json.AbCdEf.tmp", kOld);
  const fs::path now = add("profiles/veli.json.AbCdEf.tmp", kYoung);
  const fs::path profile = add("profiles/ayse.json", kOld);
  add("tmp/server-dead/body", kOld);
  add("tmp/server-alive/body", kOld);
  for (const char* name : {"tmp/server-dead", "tmp/server-alive"}) set_age(data_dir() / name, kOld);
  const auto alive =
      must(FileLock::try_take(data_dir() / "tmp/server-alive/lock", FileLockKind::kExclusive));
  set_age(data_dir() / "tmp/server-alive", kOld);
  EXPECT_THAT(must(run("cleanup.temp_files", R"({"hours": 24})")),
              HasSubstr(R"("deleted_files":2)"));
  EXPECT_FALSE(fs::exists(half));
  EXPECT_TRUE(fs::exists(now));
  EXPECT_TRUE(fs::exists(profile));
  EXPECT_FALSE(fs::exists(data_dir() / "tmp/server-dead"));
  EXPECT_TRUE(fs::exists(data_dir() / "tmp/server-alive"));
}

TEST_P(CleanupTest, OldFilesOfTheLogGo) {
  const fs::path old = add("logs/app.2020-01-01.log", std::chrono::hours(24 * 40));
  const fs::path young = add("logs/app.log", kOld);
  EXPECT_THAT(must(run("cleanup.logs", "{}")), HasSubstr(R"("deleted_files":1)"));
  EXPECT_FALSE(fs::exists(old));
  EXPECT_TRUE(fs::exists(young));
}

TEST_P(CleanupTest, OldRowsOfTheAuditTrailGo) {
  UuidSource ids(clock(), rng());
  const auto write = [&] {
    const auto sql = must(pool().acquire({}));
    must(store::insert_audit_record(*sql, {.id = ids.next(),
                                           .actor_kind = "system",
                                           .actor = "katip",
                                           .action = "x",
                                           .created_at = queue().now()}));
  };
  write();
  clock().advance(std::chrono::hours(24 * 400));
  write();
  EXPECT_THAT(must(run("cleanup.audit", R"({"dry_run": true})")),
              HasSubstr(R"("deleted_audit_records":1)"));
  EXPECT_THAT(must(run("cleanup.audit", "{}")), HasSubstr(R"("deleted_audit_records":1)"));
  EXPECT_THAT(must(run("cleanup.audit", "{}")), HasSubstr(R"("deleted_audit_records":0)"));
}

TEST_P(CleanupTest, TheDatabaseIsLookedAfter) {
  EXPECT_THAT(must(run("cleanup.database", R"({"dry_run": true})")), HasSubstr("\"size\":"));
  EXPECT_THAT(must(run("cleanup.database", "{}")), HasSubstr("\"unused\":"));
}

TEST_P(CleanupTest, WhatItDoesNotKnowIsRefused) {
  for (const auto& [kind, args] : std::initializer_list<std::pair<const char*, const char*>>{
           {"cleanup.orphans", R"({"days": 1})"},
           {"cleanup.orphans", R"({"hours": 0})"},
           {"cleanup.orphans", R"({"all": 1})"},
           {"cleanup.audit", R"({"all": true})"},
           {"cleanup.logs", R"({"hours": 1})"},
           {"cleanup.audit", R"({"dry_run": 1})"},
           {"cleanup.database", R"({"days": 1})"}}) {
    const auto result = run(kind, args);
    ASSERT_FALSE(result) << kind << args;
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace katip::app
