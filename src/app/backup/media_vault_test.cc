#include "app/backup/media_vault.h"

#include <fstream>

#include <gtest/gtest.h>

#include "app/testing/backup_fixture.h"
#include "base/testing/temporary_folder.h"

namespace katip::app {
namespace {

namespace fs = std::filesystem;
using jobs::must;

/// True: with a key.
class MediaVaultTest : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    key_ = must(store::BackupKey::parse(std::string(64, '7')));
    std::ofstream(source_) << text_;
  }
  MediaVault vault() { return {folder_.path() / "backups", GetParam() ? &*key_ : nullptr}; }
  StoredRecording keep() { return {.key = kKey, .packed = must(vault().keep(kKey, source_, {}))}; }
  static std::string text_of(const fs::path& path) {
    return read_whole_file(path, 1 << 20).value_or("none");
  }

  static constexpr const char* kKey = "media/a.wav";
  TemporaryFolder folder_;
  std::optional<store::BackupKey> key_;
  fs::path source_ = folder_.path() / "a.wav";
  fs::path target_ = folder_.path() / "data" / "media" / "a.wav";
  std::string text_ = std::string(100'000, 's') + "ound";
};
INSTANTIATE_TEST_SUITE_P(Both, MediaVaultTest, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "Sealed" : "Plain"; });

TEST_P(MediaVaultTest, GivesBackWhatItWasGiven) {
  const StoredRecording kept = keep();
  EXPECT_EQ(kept.packed.plain_size, static_cast<std::int64_t>(text_.size()));
  must(vault().check(kept, MediaCheck::kContents, {}));
  fs::remove(source_);
  must(vault().put_back(kept, target_, {}));
  EXPECT_EQ(text_of(target_), text_);
  EXPECT_EQ(text_of(vault().path_of(kKey)).find("ssss") == std::string::npos, GetParam());
}

TEST_P(MediaVaultTest, KeptAgainItIsReplacedAndNothingIsLeftOver) {
  keep();
  const StoredRecording again = keep();
  must(vault().check(again, MediaCheck::kContents, {}));
  EXPECT_EQ(std::distance(fs::directory_iterator(vault().folder()), fs::directory_iterator()), 1);
}

TEST_P(MediaVaultTest, TakesNoRoomWhereTheFileSystemCanLink) {
  keep();
  EXPECT_EQ(vault().can_link(source_), !GetParam());
  EXPECT_EQ(fs::hard_link_count(source_), GetParam() ? 1u : 2u);
}

TEST_P(MediaVaultTest, FindsWhatIsMissingCutOffOrChanged) {
  const StoredRecording kept = keep();
  const fs::path path = vault().path_of(kKey);
  std::string bytes = text_of(path);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  std::ofstream(path, std::ios::trunc) << bytes;
  EXPECT_TRUE(vault().check(kept, MediaCheck::kSizes, {})) << "sizes do not tell";
  EXPECT_EQ(vault().check(kept, MediaCheck::kContents, {}).error().code, ErrorCode::kCorruptData);
  EXPECT_EQ(vault().put_back(kept, target_, {}).error().code, ErrorCode::kCorruptData);
  EXPECT_FALSE(fs::exists(target_));
  fs::resize_file(path, 5);
  EXPECT_EQ(vault().check(kept, MediaCheck::kSizes, {}).error().code, ErrorCode::kCorruptData);
  fs::remove(path);
  EXPECT_EQ(vault().check(kept, MediaCheck::kSizes, {}).error().code, ErrorCode::kCorruptData);
  EXPECT_EQ(vault().put_back(kept, target_, {}).error().code, ErrorCode::kCorruptData);
}

TEST_P(MediaVaultTest, PutsNothingOverAFileThatIsThere) {
  const StoredRecording kept = keep();
  fs::create_directories(target_.parent_path());
  std::ofstream(target_) << "mine";
  EXPECT_EQ(vault().put_back(kept, target_, {}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(text_of(target_), "mine");
}

TEST_P(MediaVaultTest, TellsWhyASourceCannotBeKept) {
  EXPECT_FALSE(vault().keep(kKey, folder_.path() / "none", {}));
  EXPECT_FALSE(fs::exists(vault().path_of(kKey)));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(vault().keep(kKey, source_, stop.get_token()).error().code, ErrorCode::kCancelled);
  EXPECT_FALSE(fs::exists(vault().path_of(kKey)));
}

}  // namespace
}  // namespace katip::app
