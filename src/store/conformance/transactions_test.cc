#include <functional>
#include <thread>
#include <vector>

#include "store/conformance/conformance.h"
#include "store/transaction.h"

namespace katip::store {
namespace {

using namespace std::chrono_literals;

class TransactionConformance : public Conformance {
 protected:
  void SetUp() override {
    Conformance::SetUp();
    if (!IsSkipped()) {
      must(
          sql().execute("create table t (id integer primary key, n integer not null); "
                        "insert into t values (1, 0)"));
    }
  }
  std::int64_t n(Connection& connection) const {
    return must(must(connection.query("select n from t where id = 1"))[0].get<std::int64_t>(0));
  }
  std::int64_t n() const { return n(sql()); }
};
KATIP_CONFORMANCE(TransactionConformance);

TEST_P(TransactionConformance, CommitKeepsAndRollbackForgets) {
  Transaction kept = must(Transaction::begin(sql()));
  must(sql().query("update t set n = 1"));
  EXPECT_TRUE(sql().in_transaction());
  must(kept.commit());
  EXPECT_FALSE(sql().in_transaction());
  EXPECT_EQ(n(), 1);

  Transaction dropped = must(Transaction::begin(sql()));
  must(sql().query("update t set n = 2"));
  must(dropped.rollback());
  EXPECT_EQ(n(), 1);
  EXPECT_EQ(code(dropped.commit()), ErrorCode::kInternal);
}

TEST_P(TransactionConformance, TheEndOfTheScopeRollsBack) {
  {
    Transaction transaction = must(Transaction::begin(sql()));
    Transaction moved = std::move(transaction);
    must(sql().query("update t set n = 3"));
  }
  EXPECT_FALSE(sql().in_transaction());
  EXPECT_EQ(n(), 0);
}

TEST_P(TransactionConformance, ATransactionInsideAnotherIsAConflict) {
  const Transaction transaction = must(Transaction::begin(sql()));
  EXPECT_EQ(code(Transaction::begin(sql())), ErrorCode::kConflict);
}

TEST_P(TransactionConformance, SchemaChangesAreTakenBackToo) {
  {
    const Transaction transaction = must(Transaction::begin(sql()));
    must(sql().execute("create table u (id integer); insert into u values (1)"));
  }
  EXPECT_EQ(code(sql().query("select * from u")), ErrorCode::kInvalidArgument);
}

TEST_P(TransactionConformance, AfterAnErrorOnlyRollbackWorks) {
  Transaction transaction = must(Transaction::begin(sql()));
  must(sql().query("update t set n = 4"));
  EXPECT_EQ(code(sql().query("insert into t values (1, 1)")), ErrorCode::kConflict);
  EXPECT_EQ(code(sql().query("select 1")), ErrorCode::kInternal);
  EXPECT_EQ(code(sql().execute("select 1")), ErrorCode::kInternal);
  EXPECT_EQ(code(transaction.commit()), ErrorCode::kInternal);
  EXPECT_FALSE(sql().in_transaction());
  EXPECT_EQ(n(), 0);
}

TEST_P(TransactionConformance, ASavepointTakesBackAnError) {
  Transaction transaction = must(Transaction::begin(sql()));
  must(sql().execute("update t set n = 5; savepoint s"));
  EXPECT_EQ(code(sql().query("insert into t values (1, 1)")), ErrorCode::kConflict);
  must(sql().execute("rollback to savepoint s"));
  must(sql().query("insert into t values (2, 1)"));
  must(transaction.commit());
  EXPECT_EQ(n(), 5);
}

TEST_P(TransactionConformance, AKeyThatIsCheckedAtTheEndFailsTheCommit) {
  must(
      sql().execute("create table c (id integer, t_id integer references t (id) "
                    "deferrable initially deferred)"));
  Transaction transaction = must(Transaction::begin(sql()));
  must(sql().query("insert into c values (1, 9)"));
  EXPECT_EQ(code(transaction.commit()), ErrorCode::kConflict);
  EXPECT_FALSE(sql().in_transaction());
  EXPECT_TRUE(must(sql().query("select * from c")).empty());
}

TEST_P(TransactionConformance, AReaderSeesOneStateAndMayNotWrite) {
  const auto other = connect();
  Transaction reading = must(Transaction::begin(*other, TransactionMode::kRead));
  EXPECT_EQ(n(*other), 0);
  must(sql().query("update t set n = 6"));
  EXPECT_EQ(n(*other), 0) << "a reader sees the state at its begin";
  EXPECT_EQ(code(other->query("update t set n = 7")), ErrorCode::kInvalidArgument);
  must(reading.rollback());
  EXPECT_EQ(n(*other), 6);
  must(other->query("update t set n = 8"));

  Transaction committed = must(Transaction::begin(*other, TransactionMode::kRead));
  EXPECT_EQ(n(*other), 8);
  must(committed.commit());
  must(other->query("update t set n = 9"));
}

TEST_P(TransactionConformance, AReaderIsNotHeldUpByAWriter) {
  const Transaction writing = must(Transaction::begin(sql()));
  must(sql().query("update t set n = 1"));
  const auto other = connect({.busy_timeout = 1ms});
  EXPECT_EQ(n(*other), 0);
}

TEST_P(TransactionConformance, AWriterGivesUpOnALockAfterTheBusyTime) {
  const Transaction writing = must(Transaction::begin(sql()));
  must(sql().query("update t set n = 1"));
  const auto other = connect({.busy_timeout = 20ms});
  EXPECT_EQ(code(other->query("update t set n = 2")), ErrorCode::kOverloaded);
}

TEST_P(TransactionConformance, RunsTheBodyAgainAfterAnotherWasInTheWay) {
  Transaction writing = must(Transaction::begin(sql()));
  must(sql().query("update t set n = 10"));
  int run_count = 0;
  bool is_released = false;
  const auto add_one = [&](Connection& connection) -> Result<std::int64_t> {
    ++run_count;
    KATIP_TRY(connection.query("update t set n = n + 1"));
    const Rows rows = KATIP_TRY(connection.query("select n from t"));
    return rows[0].get<std::int64_t>(0);
  };
  // The waits between attempts go by in a moment, and in the third the lock is given back.
  class ReleasingClock final : public Clock {
   public:
    explicit ReleasingClock(std::function<void()> release) : release_(std::move(release)) {}
    std::chrono::steady_clock::time_point now() const override { return system_clock().now(); }
    std::chrono::system_clock::time_point calendar() const override {
      return system_clock().calendar();
    }
    bool sleep_for(std::chrono::milliseconds, std::stop_token) const override {
      if (++sleep_count_ == 3) {
        release_();
      }
      return true;
    }

   private:
    std::function<void()> release_;
    mutable int sleep_count_ = 0;
  };
  const ReleasingClock clock([&] {
    is_released = true;
    must(writing.commit());
  });
  const auto patient = connect({.busy_timeout = 1ms, .clock = &clock});
  const auto result = run_transaction(*patient, {.attempt_count_max = 100}, {}, add_one);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(*result, 11);
  EXPECT_TRUE(is_released);
  EXPECT_FALSE(patient->in_transaction());
  EXPECT_GE(run_count, 1);
}

TEST_P(TransactionConformance, GivesUpAfterTheLastAttempt) {
  const Transaction writing = must(Transaction::begin(sql()));
  must(sql().query("update t set n = 1"));
  const auto other = connect({.busy_timeout = 1ms});
  const Status status = run_transaction(*other, {.attempt_count_max = 3, .backoff_first = 1ms}, {},
                                        [](Connection& connection) -> Status {
                                          KATIP_TRY(connection.query("update t set n = 2"));
                                          return {};
                                        });
  EXPECT_EQ(code(status), ErrorCode::kOverloaded);
  EXPECT_TRUE(status.error().message.contains("3 attempts")) << status.error().message;
}

TEST_P(TransactionConformance, OtherErrorsAreNotRepeated) {
  int run_count = 0;
  const Status status = run_transaction(sql(), {}, {}, [&](Connection& connection) -> Status {
    ++run_count;
    KATIP_TRY(connection.query("update t set n = 1"));
    return fail(ErrorCode::kNotFound, "no such thing");
  });
  EXPECT_EQ(code(status), ErrorCode::kNotFound);
  EXPECT_EQ(run_count, 1);
  EXPECT_EQ(n(), 0);
}

// Every writer reads, then writes what it computed: a lost update would show in the sum.
TEST_P(TransactionConformance, ConcurrentWritersLoseNothing) {
  constexpr int kWriterCount = 4;
  constexpr int kRoundCount = 25;
  std::vector<std::jthread> writers;
  for (int i = 0; i < kWriterCount; ++i) {
    writers.emplace_back([&] {
      const auto connection = connect();
      for (int round = 0; round < kRoundCount; ++round) {
        const RetryOptions options{.mode = TransactionMode::kSerializable,
                                   .attempt_count_max = 200,
                                   .backoff_first = 1ms,
                                   .backoff_max = 20ms};
        must(run_transaction(*connection, options, {}, [&](Connection& other) -> Status {
          const Rows rows = KATIP_TRY(other.query("select n from t where id = 1"));
          const std::int64_t before = KATIP_TRY(rows[0].get<std::int64_t>(0));
          KATIP_TRY(other.query("update t set n = $1 where id = 1", {before + 1}));
          return {};
        }));
      }
    });
  }
  writers.clear();
  EXPECT_EQ(n(), kWriterCount * kRoundCount);
}

}  // namespace
}  // namespace katip::store
