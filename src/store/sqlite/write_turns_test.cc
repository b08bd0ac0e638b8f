#include "store/sqlite/write_turns.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "store/connection.h"
#include "store/testing/test_database.h"
#include "store/transaction.h"

namespace katip::store::sqlite {
namespace {

using namespace std::chrono_literals;

TEST(WriteTurns, ConnectionsOfOneFileShareALine) {
  const auto line = WriteTurns::of("/a/file");
  EXPECT_EQ(WriteTurns::of("/a/file"), line);
  EXPECT_NE(WriteTurns::of("/another/file"), line);
}

TEST(WriteTurns, OneHasTheTurnAndTheOthersWait) {
  const auto line = WriteTurns::of("/a/file");
  auto turn = line->take(1s, {});
  ASSERT_TRUE(turn);
  EXPECT_EQ(line->take(1ms, {}).error().code, ErrorCode::kTimeout);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(line->take(1h, stop.get_token()).error().code, ErrorCode::kCancelled);
  turn->reset();
  EXPECT_TRUE(line->take(1ms, {}));
}

class WriteTurnsOfAFile : public ::testing::Test {
 protected:
  std::unique_ptr<Connection> connect(const ConnectionOptions& options = {}) {
    return database_->connect(options).value();
  }

  std::unique_ptr<store::testing::TestDatabase> database_ =
      store::testing::TestDatabase::create(Dialect::kSqlite).value();
};

TEST_F(WriteTurnsOfAFile, ATurnEndsHoweverItsTransactionEnds) {
  const auto second = connect({.busy_timeout = 1ms});
  {
    auto first = connect();
    ASSERT_TRUE(first->begin(TransactionMode::kWrite));
    EXPECT_EQ(second->begin(TransactionMode::kWrite).error().code, ErrorCode::kOverloaded);
    ASSERT_TRUE(first->commit());
    EXPECT_TRUE(second->begin(TransactionMode::kWrite));
    ASSERT_TRUE(second->rollback());
    ASSERT_TRUE(first->begin(TransactionMode::kWrite));
  }  // Closed in the middle.
  EXPECT_TRUE(second->begin(TransactionMode::kWrite));
}

TEST_F(WriteTurnsOfAFile, AStopEndsTheWait) {
  const auto first = connect();
  ASSERT_TRUE(first->begin(TransactionMode::kWrite));
  std::stop_source stop;
  const auto second = connect({.busy_timeout = 1h});
  second->set_stop(stop.get_token());
  const std::jthread stopper([&] {
    system_clock().sleep_for(20ms, {});
    stop.request_stop();
  });
  EXPECT_EQ(second->begin(TransactionMode::kWrite).error().code, ErrorCode::kCancelled);
}

TEST_F(WriteTurnsOfAFile, TheLimitOfAStatementCountsForTheWait) {
  const auto first = connect();
  ASSERT_TRUE(first->begin(TransactionMode::kWrite));
  const auto second = connect({.statement_timeout = 5ms, .busy_timeout = 1h});
  const Status status = second->begin(TransactionMode::kWrite);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kTimeout);
  EXPECT_TRUE(status.error().message.contains("5 ms")) << status.error().message;
}

// One who writes without a pause does not keep another waiting: it is served between two of its
// transactions, which by luck alone would take some thirty of them.
TEST_F(WriteTurnsOfAFile, WhoBeginsAgainStandsAtTheEnd) {
  ASSERT_TRUE(connect()->execute("create table t (n integer)"));
  std::atomic<int> busy_count = 0;
  const std::jthread busy([&](const std::stop_token& stop) {
    const auto connection = connect();
    while (!stop.stop_requested()) {
      const Status status = run_transaction(*connection, {}, {}, [&](Connection& sql) -> Status {
        ++busy_count;
        KATIP_TRY(sql.query("insert into t values (1)"));
        return {};
      });
      if (!status) return;
    }
  });
  while (busy_count == 0) std::this_thread::yield();
  const auto patient = connect();
  int passed_count = 0;
  for (int i = 0; i < 20; ++i) {
    const int before = busy_count;
    ASSERT_TRUE(patient->begin(TransactionMode::kWrite));
    passed_count += busy_count - before;
    ASSERT_TRUE(patient->commit());
  }
  // One is under way, and on a loaded machine a second may begin before we have reached the line.
  EXPECT_LE(passed_count, 80);
}

}  // namespace
}  // namespace katip::store::sqlite
