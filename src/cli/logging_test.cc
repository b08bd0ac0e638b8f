#include "cli/logging.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::cli {
namespace {

using namespace std::chrono_literals;

Settings settings(std::map<std::string, std::string> variables) {
  variables.emplace("KATIP_DATA", "/data");
  return Settings::load({.environment = Environment(std::move(variables)),
                         .config_file = std::nullopt,
                         .environment_name = std::nullopt,
                         .flags = {}})
      .value();
}

TEST(Logging, HasDefaultsForAServer) {
  const LogOptions options = log_options(settings({}), {});
  EXPECT_EQ(options.folder, "/data/logs");
  EXPECT_EQ(options.level, LogLevel::kInfo);
  EXPECT_EQ(options.console, LogConsole::kJson);
  EXPECT_EQ(options.keep_days, 30);
  EXPECT_EQ(options.file_size_max, 1'000'000'000);
}

TEST(Logging, FollowsTheSettings) {
  const LogOptions options = log_options(settings({{"KATIP_LOG_DIR", "/var/log/katip"},
                                                   {"KATIP_LOG_LEVEL", "DEBUG"},
                                                   {"KATIP_LOG_CONSOLE", "text"},
                                                   {"KATIP_LOG_KEEP_DAYS", "7"},
                                                   {"KATIP_LOG_FILE_SIZE_MAX_MB", "0"}}),
                                         {});
  EXPECT_EQ(options.folder, "/var/log/katip");
  EXPECT_EQ(options.level, LogLevel::kDebug);
  EXPECT_EQ(options.console, LogConsole::kText);
  EXPECT_EQ(options.keep_days, 7);
  EXPECT_EQ(options.file_size_max, 0);
  EXPECT_TRUE(log_options(settings({{"KATIP_LOG_FILES", "off"}}), {}).folder.empty());
}

TEST(Logging, TheConsoleIsForPeopleAtATerminal) {
  const auto console = [](const std::string& wanted, ConsoleKind kind) {
    return log_options(settings({{"KATIP_LOG_CONSOLE", wanted}}), kind).console;
  };
  EXPECT_EQ(console("auto", {.is_terminal = true, .has_colours = true}), LogConsole::kColoredText);
  EXPECT_EQ(console("auto", {.is_terminal = true, .has_colours = false}), LogConsole::kText);
  EXPECT_EQ(console("auto", {}), LogConsole::kJson);
  EXPECT_EQ(console("json", {.is_terminal = true, .has_colours = true}), LogConsole::kJson);
  EXPECT_EQ(console("off", {.is_terminal = true, .has_colours = true}), LogConsole::kOff);
}

TEST(Logging, SaysWhichStatementsAreLogged) {
  EXPECT_EQ(statement_log_options(settings({})).slow_after, 500ms);
  EXPECT_FALSE(statement_log_options(settings({})).logs_every);
  const auto options = statement_log_options(
      settings({{"KATIP_LOG_SLOW_STATEMENT_MS", "0"}, {"KATIP_LOG_STATEMENTS", "on"}}));
  EXPECT_EQ(options.slow_after, 0ms);
  EXPECT_TRUE(options.logs_every);
}

TEST(Logging, StartsALogThatWrites) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / "katip_logging_test";
  std::filesystem::remove_all(folder);
  {
    const auto log =
        start_logging(settings({{"KATIP_LOG_DIR", folder}, {"KATIP_LOG_CONSOLE", "off"}}), {});
    ASSERT_TRUE(log) << log.error().message;
    Logger(**log, "worker").info("worker started");
  }
  std::ifstream file(folder / "app.log");
  std::string line;
  std::getline(file, line);
  EXPECT_THAT(line, ::testing::HasSubstr(R"("logger":"worker","message":"worker started")"));
  std::filesystem::remove_all(folder);
}

TEST(Logging, SaysWhichFolderItCannotUse) {
  const auto log = start_logging(settings({{"KATIP_LOG_DIR", "/proc/nowhere"}}), {});
  ASSERT_FALSE(log);
  EXPECT_THAT(log.error().message, ::testing::HasSubstr("/proc/nowhere"));
}

}  // namespace
}  // namespace katip::cli
