#include "app/log_reader.h"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::app {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LogReaderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) /
              fmt::format("katip-log-{}",
                          ::testing::UnitTest::GetInstance()->random_seed() +
                              ::testing::UnitTest::GetInstance()->current_test_info()->line());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::string line(int number, const std::string& level = "INFO") {
    return fmt::format(R"({{"ts":"2026-03-01T12:00:{:02}.000Z","level":"{}","logger":"x",)"
                       R"("message":"m {}","request_id":"r{}"}})",
                       number % 60, level, number, number % 3);
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }
  [[nodiscard]] LogLinePage read(const LogLineQuery& query, std::size_t size_max = 8 << 20) const {
    return LogReader(folder_, size_max).read(query).value();
  }

  fs::path folder_;
};

TEST_F(LogReaderTest, LinesComeFromTheEndOfTheNewestFileOn) {
  write("app.log", line(5) + "\n" + line(6) + "\n");
  write("app-2026-03-01.log", line(1) + "\n");
  write("app-2026-03-01.1.log", line(2) + "\n");
  write("app-2026-03-02.log", line(3) + "\n" + line(4));  // Its last line has no end.
  EXPECT_THAT(read({}).lines, ElementsAre(line(6), line(5), line(4), line(3), line(2), line(1)));
  EXPECT_FALSE(read({}).next_cursor.has_value());
}

TEST_F(LogReaderTest, PagesFollowEachOtherWithoutAGapOrAnOverlap) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += line(i) + "\n";  // Several blocks.
  write("app.log", text);
  write("app-2026-03-01.log", "old\n");
  LogLineQuery query{.count_max = 499};
  int next = 9'999;
  do {
    const LogLinePage page = read(query);
    for (const std::string& each : page.lines) {
      if (next < 0) {
        EXPECT_EQ(each, "old");
        break;
      }
      ASSERT_EQ(each, line(next));
      --next;
    }
    query.cursor = page.next_cursor;
  } while (query.cursor);
  EXPECT_EQ(next, -1);
}

TEST_F(LogReaderTest, FiltersFindLevelsRequestsAndText) {
  write("app.log", line(1) + "\n" + line(2, "ERROR") + "\n" + line(3, "WARNING") + "\n");
  EXPECT_THAT(read({.level = "WARNING"}).lines, ElementsAre(line(3, "WARNING"), line(2, "ERROR")));
  EXPECT_THAT(read({.request_id = "r1"}).lines, ElementsAre(line(1)));
  EXPECT_THAT(read({.text = "M 2"}).lines, ElementsAre(line(2, "ERROR")));
  EXPECT_THAT(read({.channel = "api"}).lines, IsEmpty());
}

TEST_F(LogReaderTest, ASearchStopsAfterSoMuchAndGoesOnThere) {
  std::string text = line(1, "ERROR") + "\n";
  for (int i = 2; i < 10'000; ++i) text += line(i) + "\n";
  write("app.log", text);
  LogLineQuery query{.level = "ERROR"};
  std::vector<std::string> found;
  int pages = 0;
  do {
    const LogLinePage page = read(query, 256 << 10);
    found.insert(found.end(), page.lines.begin(), page.lines.end());
    EXPECT_EQ(page.is_cut, page.next_cursor.has_value());
    query.cursor = page.next_cursor;
    ++pages;
  } while (query.cursor && pages < 20);
  EXPECT_THAT(found, ElementsAre(line(1, "ERROR")));
  EXPECT_GT(pages, 3);
}

TEST_F(LogReaderTest, OnlyFilesOfTheLogAreRead) {
  write("secret.txt", "secret\n");
  write("app-x.log", "secret\n");
  write("application.log", "secret\n");
  fs::create_symlink(folder_ / "secret.txt", folder_ / "app.log");
  EXPECT_THAT(read({}).lines, IsEmpty());
  const LogReader reader(folder_);
  for (const char* cursor :
       {"secret.txt:5", "../app.log:5", "app.log:-1", "app.log:x", "app.log"}) {
    EXPECT_EQ(reader.read({.cursor = cursor}).error().code, ErrorCode::kInvalidArgument) << cursor;
  }
  for (const LogLineQuery& query : {LogLineQuery{.channel = "../x"}, LogLineQuery{.level = "info"},
                                    LogLineQuery{.count_max = 501}, LogLineQuery{.count_max = 0}}) {
    EXPECT_EQ(reader.read(query).error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(LogReader(folder_ / "none").read({}).error().code, ErrorCode::kNotFound);
}

TEST_F(LogReaderTest, AFileThatShrankSinceThePageBeforeIsReadFromItsEnd) {
  write("app.log", line(1) + "\n");
  EXPECT_THAT(read({.cursor = "app.log:99999999"}).lines, ElementsAre(line(1)));
  EXPECT_THAT(read({.cursor = "app-2020-01-01.log:5"}).lines, IsEmpty());
}

}  // namespace
}  // namespace katip::app
