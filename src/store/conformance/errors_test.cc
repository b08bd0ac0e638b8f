#include <thread>

#include "store/conformance/conformance.h"

namespace katip::store {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;

class ErrorsConformance : public Conformance {
 protected:
  void SetUp() override {
    Conformance::SetUp();
    if (!IsSkipped()) {
      must(
          sql().execute("create table parent (id integer primary key, name text unique); "
                        "create table child (id integer primary key, parent_id integer not null "
                        "references parent (id), age integer check (age >= 0)); "
                        "insert into parent (id, name) values (1, 'bir')"));
    }
  }
  auto run(std::string_view statement, std::initializer_list<Value> parameters = {}) {
    return code(sql().query(statement, parameters));
  }
};
KATIP_CONFORMANCE(ErrorsConformance);

TEST_P(ErrorsConformance, BrokenKeysAreConflicts) {
  EXPECT_EQ(run("insert into parent (id) values (1)"), ErrorCode::kConflict);
  EXPECT_EQ(run("insert into parent (id, name) values (2, 'bir')"), ErrorCode::kConflict);
  EXPECT_EQ(run("insert into child (id, parent_id) values (1, 9)"), ErrorCode::kConflict);
  must(sql().execute("insert into child (id, parent_id) values (1, 1)"));
  EXPECT_EQ(run("delete from parent"), ErrorCode::kConflict);
}

TEST_P(ErrorsConformance, BrokenRulesAreInvalidArguments) {
  EXPECT_EQ(run("insert into child (id, parent_id) values (1, null)"), ErrorCode::kInvalidArgument);
  EXPECT_EQ(run("insert into child (id, parent_id, age) values (1, 1, $1)", {-1}),
            ErrorCode::kInvalidArgument);
}

TEST_P(ErrorsConformance, WrongSqlIsAnInvalidArgument) {
  for (const char* wrong :
       {"", " ; ", "-- nothing", "selec 1", "select * from nowhere", "select nothing from parent",
        "select 1; select 2", "create table parent (id integer)", "select 'open"}) {
    EXPECT_EQ(run(wrong), ErrorCode::kInvalidArgument) << wrong;
  }
  EXPECT_EQ(code(sql().query("select 1 \0 from"sv)), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(sql().execute("select 1; selec 1")), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(sql().execute("select 1\0"sv)), ErrorCode::kInvalidArgument);
}

TEST_P(ErrorsConformance, AnEmptyScriptDoesNothing) {
  EXPECT_TRUE(sql().execute(""));
  EXPECT_TRUE(sql().execute(" ;\n"));
}

TEST_P(ErrorsConformance, TheNumberOfParametersMustFit) {
  const char* const statement = "select name from parent where id = $1";
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(run(statement), ErrorCode::kInvalidArgument);
    EXPECT_EQ(run(statement, {1, 2}), ErrorCode::kInvalidArgument);
    EXPECT_EQ(run(statement, {1}), std::nullopt);
  }
  EXPECT_TRUE(sql().is_alive());
}

TEST_P(ErrorsConformance, TextThatOneDatabaseCouldNotKeepIsRefusedByBoth) {
  const char* const statement = "insert into parent (id, name) values (2, $1)";
  EXPECT_EQ(run(statement, {"a\0b"sv}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(run(statement, {"\xFF"}), ErrorCode::kInvalidArgument);
}

TEST_P(ErrorsConformance, MessagesNameTheRuleAndNotTheRow) {
  const auto rows = sql().query("insert into parent (id, name) values (2, $1)", {"bir"});
  ASSERT_FALSE(rows);
  EXPECT_TRUE(rows.error().message.contains("parent")) << rows.error().message;
  EXPECT_FALSE(rows.error().message.contains("bir")) << rows.error().message;
}

TEST_P(ErrorsConformance, AnErrorOutsideATransactionLeavesNothingBehind) {
  EXPECT_EQ(run("selec 1"), ErrorCode::kInvalidArgument);
  EXPECT_EQ(run("select 1"), std::nullopt);
  EXPECT_FALSE(sql().in_transaction());
}

TEST_P(ErrorsConformance, ASlowStatementEndsAtItsLimit) {
  const auto connection = connect({.statement_timeout = 50ms});
  // Twice: the second time it is a prepared one.
  for (int i = 0; i < 2; ++i) {
    const auto rows = connection->query(
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < 1000000000) "
        "select count(*) from n");
    EXPECT_EQ(code(rows), ErrorCode::kTimeout);
  }
  EXPECT_TRUE(connection->query("select 1"));
  must(connection->set_statement_timeout(0ms));
  EXPECT_TRUE(connection->query(
      "with recursive n (i) as (select 1 union all select i + 1 from n where i < 300000) "
      "select count(*) from n"));
}

TEST_P(ErrorsConformance, AStatementEndsWhenItIsStopped) {
  const auto connection = connect();
  std::stop_source stop;
  connection->set_stop(stop.get_token());
  // A thread of its own asks for the stop while the statement is known to run.
  std::jthread stopper([&] {
    system_clock().sleep_for(100ms, {});
    stop.request_stop();
  });
  EXPECT_EQ(code(connection->query("with recursive n (i) as (select 1 union all select i + 1 from "
                                   "n where i < 1000000000) select count(*) from n")),
            ErrorCode::kCancelled);
  EXPECT_EQ(code(connection->query("select 1")), ErrorCode::kCancelled);
}

class CountingObserver final : public StatementObserver {
 public:
  void on_statement(std::string_view sql, std::chrono::microseconds, const Error* error) override {
    seen.emplace_back(sql);
    failed_count += error != nullptr ? 1 : 0;
  }
  std::vector<std::string> seen;
  int failed_count = 0;
};

TEST_P(ErrorsConformance, AnObserverHearsOfEveryStatementButNotOfItsParameters) {
  CountingObserver observer;
  const auto connection = connect({.observer = &observer});
  must(connection->query("select name from parent where name = $1", {"gizli"}));
  EXPECT_FALSE(connection->query("selec 1"));
  EXPECT_EQ(observer.seen,
            (std::vector<std::string>{"select name from parent where name = $1", "selec 1"}));
  EXPECT_EQ(observer.failed_count, 1);
}

TEST_P(ErrorsConformance, OptionsOutOfRangeAreNamed) {
  const auto connection = Connection::open(url(), {.busy_timeout = 0ms});
  ASSERT_EQ(code(connection), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(connection.error().message.contains("busy_timeout"));
}

TEST_P(ErrorsConformance, SaysItsVersion) {
  EXPECT_GE(sql().server_version().size(), 2u);
  EXPECT_TRUE(std::isdigit(static_cast<unsigned char>(sql().server_version()[0])));
}

}  // namespace
}  // namespace katip::store
