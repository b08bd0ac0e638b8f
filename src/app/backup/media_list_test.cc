#include "app/backup/media_list.h"

#include <fstream>

#include <gtest/gtest.h>

#include "base/testing/temporary_folder.h"
#include "jobs/testing/queue_fixture.h"

namespace katip::app {
namespace {

using jobs::must;

const std::string kSum(64, 'a');

class MediaListTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "list"; }
  Result<std::vector<StoredRecording>> read(const std::string& text) {
    std::ofstream(file(), std::ios::trunc) << text;
    return read_media_list(file());
  }
  static std::string line(const std::string& key) {
    return R"({"key":")" + key + R"(","size":1,"plain_size":2,"sha256":")" + kSum + "\"}\n";
  }

  TemporaryFolder folder_;
};

TEST_F(MediaListTest, IsReadAsItWasWritten) {
  must(write_media_list(
      file(), {{.key = "media/a.wav", .packed = {.size = 5, .sha256 = kSum, .plain_size = 7}},
               {.key = "media/b", .packed = {.size = 0, .sha256 = kSum, .plain_size = 0}}}));
  const auto list = must(read_media_list(file()));
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].key, "media/a.wav");
  EXPECT_EQ(list[0].packed.size, 5);
  EXPECT_EQ(list[0].packed.plain_size, 7);
  EXPECT_EQ(list[1].packed.sha256, kSum);
  must(write_media_list(file(), {}));
  EXPECT_TRUE(must(read_media_list(file())).empty());
}

TEST_F(MediaListTest, KeysThatLeadElsewhereAreRefused) {
  EXPECT_TRUE(read(line("media/a.wav")));
  for (const char* key : {"media/../../x", "/etc/passwd", "media/", "media//x", "profiles/a",
                          "media/.hidden", "media/a/../b", ""}) {
    EXPECT_FALSE(read(line(key))) << key;
  }
}

TEST_F(MediaListTest, ADamagedLineIsNamed) {
  for (const std::string& text :
       {std::string("x\n"), std::string("[]\n"), std::string("\n"), std::string(5'000, '{'),
        std::string(R"({"key":"media/a","size":-1,"plain_size":2,"sha256":")" + kSum + "\"}"),
        std::string(R"({"key":"media/a","size":1,"plain_size":2,"sha256":"no"})")}) {
    const auto list = read(line("media/a") + text);
    ASSERT_FALSE(list) << text.substr(0, 40);
    EXPECT_EQ(list.error().code, ErrorCode::kCorruptData);
    EXPECT_NE(list.error().message.find("line 2"), std::string::npos);
  }
}

}  // namespace
}  // namespace katip::app
