#include "store/statement_log.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/temporary_folder.h"

namespace katip::store {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// What a StatementLog writes to a log of this level.
class StatementLogTest : public ::testing::Test {
 protected:
  void open(LogLevel level, const StatementLogOptions& options) {
    log_ = std::move(
        *Log::open({.folder = folder_.path(), .level = level, .console = LogConsole::kOff}));
    observer.emplace(Logger(*log_, "store"), options);
  }
  std::string written() {
    EXPECT_TRUE(log_->flush(10s));
    std::ifstream file(folder_.path() / "app.log");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::optional<StatementLog> observer;

 private:
  TemporaryFolder folder_;
  std::unique_ptr<Log> log_;
};

TEST_F(StatementLogTest, SlowOnesAreWarnings) {
  open(LogLevel::kWarning, {.slow_after = 200ms});
  observer->on_statement("select 1", 199ms, nullptr);
  EXPECT_THAT(written(), IsEmpty());
  const Error error{ErrorCode::kTimeout, "value 'secret' took too long"};
  observer->on_statement("select  *\n  from jobs", 200'500us, &error);
  const std::string line = written();
  EXPECT_THAT(line, HasSubstr(R"("level":"WARNING","logger":"store","message":"slow statement")"));
  EXPECT_THAT(line, HasSubstr(R"("sql":"select * from jobs")"));
  EXPECT_THAT(line, HasSubstr(R"("duration_ms":200.5)"));
  EXPECT_THAT(line, HasSubstr(R"("outcome":"TIMEOUT")"));
  EXPECT_THAT(line, Not(HasSubstr("secret")));
}

TEST_F(StatementLogTest, EveryOneOnlyWhenAskedFor) {
  open(LogLevel::kDebug, {});
  observer->on_statement("select 1", 1ms, nullptr);
  EXPECT_THAT(written(), IsEmpty());
  open(LogLevel::kDebug, {.slow_after = 0ms, .logs_every = true});
  observer->on_statement("select 2", 1h, nullptr);
  EXPECT_THAT(written(), HasSubstr(R"("level":"DEBUG")"));
}

TEST_F(StatementLogTest, LongStatementsAreCut) {
  open(LogLevel::kDebug, {.logs_every = true});
  observer->on_statement("select " + std::string(100'000, 'x'), 1ms, nullptr);
  const std::string line = written();
  EXPECT_LT(line.size(), 1'500U);
  EXPECT_THAT(line, HasSubstr("x …"));
}

TEST_F(StatementLogTest, ParametersOfARealStatementAreNotShown) {
  open(LogLevel::kDebug, {.logs_every = true});
  const TemporaryFolder folder;
  const auto url = DatabaseUrl::parse("sqlite:///" + (folder.path() / "t.db").string());
  auto connection = Connection::open(*url, {.observer = &*observer});
  ASSERT_TRUE(connection);
  ASSERT_TRUE((*connection)->query("select $1", {"what somebody said"}));
  const std::string lines = written();
  EXPECT_THAT(lines, HasSubstr(R"("sql":"select $1")"));
  EXPECT_THAT(lines, Not(HasSubstr("somebody")));
}

TEST(StatementLogOptions, HaveLimits) {
  EXPECT_TRUE(StatementLogOptions{}.validate());
  EXPECT_FALSE((StatementLogOptions{.slow_after = -1ms}).validate());
}

}  // namespace
}  // namespace katip::store
