#include "store/backup_store.h"
#include "store/conformance/schema_conformance.h"

namespace katip::store {
namespace {

using BackupsConformance = SchemaConformance;
KATIP_CONFORMANCE(BackupsConformance);

constexpr const char* kFirst = "019a0000-0000-7000-8000-000000000001";
constexpr const char* kSecond = "019a0000-0000-7000-8000-000000000002";

BackupRecord running(const std::string& id, Timestamp at) {
  return {.id = id,
          .kind = "daily",
          .status = "running",
          .database_kind = "sqlite",
          .file_name = "katip_daily_" + id,
          .started_at = at};
}

TEST_P(BackupsConformance, ARowGrowsWithItsBackup) {
  const Timestamp at{std::chrono::days(20'000)};
  BackupRecord record = running(kFirst, at);
  must(put_backup(sql(), record));
  auto found = must(find_backup(sql(), kFirst));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->status, "running");
  EXPECT_FALSE(found->size);
  EXPECT_FALSE(found->media_count);
  record.status = "verified";
  record.size = 12;
  record.sha256 = std::string(64, 'a');
  record.schema_head = "007";
  record.is_encrypted = true;
  record.completed_at = at + std::chrono::seconds(5);
  record.verified_at = at + std::chrono::seconds(9);
  record.row_counts = R"({"jobs": 3})";
  record.media_count = 2;
  record.media_size = 5'000'000'000;
  must(put_backup(sql(), record));
  found = must(find_backup(sql(), kFirst));
  EXPECT_EQ(found->status, "verified");
  EXPECT_EQ(found->size, 12);
  EXPECT_TRUE(found->is_encrypted);
  EXPECT_EQ(found->verified_at, record.verified_at);
  EXPECT_TRUE(found->row_counts.contains("jobs"));
  EXPECT_EQ(found->media_count, 2);
  EXPECT_EQ(found->media_size, 5'000'000'000);
}

TEST_P(BackupsConformance, TheNewestIsListedFirst) {
  const Timestamp at{std::chrono::days(20'000)};
  must(put_backup(sql(), running(kFirst, at)));
  must(put_backup(sql(), running(kSecond, at + std::chrono::hours(1))));
  const auto all = must(list_backups(sql(), 10));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].id, kSecond);
  EXPECT_EQ(must(list_backups(sql(), 1)).size(), 1u);
  EXPECT_EQ(code(list_backups(sql(), 0)), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(must(delete_backup(sql(), kFirst)));
  EXPECT_FALSE(must(delete_backup(sql(), kFirst)));
  EXPECT_FALSE(must(find_backup(sql(), kFirst)));
  EXPECT_FALSE(must(find_backup(sql(), "no uuid")));
}

TEST_P(BackupsConformance, AFailedOneSaysWhy) {
  BackupRecord record = running(kFirst, Timestamp{std::chrono::days(20'000)});
  record.status = "failed";
  EXPECT_EQ(code(put_backup(sql(), record)), ErrorCode::kInvalidArgument);
  record.error = "no room";
  must(put_backup(sql(), record));
  EXPECT_EQ(must(find_backup(sql(), kFirst))->error, "no room");
}

}  // namespace
}  // namespace katip::store
