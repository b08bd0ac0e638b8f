#include "base/log.h"

#include <array>
#include <set>
#include <thread>

#include <boost/json.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/log/log_testing.h"
#include "base/manual_clock.h"
#include "base/testing/temporary_folder.h"

namespace katip {
namespace {

using namespace std::chrono_literals;
using log::testing::FullDisk;
using log::testing::lines_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

static_assert(!std::is_constructible_v<LogField, std::string_view, Secret>,
              "a secret cannot get into the log");
static_assert(std::is_constructible_v<LogField, std::string_view, std::string>);

boost::json::object parsed(const std::string& line) { return boost::json::parse(line).as_object(); }

std::vector<std::string> messages(const std::vector<std::string>& lines) {
  std::vector<std::string> found;
  for (const std::string& line : lines) {
    found.emplace_back(parsed(line).at("message").as_string());
  }
  return found;
}

/// A log in a folder of its own, whose console is a file too.
class LogTest : public ::testing::Test {
 protected:
  LogTest() {
    console_ = ::open((folder.path() / "console").c_str(), O_CREAT | O_RDWR | O_APPEND, 0600);
  }
  ~LogTest() override { ::close(console_); }

  std::unique_ptr<Log> open(LogOptions options = {}) {
    options.folder = folder.path() / "logs";
    options.console_descriptor = console_;
    options.clock = &clock;
    return std::move(*Log::open(options));
  }
  std::vector<std::string> file(const std::string& name) const {
    return lines_of(folder.path() / "logs" / name);
  }
  std::vector<std::string> console() const { return lines_of(folder.path() / "console"); }

  TemporaryFolder folder;
  ManualClock clock;

 private:
  int console_;
};

TEST_F(LogTest, EachChannelHasItsFileAndErrorsOneMore) {
  auto log = open();
  Logger(*log, "jobs").info("worker started");
  Logger(*log, "http", LogChannel::kApi).info("request", {{"status", 200}});
  Logger(*log, "http", LogChannel::kApi).error("request failed");
  Logger(*log, "keys", LogChannel::kAudit).info("key revoked", {{"actor", "ayşe"}});
  Logger(*log, "jobs").critical("queue lost");
  ASSERT_TRUE(log->flush(10s));
  EXPECT_THAT(messages(file("app.log")), ElementsAre("worker started", "queue lost"));
  EXPECT_THAT(messages(file("api.log")), ElementsAre("request", "request failed"));
  EXPECT_THAT(messages(file("audit.log")), ElementsAre("key revoked"));
  EXPECT_THAT(messages(file("error.log")), ElementsAre("request failed", "queue lost"));
  EXPECT_EQ(console().size(), 5U);
  EXPECT_EQ(parsed(file("app.log").front()).at("pid"), ::getpid());
}

TEST_F(LogTest, TheLevelHoldsForAllButTheAudit) {
  auto log = open({.level = LogLevel::kError});
  EXPECT_FALSE(log->is_on(LogLevel::kWarning));
  Logger(*log, "jobs").warning("slow");
  Logger(*log, "keys", LogChannel::kAudit).debug("key used");
  ASSERT_TRUE(log->flush(10s));
  EXPECT_THAT(file("app.log"), IsEmpty());
  EXPECT_THAT(messages(file("audit.log")), ElementsAre("key used"));
}

TEST_F(LogTest, TheConsoleCanBeForPeopleOrOff) {
  {
    auto log = open({.console = LogConsole::kText});
    Logger(*log, "jobs").info("one", {{"a", "x\ny"}});
    Logger(*log, "jobs").info("two");
  }
  EXPECT_THAT(console(), ElementsAre(R"(00:00:00.000 INFO     jobs: one a="x\ny")",
                                     "00:00:00.000 INFO     jobs: two"));
  {
    Logger(*open({.console = LogConsole::kOff}), "jobs").info("three");
  }
  EXPECT_EQ(console().size(), 2U);
  EXPECT_EQ(file("app.log").size(), 3U) << "what was in the queue is written at the end";
}

TEST_F(LogTest, WithoutAFolderThereIsOnlyTheConsole) {
  LogOptions options{.console = LogConsole::kOff};
  auto log = std::move(*Log::open(options));
  Logger(*log, "jobs").info("one");
  EXPECT_TRUE(log->flush(10s));
}

TEST_F(LogTest, AScopeMarksTheLinesOfItsThread) {
  auto log = open();
  const Logger logger(*log, "jobs");
  {
    const LogScope request({.request_id = "r1"});
    {
      const LogScope task({.job_id = "j1", .task_id = "t1"});
      logger.info("inside");
      std::jthread([&] { logger.info("elsewhere"); }).join();
    }
    logger.info("outside", {{"task_id", "given"}});
  }
  logger.info("after");
  ASSERT_TRUE(log->flush(10s));
  const auto lines = file("app.log");
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_THAT(lines[0], HasSubstr(R"("request_id":"r1","job_id":"j1","task_id":"t1")"));
  EXPECT_FALSE(parsed(lines[1]).contains("request_id"));
  EXPECT_EQ(parsed(lines[2]).at("request_id"), "r1");
  EXPECT_EQ(parsed(lines[2]).at("task_id"), "given");
  EXPECT_FALSE(parsed(lines[3]).contains("request_id"));
}

TEST_F(LogTest, ALoggerWithoutALogIsSilent) {
  const Logger logger;
  EXPECT_FALSE(logger.is_on(LogLevel::kCritical));
  logger.critical("nobody hears it");
}

TEST_F(LogTest, NoLineIsLostAtMidnightUnderManyWriters) {
  constexpr int kWriters = 8;
  constexpr int kLines = 2'000;
  clock.advance(24h - 40ms);
  auto log = open({.console = LogConsole::kOff, .queue_length = 256});
  {
    std::vector<std::jthread> writers;
    for (int writer = 0; writer < kWriters; ++writer) {
      writers.emplace_back([&, writer] {
        const Logger logger(*log, "jobs");
        for (int i = 0; i < kLines; ++i) {
          if (i % 50 == 0) clock.advance(1ms);  // 8 * 40 ms: midnight comes early.
          logger.info("line", {{"number", writer * kLines + i}});
        }
      });
    }
  }
  ASSERT_TRUE(log->flush(60s));
  std::set<std::int64_t> seen;
  for (const char* name : {"app-1970-01-01.log", "app.log"}) {
    const auto lines = file(name);
    EXPECT_FALSE(lines.empty()) << name;
    for (const std::string& line : lines) seen.insert(parsed(line).at("number").as_int64());
  }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(kWriters * kLines));
  for (const std::string& line : file("app-1970-01-01.log")) {
    EXPECT_THAT(line, HasSubstr("\"ts\":\"1970-01-01")) << "each file has the lines of its day";
  }
}

TEST_F(LogTest, AFullDiskCostsNoConsoleLineAndItRecovers) {
  auto log = open();
  const Logger logger(*log, "jobs");
  logger.info("before");
  ASSERT_TRUE(log->flush(10s));
  // The console of this test is a file as well: it gets room that app.log has filled already.
  std::filesystem::resize_file(folder.path() / "console", 0);
  std::filesystem::resize_file(folder.path() / "logs" / "app.log", 100'000);
  {
    const FullDisk full(100'000);
    for (int i = 0; i < 3; ++i) logger.info("during", {{"i", i}});
    ASSERT_TRUE(log->flush(10s));
  }
  logger.info("after");
  ASSERT_TRUE(log->flush(10s));
  EXPECT_THAT(messages(console()),
              ElementsAre("during", "log file cannot be written", "during", "during", "after"));
  const auto lines = file("app.log");
  ASSERT_GE(lines.size(), 2U);
  EXPECT_THAT(lines.back(), HasSubstr("after"));
  EXPECT_THAT(lines[lines.size() - 2], HasSubstr(R"("message":"log lines are missing")"));
  EXPECT_THAT(lines[lines.size() - 2], HasSubstr(R"("count":3)"));
}

TEST_F(LogTest, LinesOfRequestsDoNotWaitForADiskThatHangs) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  ::fcntl(ends[1], F_SETPIPE_SZ, 4'096);
  auto log = *Log::open({.folder = folder.path() / "logs",
                         .console_descriptor = ends[1],
                         .queue_length = 64,
                         .clock = &clock});
  const Logger logger(*log, "api", LogChannel::kApi);
  // Nobody reads the pipe: the thread of the log is stuck when it is full.
  for (int i = 0; i < 2'000; ++i) logger.info("request");
  std::jthread reader([&] {
    std::array<char, 4'096> buffer;
    while (::read(ends[0], buffer.data(), buffer.size()) > 0) {
    }
  });
  ASSERT_TRUE(log->flush(60s));
  logger.info("after");
  ASSERT_TRUE(log->flush(60s));
  log.reset();
  ::close(ends[1]);
  reader.join();
  ::close(ends[0]);
  std::int64_t written = 0;
  std::int64_t missing = 0;
  for (const std::string& line : file("api.log")) {
    const auto object = parsed(line);
    written += object.at("message") == "request";
    if (object.at("message") == "log lines are missing") missing += object.at("count").as_int64();
  }
  EXPECT_GT(missing, 0);
  EXPECT_EQ(written + missing, 2'000);
}

TEST_F(LogTest, WrongOptionsAreRefused) {
  EXPECT_FALSE((LogOptions{.keep_days = -1}).validate());
  EXPECT_FALSE((LogOptions{.queue_length = 0}).validate());
  EXPECT_FALSE((LogOptions{.file_size_max = -1}).validate());
  const auto log = Log::open({.folder = "/proc/nowhere"});
  ASSERT_FALSE(log);
  EXPECT_THAT(log.error().message, HasSubstr("/proc/nowhere"));
}

TEST(LogLevel, HasANameInAnyCase) {
  EXPECT_EQ(name(LogLevel::kWarning), "WARNING");
  EXPECT_EQ(parse_log_level("critical"), LogLevel::kCritical);
  EXPECT_EQ(parse_log_level("Debug"), LogLevel::kDebug);
  EXPECT_EQ(parse_log_level("warn"), std::nullopt);
}

}  // namespace
}  // namespace katip
