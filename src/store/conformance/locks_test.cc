#include <thread>
#include <vector>

#include "store/conformance/conformance.h"
#include "store/session_lock.h"
#include "store/transaction.h"

namespace katip::store {
namespace {

using namespace std::chrono_literals;

class LocksConformance : public Conformance {};
KATIP_CONFORMANCE(LocksConformance);

TEST_P(LocksConformance, OneConnectionAtATimeHasALock) {
  const auto other = connect();
  EXPECT_TRUE(must(sql().try_lock("migrate")));
  EXPECT_FALSE(must(other->try_lock("migrate")));
  EXPECT_TRUE(must(other->try_lock("schedule"))) << "another name is another lock";
  must(sql().unlock("migrate"));
  EXPECT_TRUE(must(other->try_lock("migrate")));
}

TEST_P(LocksConformance, ALockGoesWithItsConnection) {
  auto first = connect();
  EXPECT_TRUE(must(first->try_lock("migrate")));
  first.reset();
  // The server notices the end of a connection in its own time.
  EXPECT_TRUE(SessionLock::acquire(sql(), "migrate", 10s, {}));
}

TEST_P(LocksConformance, ALockOutlivesTransactionsAndTheirFailure) {
  const auto other = connect();
  EXPECT_TRUE(must(sql().try_lock("migrate")));
  {
    const Transaction transaction = must(Transaction::begin(sql()));
    EXPECT_FALSE(sql().query("selec 1"));
  }
  EXPECT_FALSE(must(other->try_lock("migrate")));
}

TEST_P(LocksConformance, ALockHoldsUpNobodyElse) {
  const auto other = connect();
  EXPECT_TRUE(must(sql().try_lock("migrate")));
  must(other->execute("create table t (id integer); insert into t values (1)"));
  EXPECT_EQ(must(sql().query("select * from t")).size(), 1u);
}

TEST_P(LocksConformance, MisuseIsReported) {
  EXPECT_TRUE(must(sql().try_lock("a")));
  EXPECT_EQ(code(sql().try_lock("a")), ErrorCode::kConflict);
  EXPECT_EQ(code(sql().unlock("b")), ErrorCode::kConflict);
  for (const std::string& bad : {std::string(), std::string("A"), std::string("../x"),
                                 std::string("a b"), std::string(49, 'a')}) {
    EXPECT_EQ(code(sql().try_lock(bad)), ErrorCode::kInvalidArgument) << bad;
  }
}

TEST_P(LocksConformance, WaitingEndsAtItsLimitOrAtAStop) {
  const auto other = connect();
  const SessionLock lock = must(SessionLock::acquire(*other, "migrate", 1s, {}));
  EXPECT_EQ(code(SessionLock::acquire(sql(), "migrate", 20ms, {})), ErrorCode::kTimeout);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(code(SessionLock::acquire(sql(), "migrate", 1h, stop.get_token())),
            ErrorCode::kCancelled);
}

TEST_P(LocksConformance, TwentyWhoWaitAllGetItOneAfterTheOther) {
  must(sql().execute("create table t (n integer); insert into t values (0)"));
  std::vector<std::jthread> threads;
  for (int i = 0; i < 20; ++i) {
    threads.emplace_back([&] {
      const auto connection = connect();
      const SessionLock lock = must(SessionLock::acquire(*connection, "migrate", 60s, {}));
      const Rows rows = must(connection->query("select n from t"));
      must(connection->query("update t set n = $1", {must(rows[0].get<std::int64_t>(0)) + 1}));
    });
  }
  threads.clear();
  EXPECT_EQ(must(sql().query("select n from t"))[0].get<std::int64_t>(0), 20);
}

}  // namespace
}  // namespace katip::store
