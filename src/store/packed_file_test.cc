#include "store/packed_file.h"

#include <fstream>
#include <random>

#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/testing/temporary_folder.h"

namespace katip::store {
namespace {

namespace fs = std::filesystem;

BackupKey key_of(char digit) { return BackupKey::parse(std::string(64, digit)).value(); }

class PackedFileTest : public ::testing::TestWithParam<bool> {
 protected:
  [[nodiscard]] fs::path path(const std::string& name) const { return folder_.path() / name; }
  [[nodiscard]] const BackupKey* key() const { return GetParam() ? &key_ : nullptr; }
  PackedFile pack(const std::string& text) {
    std::ofstream(path("plain"), std::ios::binary) << text;
    fs::remove(path("packed"));
    return pack_file(path("plain"), path("packed"), {.level = 1, .key = key()}).value();
  }
  Status unpack(const PackedFile& expected) {
    fs::remove(path("again"));
    return unpack_file(path("packed"), path("again"), {.expected = expected, .key = key()});
  }
  [[nodiscard]] std::string content(const std::string& name) const {
    return read_whole_file(path(name), 100 << 20).value();
  }
  void rewrite(const std::string& bytes) const {
    std::ofstream(path("packed"), std::ios::binary | std::ios::trunc) << bytes;
  }

  TemporaryFolder folder_;
  BackupKey key_ = key_of('a');
};
INSTANTIATE_TEST_SUITE_P(WithAndWithoutKey, PackedFileTest, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "Sealed" : "Open"; });

std::string noise(std::size_t size) {
  std::minstd_rand random(7);
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

TEST_P(PackedFileTest, GivesBackEveryByteAtEverySize) {
  for (const std::size_t size :
       {0u, 1u, 100u, (64u << 10) - 1, 64u << 10, (64u << 10) + 1, 1u << 20, (3u << 20) + 5}) {
    const std::string text = noise(size);
    const PackedFile packed = pack(text);
    EXPECT_EQ(packed.plain_size, static_cast<std::int64_t>(size));
    EXPECT_EQ(packed.size, static_cast<std::int64_t>(fs::file_size(path("packed"))));
    ASSERT_TRUE(unpack(packed)) << size;
    EXPECT_EQ(content("again"), text);
  }
}

TEST_P(PackedFileTest, RefusesEveryFlippedByteAndLeavesNothing) {
  const PackedFile packed = pack("Kâtip " + noise(300));
  const std::string good = content("packed");
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x20);
    rewrite(bad);
    const Status status = unpack(packed);
    ASSERT_FALSE(status) << "byte " << i;
    EXPECT_EQ(status.error().code, ErrorCode::kCorruptData);
    EXPECT_FALSE(fs::exists(path("again")));
  }
}

TEST_P(PackedFileTest, RefusesEveryTruncationAndWhatIsAppended) {
  const PackedFile packed = pack(noise(200'000));
  const std::string good = content("packed");
  for (const std::size_t size : {std::size_t{0}, std::size_t{7}, std::size_t{32}, std::size_t{40},
                                 std::size_t{64 << 10}, good.size() / 2, good.size() - 1}) {
    rewrite(good.substr(0, size));
    EXPECT_FALSE(unpack(packed)) << size;
  }
  rewrite(good + "x");
  EXPECT_FALSE(unpack(packed));
  rewrite(good + good);
  EXPECT_FALSE(unpack(packed));
}

TEST_P(PackedFileTest, HoldsNoMoreThanItsManifestSays) {
  PackedFile packed = pack(std::string(10 << 20, 'a'));
  packed.plain_size = 1'000;
  const Status status = unpack(packed);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kCorruptData);
}

TEST_P(PackedFileTest, IsStoppedAndLeavesNothing) {
  std::stop_source stop;
  stop.request_stop();
  std::ofstream(path("plain")) << "text";
  const auto packed = pack_file(path("plain"), path("packed"), {.stop = stop.get_token()});
  ASSERT_FALSE(packed);
  EXPECT_EQ(packed.error().code, ErrorCode::kCancelled);
  EXPECT_FALSE(fs::exists(path("packed")));
}

TEST(PackedFile, NeedsTheKeyThatSealedIt) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "plain") << "secret";
  const BackupKey right = key_of('1');
  const BackupKey wrong = key_of('2');
  const PackedFile packed =
      pack_file(folder.path() / "plain", folder.path() / "packed", {.key = &right}).value();
  for (const BackupKey* key : {&wrong, static_cast<const BackupKey*>(nullptr)}) {
    const Status status =
        unpack_file(folder.path() / "packed", std::nullopt, {.expected = packed, .key = key});
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::kCorruptData);
  }
  EXPECT_TRUE(
      unpack_file(folder.path() / "packed", std::nullopt, {.expected = packed, .key = &right}));
}

TEST(BackupKey, IsSixtyFourHexadecimalDigits) {
  EXPECT_TRUE(BackupKey::parse(" " + std::string(64, 'F') + "\n"));
  for (const std::string text : {"", "abc", "  "}) EXPECT_FALSE(BackupKey::parse(text));
  EXPECT_FALSE(BackupKey::parse(std::string(63, 'a') + "g"));
  EXPECT_FALSE(BackupKey::parse(std::string(66, 'a')));
}

TEST(BackupKey, HasAnIdAndSignsTexts) {
  EXPECT_EQ(key_of('a').id().size(), 16u);
  EXPECT_NE(key_of('a').id(), key_of('b').id());
  EXPECT_EQ(key_of('a').signature("x"), key_of('a').signature("x"));
  EXPECT_NE(key_of('a').signature("x"), key_of('a').signature("y"));
  EXPECT_NE(key_of('a').signature("x"), key_of('b').signature("x"));
}

}  // namespace
}  // namespace katip::store
