#include "app/backup_manifest.h"

#include <gtest/gtest.h>

namespace katip::app {
namespace {

BackupManifest sample() {
  return {.id = "019a0000-0000-7000-8000-000000000001",
          .name = "katip_daily_20260301_030000",
          .kind = BackupKind::kDaily,
          .created_at = Timestamp(std::chrono::days(20'000)),
          .completed_at = Timestamp(std::chrono::days(20'000) + std::chrono::seconds(9)),
          .katip_version = "1.2.3",
          .database_kind = "sqlite",
          .database = {.server_version = "3.40.1",
                       .schema_heads = {"007"},
                       .row_counts = {{"jobs", 3}, {"tasks", 0}}},
          .parts = {{.role = "database",
                     .file_name = "katip_daily_20260301_030000.sqlite.zst",
                     .packed = {.size = 10, .sha256 = std::string(64, 'a'), .plain_size = 99}}},
          .sentinel_id = "019a0000-0000-7000-8000-000000000001"};
}

store::BackupKey key_of(char digit) {
  return store::BackupKey::parse(std::string(64, digit)).value();
}

TEST(BackupManifest, IsReadAsItWasWritten) {
  BackupManifest manifest = sample();
  const BackupManifest again = parse_backup_manifest(manifest_text(manifest, nullptr)).value();
  EXPECT_EQ(again.id, manifest.id);
  EXPECT_EQ(again.kind, BackupKind::kDaily);
  EXPECT_EQ(again.created_at, manifest.created_at);
  EXPECT_EQ(again.database.row_counts, manifest.database.row_counts);
  EXPECT_EQ(again.database.schema_heads, manifest.database.schema_heads);
  EXPECT_EQ(again.parts[0].packed.sha256, std::string(64, 'a'));
  EXPECT_EQ(again.checksum, manifest.checksum);
  EXPECT_EQ(again.size(), 10);
}

TEST(BackupManifest, NoChangedByteIsAccepted) {
  BackupManifest manifest = sample();
  const std::string good = manifest_text(manifest, nullptr);
  for (std::size_t i = 0; i + 1 < good.size(); ++i) {  // The last one is the line feed.
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    const auto parsed = parse_backup_manifest(bad);
    EXPECT_FALSE(parsed) << i;
  }
  for (std::size_t size = 0; size + 1 < good.size(); ++size) {
    EXPECT_FALSE(parse_backup_manifest(good.substr(0, size))) << size;
  }
}

TEST(BackupManifest, NeedsTheKeyThatSignedIt) {
  const store::BackupKey right = key_of('1');
  const store::BackupKey wrong = key_of('2');
  BackupManifest manifest = sample();
  manifest.key_id = right.id();
  const BackupManifest parsed = parse_backup_manifest(manifest_text(manifest, &right)).value();
  EXPECT_TRUE(check_key(parsed, &right));
  for (const store::BackupKey* key : {&wrong, static_cast<const store::BackupKey*>(nullptr)}) {
    const Status checked = check_key(parsed, key);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, ErrorCode::kUnauthenticated);
  }
}

TEST(BackupManifest, WhoHasNoKeyCannotSignOne) {
  const store::BackupKey right = key_of('1');
  BackupManifest manifest = sample();
  manifest.key_id = right.id();
  const BackupManifest parsed = parse_backup_manifest(manifest_text(manifest, nullptr)).value();
  const Status checked = check_key(parsed, &right);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ErrorCode::kCorruptData);
}

TEST(BackupManifest, ItsFilesLieBesideIt) {
  for (const char* name : {"../passwd", "/etc/passwd", "katip_daily_20260301_030000/../x",
                           "other.sqlite.zst", "", "katip_daily_20260301_030000"}) {
    BackupManifest manifest = sample();
    manifest.parts[0].file_name = name;
    EXPECT_FALSE(parse_backup_manifest(manifest_text(manifest, nullptr))) << name;
  }
  BackupManifest manifest = sample();
  manifest.name = "../x";
  EXPECT_FALSE(parse_backup_manifest(manifest_text(manifest, nullptr)));
}

TEST(BackupManifest, RefusesWhatIsNone) {
  for (const char* text : {"", "[]", "{}", R"({"format": 2})", R"({"format": 1, "id": 5})"}) {
    const auto parsed = parse_backup_manifest(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::kCorruptData);
  }
}

TEST(BackupVerification, IsReadAsItWasWritten) {
  const BackupVerification good{.manifest_checksum = "abc",
                                .is_good = true,
                                .verified_at = Timestamp(std::chrono::days(20'000)),
                                .seconds = 1.5,
                                .katip_version = "1"};
  const BackupVerification again = parse_verification(verification_text(good)).value();
  EXPECT_TRUE(again.is_good);
  EXPECT_EQ(again.seconds, 1.5);
  EXPECT_EQ(again.verified_at, good.verified_at);
  EXPECT_FALSE(parse_verification("{}"));
  EXPECT_FALSE(parse_verification("x"));
}

}  // namespace
}  // namespace katip::app
