#include "cli/transcribe/inputs.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/testing/temporary_folder.h"

namespace katip::cli {
namespace {

namespace fs = std::filesystem;

class FindInputsTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_ / "sub" / ".hidden");
    for (const char* name : {"b.MP3", "a.wav", "notes.txt", ".c.wav", "sub/d.mkv",
                             "sub/.hidden/e.wav", "sub/a.flac"}) {
      ASSERT_TRUE(write_file_atomically(folder_ / name, "x"));
    }
  }

  std::string path(const char* name) const { return (folder_ / name).string(); }
  TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
};

TEST_F(FindInputsTest, AFolderGivesItsRecordingsInOrder) {
  const auto inputs = find_inputs({folder_.string()});
  ASSERT_TRUE(inputs) << inputs.error().message;
  std::vector<std::string> stems;
  for (const Input& input : *inputs) {
    EXPECT_TRUE(input.is_from_folder);
    stems.push_back(input.stem.string());
  }
  EXPECT_EQ(stems, (std::vector<std::string>{"a", "b", "sub/a", "sub/d"}));
}

TEST_F(FindInputsTest, ANamedFileIsTakenWhateverItsExtension) {
  const auto inputs = find_inputs({path("notes.txt")});
  ASSERT_TRUE(inputs);
  EXPECT_EQ(inputs->at(0).stem, "notes");
  EXPECT_FALSE(inputs->at(0).is_from_folder);
}

TEST_F(FindInputsTest, EqualNamesKeepTheirExtension) {
  const auto inputs = find_inputs({path("a.wav"), path("sub/a.flac"), path("b.MP3")});
  ASSERT_TRUE(inputs);
  EXPECT_EQ(inputs->at(0).stem, "a.wav");
  EXPECT_EQ(inputs->at(1).stem, "a.flac");
  EXPECT_EQ(inputs->at(2).stem, "b");
}

TEST_F(FindInputsTest, SuggestsTheFileThatWasMeant) {
  const auto inputs = find_inputs({path("sub/d.mvk")});
  ASSERT_FALSE(inputs);
  EXPECT_EQ(inputs.error().code, ErrorCode::kNotFound);
  EXPECT_NE(inputs.error().message.find("Did you mean `" + path("sub/d.mkv") + "`?"),
            std::string::npos)
      << inputs.error().message;
}

TEST_F(FindInputsTest, AFolderWithoutRecordingsIsAnError) {
  fs::create_directories(folder_ / "empty");
  EXPECT_EQ(find_inputs({path("empty")}).error().code, ErrorCode::kNotFound);
}

TEST(FindInputs, StandardInputComesOnce) {
  const auto inputs = find_inputs({"-"});
  ASSERT_TRUE(inputs);
  EXPECT_EQ(inputs->at(0).kind, InputKind::kStandardInput);
  EXPECT_EQ(find_inputs({"-", "-"}).error().code, ErrorCode::kInvalidArgument);
}

TEST(FindInputs, AnEmptyNameIsNotAMissingFile) {
  EXPECT_EQ(find_inputs({""}).error().code, ErrorCode::kInvalidArgument);
}

TEST(FindInputs, OtherProtocolsAreNoMissingFiles) {
  const auto inputs = find_inputs({"rtsp://camera/1"});
  ASSERT_FALSE(inputs);
  EXPECT_NE(inputs.error().message.find("not rtsp://"), std::string::npos);
}

TEST(FindInputs, NamesOutputsOfAddressesSafely) {
  const auto stem = [](const std::string& url) { return find_inputs({url})->at(0).stem; };
  EXPECT_EQ(stem("https://host/talks/monday.mp3?token=a/b"), "monday");
  EXPECT_EQ(stem("https://host"), "download");
  EXPECT_EQ(stem("https://host/"), "download");
  EXPECT_EQ(stem("https://host/.."), "download");
  EXPECT_EQ(stem("https://host/.ssh"), "download");
  EXPECT_EQ(stem("https://host/\x1b[31m.mp3"), "download");
}

}  // namespace
}  // namespace katip::cli
