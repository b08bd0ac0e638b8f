#include "base/log/log_file.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log/log_testing.h"
#include "base/manual_clock.h"
#include "base/testing/temporary_folder.h"

namespace katip::log {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::FullDisk;
using ::testing::IsEmpty;
using testing::lines_of;
using ::testing::UnorderedElementsAre;

/// A line of this day.
std::string line(std::string_view day, std::string_view text = "") {
  return fmt::format(R"({{"ts":"{}T12:00:00.000Z","message":"{}"}})", day, text);
}

class LogFileTest : public ::testing::Test {
 protected:
  LogFile open(const LogFileOptions& options = {}) const {
    return std::move(*LogFile::open(path(), options, clock));
  }
  std::filesystem::path path() const { return folder.path() / "app.log"; }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
      const std::string name = entry.path().filename().string();
      if (!name.starts_with('.')) found.push_back(name);
    }
    return found;
  }
  void put(const std::string& name, const std::string& text) const {
    std::ofstream(folder.path() / name) << text;
  }

  TemporaryFolder folder;
  ManualClock clock;
};

TEST_F(LogFileTest, AddsLinesToWhatIsThere) {
  put("app.log", line("2026-03-01") + "\n");
  ASSERT_TRUE(open().write(line("2026-03-01", "two")));
  EXPECT_THAT(lines_of(path()), ElementsAre(line("2026-03-01"), line("2026-03-01", "two")));
}

TEST_F(LogFileTest, ANewDayBeginsANewFile) {
  LogFile file = open();
  for (const char* day : {"2026-02-28", "2026-03-01", "2026-03-01", "2026-03-05"}) {
    ASSERT_TRUE(file.write(line(day)));
  }
  EXPECT_THAT(names(), UnorderedElementsAre("app.log", "app-2026-02-28.log", "app-2026-03-01.log"));
  EXPECT_EQ(lines_of(folder.path() / "app-2026-03-01.log").size(), 2U);
  EXPECT_THAT(lines_of(path()), ElementsAre(line("2026-03-05")));
}

TEST_F(LogFileTest, AFileOfAnEarlierDayIsPutAsideWhenTheProgramComesBack) {
  put("app.log", line("2026-02-20") + "\n");
  ASSERT_TRUE(open().write(line("2026-03-01")));
  EXPECT_THAT(names(), UnorderedElementsAre("app.log", "app-2026-02-20.log"));
}

TEST_F(LogFileTest, AClockThatIsSetBackEndsNoDay) {
  LogFile file = open();
  ASSERT_TRUE(file.write(line("2026-03-02")));
  ASSERT_TRUE(file.write(line("2026-03-01")));
  EXPECT_EQ(lines_of(path()).size(), 2U);
}

TEST_F(LogFileTest, NoFileIsWrittenOver) {
  put("app-2026-03-01.log", "kept\n");
  put("app.log", line("2026-03-01") + "\n");
  ASSERT_TRUE(open().write(line("2026-03-02")));
  EXPECT_THAT(lines_of(folder.path() / "app-2026-03-01.log"), ElementsAre("kept"));
  EXPECT_THAT(lines_of(folder.path() / "app-2026-03-01.1.log"), ElementsAre(line("2026-03-01")));
}

TEST_F(LogFileTest, OldFilesOfItsOwnGo) {
  for (const char* name :
       {"app-2026-01-29.log", "app-2026-01-30.log", "app-2026-01-29.3.log", "api-2026-01-01.log",
        "app-notes.log", "app-2026-01-01.txt", "app-2026-99-99.log"}) {
    put(name, "x\n");
  }
  put("app.log", line("2026-02-28") + "\n");
  ASSERT_TRUE(open({.keep_days = 30}).write(line("2026-03-01")));
  EXPECT_THAT(names(), UnorderedElementsAre("app.log", "app-2026-02-28.log", "app-2026-01-30.log",
                                            "api-2026-01-01.log", "app-notes.log",
                                            "app-2026-01-01.txt", "app-2026-99-99.log"));
}

TEST_F(LogFileTest, ZeroDaysKeepForEver) {
  put("app-1999-01-01.log", "x\n");
  put("app.log", line("2026-02-28") + "\n");
  ASSERT_TRUE(open({.keep_days = 0}).write(line("2026-03-01")));
  EXPECT_EQ(names().size(), 3U);
}

TEST_F(LogFileTest, ALargeFileIsPutAsideBeforeMidnight) {
  LogFile file = open({.file_size_max = 150});
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(file.write(line("2026-03-01", "........")));
  EXPECT_THAT(names(),
              UnorderedElementsAre("app.log", "app-2026-03-01.log", "app-2026-03-01.1.log"));
}

TEST_F(LogFileTest, ARenameBySomebodyElseIsNoticed) {
  LogFile file = open();
  ASSERT_TRUE(file.write(line("2026-03-01", "one")));
  std::filesystem::rename(path(), folder.path() / "app.log.1");
  ASSERT_TRUE(file.write(line("2026-03-01", "two")));
  clock.advance(1s);
  ASSERT_TRUE(file.write(line("2026-03-01", "three")));
  EXPECT_EQ(lines_of(folder.path() / "app.log.1").size(), 2U);
  EXPECT_THAT(lines_of(path()), ElementsAre(line("2026-03-01", "three")));
  std::filesystem::remove_all(folder.path());
  clock.advance(1s);
  ASSERT_TRUE(file.write(line("2026-03-01", "four")));
  EXPECT_THAT(lines_of(path()), ElementsAre(line("2026-03-01", "four")));
}

TEST_F(LogFileTest, AFileThatSomebodyEmptiedGoesOnAtItsBeginning) {
  LogFile file = open();
  ASSERT_TRUE(file.write(line("2026-03-01", "one")));
  std::filesystem::resize_file(path(), 0);
  ASSERT_TRUE(file.write(line("2026-03-01", "two")));
  EXPECT_THAT(lines_of(path()), ElementsAre(line("2026-03-01", "two")));
}

TEST_F(LogFileTest, AFullDiskLeavesNoHalfLine) {
  LogFile file = open();
  ASSERT_TRUE(file.write(line("2026-03-01", "one")));
  {
    const FullDisk full(std::filesystem::file_size(path()) + 10);
    EXPECT_FALSE(file.write(line("2026-03-01", "two")));
    EXPECT_FALSE(file.write(line("2026-03-01", "three")));
  }
  ASSERT_TRUE(file.write(line("2026-03-01", "four")));
  EXPECT_THAT(lines_of(path()), ElementsAre(line("2026-03-01", "one"), line("2026-03-01", "four")));
}

TEST_F(LogFileTest, TwoProcessesRenameOnceAndLoseNothing) {
  LogFile one = open();
  LogFile other = open();
  for (const char* day : {"2026-03-01", "2026-03-02", "2026-03-03"}) {
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(one.write(line(day, "one")));
      ASSERT_TRUE(other.write(line(day, "other")));
    }
  }
  EXPECT_THAT(names(), UnorderedElementsAre("app.log", "app-2026-03-01.log", "app-2026-03-02.log"));
  for (const std::string& name : names()) EXPECT_EQ(lines_of(folder.path() / name).size(), 6U);
}

TEST_F(LogFileTest, WhatCannotBeOpenedNamesTheFile) {
  const auto file = LogFile::open("/proc/nowhere/app.log", {}, clock);
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().message, ::testing::HasSubstr("/proc/nowhere/app.log"));
}

}  // namespace
}  // namespace katip::log
