#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "base/manual_clock.h"
#include "store/conformance/conformance.h"
#include "store/pool.h"
#include "store/transaction.h"

namespace katip::store {
namespace {

using namespace std::chrono_literals;

class PoolConformance : public Conformance {
 protected:
  std::unique_ptr<Pool> make(const PoolOptions& options) const {
    return must(Pool::create(url(), {}, options));
  }
};
KATIP_CONFORMANCE(PoolConformance);

TEST_P(PoolConformance, UsesAConnectionAgain) {
  const auto pool = make({});
  for (int i = 0; i < 3; ++i) {
    const PooledConnection connection = must(pool->acquire({}));
    must(connection->query("select 1"));
    EXPECT_EQ(pool->stats().used_count, 1u);
  }
  EXPECT_EQ(pool->stats().opened_count, 1);
  EXPECT_EQ(pool->stats().idle_count, 1u);
  EXPECT_EQ(pool->stats().used_count, 0u);
}

TEST_P(PoolConformance, OpensNoMoreThanItMay) {
  const auto pool = make({.connection_count_max = 2, .acquire_timeout = 20ms});
  const PooledConnection first = must(pool->acquire({}));
  const PooledConnection second = must(pool->acquire({}));
  const auto third = pool->acquire({});
  ASSERT_EQ(code(third), ErrorCode::kTimeout);
  EXPECT_TRUE(third.error().message.contains("none of 2")) << third.error().message;
  EXPECT_EQ(pool->stats().opened_count, 2);
}

TEST_P(PoolConformance, RefusesMoreWhoWaitThanItsLimit) {
  const auto pool = make({.connection_count_max = 1, .waiter_count_max = 0});
  const PooledConnection first = must(pool->acquire({}));
  EXPECT_EQ(code(pool->acquire({})), ErrorCode::kOverloaded);
}

TEST_P(PoolConformance, GivesAConnectionBackAsNew) {
  must(sql().execute("create table t (id integer)"));
  const auto pool = make({.connection_count_max = 1});
  std::stop_source stop;
  stop.request_stop();
  {
    const PooledConnection connection = must(pool->acquire({}));
    EXPECT_TRUE(must(connection->try_lock("migrate")));
    must(connection->set_statement_timeout(1h));
    must(connection->begin(TransactionMode::kWrite));
    must(connection->query("insert into t values (1)"));
    EXPECT_FALSE(connection->query("selec 1"));
    connection->set_stop(stop.get_token());
  }
  const PooledConnection connection = must(pool->acquire({}));
  EXPECT_FALSE(connection->in_transaction());
  EXPECT_EQ(connection->options().statement_timeout, ConnectionOptions().statement_timeout);
  EXPECT_TRUE(must(connection->query("select * from t")).empty());
  EXPECT_TRUE(must(sql().try_lock("migrate")));
  EXPECT_EQ(pool->stats().opened_count, 1);
}

TEST_P(PoolConformance, ClosesWhatWasIdleForLong) {
  ManualClock clock;
  const auto pool = must(Pool::create(url(), {.clock = &clock}, {}));
  {
    const PooledConnection first = must(pool->acquire({}));
    const PooledConnection second = must(pool->acquire({}));
  }
  EXPECT_EQ(pool->stats().idle_count, 2u);
  clock.advance(11min);
  must(must(pool->acquire({}))->query("select 1"));
  EXPECT_EQ(pool->stats().idle_count, 1u);
  EXPECT_EQ(pool->stats().opened_count, 2);
}

TEST_P(PoolConformance, ManyThreadsShareFewConnections) {
  must(sql().execute("create table t (id integer)"));
  const auto pool = make({.connection_count_max = 3, .acquire_timeout = 60s});
  std::vector<std::jthread> threads;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 10; ++round) {
        const PooledConnection connection = must(pool->acquire({}));
        must(run_transaction(*connection, {.attempt_count_max = 100}, {},
                             [](Connection& other) -> Status {
                               KATIP_TRY(other.query("insert into t values (1)"));
                               return {};
                             }));
      }
    });
  }
  threads.clear();
  EXPECT_EQ(must(sql().query("select count(*) from t"))[0].get<std::int64_t>(0), 120);
  EXPECT_LE(pool->stats().opened_count, 3);
  EXPECT_EQ(pool->stats().discarded_count, 0);
}

TEST_P(PoolConformance, OptionsOutOfRangeAreNamed) {
  const auto pool = Pool::create(url(), {}, {.connection_count_max = 0});
  ASSERT_EQ(code(pool), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(pool.error().message.contains("connection_count_max"));
  EXPECT_EQ(code(Pool::create(must(DatabaseUrl::parse("sqlite://")), {}, {})),
            ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace katip::store
