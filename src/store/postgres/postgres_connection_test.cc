#include "store/postgres/postgres_connection.h"

#include <csignal>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "store/pool.h"
#include "store/testing/postgres_server.h"
#include "store/testing/test_database.h"
#include "store/transaction.h"

namespace katip::store::postgres {
namespace {

using namespace std::chrono_literals;

// What only a server can do to us: end, restart, hang, refuse, change the schema.
class PostgresConnection : public ::testing::Test {
 protected:
  void SetUp() override {
    auto database = testing::TestDatabase::create(Dialect::kPostgres);
    if (!database && database.error().code == ErrorCode::kNotFound) {
      GTEST_SKIP() << database.error().message;
    }
    ASSERT_TRUE(database) << database.error().message;
    database_ = std::move(*database);
    admin_ = open();
  }

  std::unique_ptr<Connection> open(const ConnectionOptions& options = {}) const {
    auto connection = database_->connect(options);
    EXPECT_TRUE(connection) << connection.error().message;
    return std::move(*connection);
  }
  static std::int64_t pid_of(Connection& connection) {
    return connection.query("select pg_backend_pid()").value()[0].get<std::int64_t>(0).value();
  }
  void terminate(Connection& connection) const {
    ASSERT_TRUE(admin_->query("select pg_terminate_backend(cast($1 as integer), 5000)",
                              {pid_of(connection)}));
  }
  static ErrorCode code_of_open(const std::string& text, const ConnectionOptions& options = {}) {
    const auto connection = Connection::open(*DatabaseUrl::parse(text), options);
    EXPECT_FALSE(connection);
    EXPECT_FALSE(!connection && connection.error().message.contains("hunter2"));
    return connection ? ErrorCode::kInternal : connection.error().code;
  }

  std::unique_ptr<testing::TestDatabase> database_;
  std::unique_ptr<Connection> admin_;
};

TEST_F(PostgresConnection, ThatIsCutIsUnavailable) {
  const auto connection = open();
  terminate(*connection);
  const auto rows = connection->query("select 1");
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, ErrorCode::kUnavailable);
  EXPECT_FALSE(connection->is_alive());
  EXPECT_EQ(connection->query("select 1").error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(connection->execute("select 1").error().code, ErrorCode::kUnavailable);
}

TEST_F(PostgresConnection, ThatIsCutWhileAStatementRunsIsUnavailable) {
  const auto connection = open();
  const std::int64_t pid = pid_of(*connection);
  std::jthread cutter([&] {
    // As soon as the statement is seen to run.
    while (admin_
               ->query("select 1 from pg_stat_activity where pid = $1 and state = 'active' and "
                       "query like '%pg_sleep%'",
                       {pid})
               .value()
               .empty()) {
      std::this_thread::yield();
    }
    EXPECT_TRUE(admin_->query("select pg_terminate_backend($1)", {pid}));
  });
  EXPECT_EQ(connection->query("select pg_sleep(60)").error().code, ErrorCode::kUnavailable);
}

TEST_F(PostgresConnection, ThatIsCutInATransactionLosesItAndItsLocks) {
  ASSERT_TRUE(admin_->execute("create table t (id integer)"));
  auto connection = open();
  ASSERT_TRUE(connection->try_lock("migrate").value());
  auto transaction = Transaction::begin(*connection);
  ASSERT_TRUE(transaction && connection->query("insert into t values (1)"));
  terminate(*connection);
  EXPECT_EQ(transaction->commit().error().code, ErrorCode::kUnavailable);
  EXPECT_FALSE(connection->in_transaction());
  EXPECT_TRUE(admin_->query("select * from t")->empty());
  EXPECT_TRUE(admin_->try_lock("migrate").value());
  EXPECT_EQ(connection->unlock("migrate").error().code, ErrorCode::kUnavailable);
}

TEST_F(PostgresConnection, IsReplacedByThePoolWhenItWasCut) {
  const auto pool = Pool::create(database_->url(), {}, {}).value();
  {
    // One is cut while it lies idle, the other while it is used.
    const PooledConnection idle = pool->acquire({}).value();
    const PooledConnection used = pool->acquire({}).value();
    terminate(*used);
    EXPECT_EQ(used->query("select 1").error().code, ErrorCode::kUnavailable);
  }
  EXPECT_EQ(pool->stats().discarded_count, 1);
  {
    const PooledConnection idle = pool->acquire({}).value();
    EXPECT_TRUE(idle->query("select 1"));
  }
  ASSERT_TRUE(
      admin_->query("select pg_terminate_backend(pid, 5000) from pg_stat_activity "
                    "where datname = current_database() and pid <> pg_backend_pid()"));
  for (int i = 0; i < 3; ++i) {
    const auto healed = pool->acquire({});
    ASSERT_TRUE(healed) << healed.error().message;
    EXPECT_TRUE((*healed)->query("select 1"));
  }
  EXPECT_EQ(pool->stats().discarded_count, 2);
  EXPECT_EQ(pool->stats().opened_count, 3);
}

TEST_F(PostgresConnection, PoolsHealWhenTheServerComesBack) {
  auto server = testing::PostgresServer::start({});
  ASSERT_TRUE(server) << server.error().message;
  const auto pool = Pool::create(*DatabaseUrl::parse((*server)->url("postgres")), {}, {}).value();
  EXPECT_TRUE(pool->acquire({}).value()->query("select 1"));
  for (const auto how :
       {testing::PostgresServer::Stop::kFast, testing::PostgresServer::Stop::kCrash}) {
    ASSERT_TRUE((*server)->stop(how));
    EXPECT_EQ(pool->acquire({}).error().code, ErrorCode::kUnavailable);
    ASSERT_TRUE((*server)->resume());
    EXPECT_TRUE(pool->acquire({}).value()->query("select 1"));
  }
  EXPECT_EQ(pool->stats().used_count, 0u);
}

TEST_F(PostgresConnection, ToAServerThatHangsIsGivenUp) {
  const auto connection = open({.statement_timeout = 50ms, .silence_timeout = 50ms});
  const pid_t backend = static_cast<pid_t>(pid_of(*connection));
  ASSERT_EQ(::kill(backend, SIGSTOP), 0);
  const auto rows = connection->query("select 1");
  ::kill(backend, SIGCONT);
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, ErrorCode::kUnavailable);
  EXPECT_FALSE(connection->is_alive());
}

TEST_F(PostgresConnection, ThatHangsWhileIdleIsNotGivenOutAgain) {
  const auto pool =
      Pool::create(database_->url(), {}, {.ping_after = 0ms, .ping_timeout = 50ms}).value();
  pid_t backend = 0;
  {
    const PooledConnection connection = pool->acquire({}).value();
    backend = static_cast<pid_t>(pid_of(*connection));
  }
  ASSERT_EQ(::kill(backend, SIGSTOP), 0);
  const auto connection = pool->acquire({});
  ::kill(backend, SIGCONT);
  ASSERT_TRUE(connection) << connection.error().message;
  EXPECT_NE(pid_of(**connection), backend);
}

TEST_F(PostgresConnection, EndsAStoppedStatementOnTheServerToo) {
  const auto connection = open({.statement_timeout = 0ms});
  const std::int64_t pid = pid_of(*connection);
  std::stop_source stop;
  connection->set_stop(stop.get_token());
  const char* const is_running =
      "select 1 from pg_stat_activity where pid = $1 and state = 'active'";
  std::jthread stopper([&] {
    while (admin_->query(is_running, {pid}).value().empty()) {
      std::this_thread::yield();
    }
    stop.request_stop();
  });
  EXPECT_EQ(connection->query("select pg_sleep(600)").error().code, ErrorCode::kCancelled);
  stopper.join();
  const auto deadline = system_clock().now() + 20s;
  while (!admin_->query(is_running, {pid}).value().empty()) {
    ASSERT_LT(system_clock().now(), deadline) << "the server goes on with it";
    std::this_thread::yield();
  }
}

TEST_F(PostgresConnection, IsRefusedForAReasonThatItSays) {
  const DatabaseUrl& url = database_->url();
  const std::string place = fmt::format("127.0.0.1:{}", url.port());
  EXPECT_EQ(code_of_open("postgresql://katip:hunter2@" + place + "/postgres"),
            ErrorCode::kUnauthenticated);
  EXPECT_EQ(
      code_of_open(fmt::format("postgresql://katip:{}@{}/nowhere", url.password().reveal(), place)),
      ErrorCode::kNotFound);
  EXPECT_EQ(code_of_open("postgresql://katip:hunter2@127.0.0.1:1/x"), ErrorCode::kUnavailable);
  EXPECT_EQ(code_of_open("postgresql://katip:hunter2@" + place + "/x?sslmode=require"),
            ErrorCode::kUnavailable);
}

TEST_F(PostgresConnection, ToAHostThatNeverAnswersEndsInTime) {
  // A listener that nobody accepts from: the connection is made, the greeting never comes.
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(::bind(listener, generic, size) + ::listen(listener, 4), 0);
  ASSERT_EQ(::getsockname(listener, generic, &size), 0);
  const std::string silent = fmt::format("127.0.0.1:{}", ntohs(address.sin_port));
  EXPECT_EQ(code_of_open("postgresql://katip:hunter2@" + silent + "/x", {.connect_timeout = 50ms}),
            ErrorCode::kUnavailable);

  // The next host of the list has its own time.
  const DatabaseUrl& url = database_->url();
  const auto second = Connection::open(
      *DatabaseUrl::parse(fmt::format("postgresql://katip:{}@{},127.0.0.1:{}/{}",
                                      url.password().reveal(), silent, url.port(), url.database())),
      {.connect_timeout = 1s});
  EXPECT_TRUE(second) << second.error().message;
  ::close(listener);
}

TEST_F(PostgresConnection, StatementsThatAreKeptFollowTheSchema) {
  ASSERT_TRUE(admin_->execute("create table t (a integer); insert into t values (1)"));
  const auto connection = open();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(connection->query("select * from t")->columns().size(), 1u);
  }
  ASSERT_TRUE(admin_->execute("alter table t add column b integer default 2"));
  const auto alone = connection->query("select * from t");
  ASSERT_TRUE(alone) << alone.error().message;
  EXPECT_EQ(alone->columns().size(), 2u);

  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(connection->query("select * from t"));
  }
  ASSERT_TRUE(admin_->execute("alter table t add column c integer"));
  int run_count = 0;
  const auto count =
      run_transaction(*connection, {}, {}, [&](Connection& sql) -> Result<std::size_t> {
        ++run_count;
        const Rows rows = KATIP_TRY(sql.query("select * from t"));
        return rows.columns().size();
      });
  ASSERT_TRUE(count) << count.error().message;
  EXPECT_EQ(*count, 3u);
  EXPECT_EQ(run_count, 2) << "the whole transaction runs again";
}

TEST_F(PostgresConnection, KeepsNoMoreStatementsThanItsLimit) {
  const auto connection = open();
  for (int i = 0; i < 300; ++i) {
    const std::string statement = fmt::format("select {} as n", i);
    ASSERT_TRUE(connection->query(statement) && connection->query(statement));
  }
  const auto rows = connection->query("select count(*) from pg_prepared_statements");
  EXPECT_LE((*rows)[0].get<std::int64_t>(0).value(), 256);
  EXPECT_GE((*rows)[0].get<std::int64_t>(0).value(), 250);
}

TEST_F(PostgresConnection, ADeadlockEndsForBoth) {
  ASSERT_TRUE(
      admin_->execute("create table t (id integer primary key, n integer); "
                      "insert into t values (1, 0), (2, 0)"));
  std::vector<std::jthread> writers;
  for (const auto& [first, second] : {std::pair{1, 2}, {2, 1}}) {
    writers.emplace_back([&, first, second] {
      const auto connection = open();
      for (int i = 0; i < 10; ++i) {
        const Status status = run_transaction(
            *connection, {.attempt_count_max = 100}, {}, [&](Connection& sql) -> Status {
              KATIP_TRY(sql.query("update t set n = n + 1 where id = $1", {first}));
              KATIP_TRY(sql.query("update t set n = n + 1 where id = $1", {second}));
              return {};
            });
        EXPECT_TRUE(status) << status.error().message;
      }
    });
  }
  writers.clear();
  EXPECT_EQ(admin_->query("select sum(n) from t").value()[0].get<std::int64_t>(0), 40);
}

TEST_F(PostgresConnection, CopyOverTheConnectionIsRefused) {
  const auto connection = open();
  EXPECT_EQ(connection->execute("copy pg_class to stdout").error().code,
            ErrorCode::kInvalidArgument);
}

TEST_F(PostgresConnection, TheServerSaysWhoWeAre) {
  const auto rows = admin_->query(
      "select current_setting('application_name') as name, "
      "current_setting('client_encoding') as encoding, "
      "current_setting('timezone') as zone");
  ASSERT_TRUE(rows);
  EXPECT_EQ((*rows)[0].get<std::string>("name"), "katip");
  EXPECT_EQ((*rows)[0].get<std::string>("encoding"), "UTF8");
  EXPECT_EQ((*rows)[0].get<std::string>("zone"), "UTC");
}

}  // namespace
}  // namespace katip::store::postgres
