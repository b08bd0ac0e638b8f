#include "cli/transcribe/outputs.h"

#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/testing/temporary_folder.h"

namespace katip::cli {
namespace {

namespace fs = std::filesystem;

class OutputsTest : public testing::Test {
 protected:
  void SetUp() override {
    options_.folder = folder_ / "out";
    options_.formats = {text::Format::kText, text::Format::kSrt};
  }

  static Input input(const std::string& stem) {
    return {.kind = InputKind::kFile, .name = stem + ".wav", .path = stem + ".wav", .stem = stem};
  }
  static text::Transcript transcript() {
    text::Transcript transcript;
    transcript.segments.push_back({.start_ms = 0, .end_ms = 1000, .text = "Hello."});
    return transcript;
  }
  OutputPlan plan(const std::string& stem) const {
    const auto plans = plan_outputs({input(stem)}, options_);
    EXPECT_TRUE(plans) << plans.error().message;
    return plans ? plans->front() : OutputPlan{};
  }

  TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
  OutputOptions options_;
};

TEST_F(OutputsTest, WritesAFileForEachFormat) {
  const auto written = write_outputs(plan("sub/a"), transcript(), false, {});
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(read_whole_file(folder_ / "out/sub/a.txt", 100), "Hello.\n");
  EXPECT_TRUE(fs::exists(folder_ / "out/sub/a.srt"));
}

TEST_F(OutputsTest, KeepsWhatIsThere) {
  fs::create_directories(folder_ / "out");
  ASSERT_TRUE(write_file_atomically(folder_ / "out/a.txt", "mine"));
  EXPECT_FALSE(plan("a").is_done);
  ASSERT_TRUE(write_outputs(plan("a"), transcript(), false, {}));
  EXPECT_EQ(read_whole_file(folder_ / "out/a.txt", 100), "mine");
  EXPECT_TRUE(fs::exists(folder_ / "out/a.srt"));
  EXPECT_TRUE(plan("a").is_done);
  options_.existing = Existing::kReplace;
  ASSERT_TRUE(write_outputs(plan("a"), transcript(), false, {}));
  EXPECT_EQ(read_whole_file(folder_ / "out/a.txt", 100), "Hello.\n");
}

TEST_F(OutputsTest, ABrokenOffTranscriptHasNamesOfItsOwnUntilItIsWhole) {
  ASSERT_TRUE(write_outputs(plan("a"), transcript(), true, {}));
  EXPECT_TRUE(fs::exists(folder_ / "out/a.partial.txt"));
  EXPECT_FALSE(fs::exists(folder_ / "out/a.txt"));
  EXPECT_FALSE(plan("a").is_done) << "it must be done again";
  ASSERT_TRUE(write_outputs(plan("a"), transcript(), false, {}));
  EXPECT_FALSE(fs::exists(folder_ / "out/a.partial.txt"));
}

TEST_F(OutputsTest, AFolderThatCannotBeWrittenIsFoundBeforeTheWork) {
  ASSERT_TRUE(prepare_folders({plan("deep/er/a")}));
  EXPECT_TRUE(fs::is_directory(folder_ / "out/deep/er"));
  ASSERT_TRUE(write_file_atomically(folder_ / "file", "x"));
  options_.folder = folder_ / "file";
  const Status status = prepare_folders({plan("a")});
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().message.find("name another with -o"), std::string::npos);
  EXPECT_TRUE(prepare_folders({OutputPlan{}})) << "standard output needs none";
}

TEST(ReadablePaths, FoldsTheFormatsOfOneRecording) {
  EXPECT_EQ(readable_paths({}), "");
  EXPECT_EQ(readable_paths({"out/a.b.txt"}), "out/a.b.txt");
  EXPECT_EQ(readable_paths({"out/a.b.txt", "out/a.b.srt"}), "out/a.b.{txt,srt}");
  EXPECT_EQ(readable_paths({"a.txt", "b.txt", "c.txt"}), "a.txt and 2 more");
}

TEST_F(OutputsTest, RefusesTwoRecordingsWithOneOutput) {
  Input other = input("a");
  const auto message = [&] { return plan_outputs({input("a"), other}, options_).error().message; };
  EXPECT_EQ(message(), "a.wav is named twice: name it once");
  other.name = "b/a.wav";
  EXPECT_NE(message().find("a.wav and b/a.wav would both be written to"), std::string::npos);
  EXPECT_EQ(plan_outputs({input("a"), other}, options_).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(OutputsTest, StandardOutputTakesOneFormat) {
  options_.folder.reset();
  EXPECT_FALSE(plan_outputs({input("a")}, options_));
  options_.formats = {text::Format::kSrt};
  EXPECT_TRUE(plan("a").to_standard_output);
}

TEST_F(OutputsTest, RecordingsOfAFolderHaveTheirTranscriptsBesideThem) {
  options_.folder.reset();
  Input found{.kind = InputKind::kFile,
              .name = "talks/x/a.wav",
              .path = "talks/x/a.wav",
              .stem = "x/a",
              .is_from_folder = true};
  const auto plans = plan_outputs({found}, options_);
  ASSERT_TRUE(plans);
  EXPECT_EQ(plans->front().files.at(1).path, "talks/x/a.srt");
}

}  // namespace
}  // namespace katip::cli
