#include <gtest/gtest.h>

#include "store/migrate/run/runner.h"
#include "store/migrate/testing/killed_process.h"
#include "store/testing/catalog.h"
#include "store/testing/test_database.h"

/// A migrator that is killed after its first, second, third … statement; the next one ends where an
/// undisturbed one ends.
namespace katip::store::migrate {
namespace {

constexpr int kStatementCountMax = 500;

RevisionFile file(const std::string& text, const std::string& path) {
  return parse_revision_file(text, path).value();
}

/// Tables, rows, a table built anew, and statements that are no part of a transaction.
RevisionGraph history() {
  std::vector<RevisionFile> files;
  files.push_back(
      file("-- revision: 01\n-- upgrade\ncreate table a (x integer primary key, y "
           "text);\ninsert into a values (1, 'one');\n-- downgrade\ndrop table a;\n",
           "01.sql"));
  files.push_back(
      file("-- revision: 02\n-- revises: 01\n-- upgrade\ncreate table n (x integer "
           "primary key, y text, z integer);\ninsert into n select x, y, x from a;\n"
           "drop table a;\nalter table n rename to a;\n-- downgrade\n",
           "02.sql"));
  files.push_back(
      file("-- revision: 03\n-- revises: 02\n-- upgrade\ninsert into a values (2, 'two', "
           "2);\n-- upgrade postgresql\ncreate index concurrently if not exists i on a "
           "(z); -- katip: no-transaction\n-- upgrade sqlite\ncreate index if not exists "
           "i on a (z); -- katip: no-transaction\n-- upgrade\ninsert into a values (3, "
           "'three', 3);\n-- downgrade\n",
           "03.sql"));
  return RevisionGraph::build(std::move(files)).value();
}

struct End {
  std::vector<std::string> catalog;
  std::int64_t row_count = 0;
  std::vector<std::string> rows;
  friend bool operator==(const End&, const End&) = default;
};

End end_of(const store::testing::TestDatabase& database) {
  const auto connection = database.connect().value();
  const RevisionGraph graph = history();
  Runner runner(*connection, graph, {});
  const auto plan = runner.upgrade("head");
  EXPECT_TRUE(plan) << plan.error().message;
  const Rows count = connection->query("select count(*) from a").value();
  return {.catalog = store::testing::catalog_lines(*connection).value(),
          .row_count = count[0].get<std::int64_t>(0).value(),
          .rows = runner.rows().value()};
}

class KilledRunner : public ::testing::TestWithParam<Dialect> {};

TEST_P(KilledRunner, LeavesWhatTheNextOneFinishes) {
  const auto whole = store::testing::TestDatabase::create(GetParam());
  if (!whole) GTEST_SKIP() << whole.error().message;
  const End expected = end_of(**whole);
  ASSERT_EQ(expected.row_count, 3);
  int count = 1;
  for (; count < kStatementCountMax; ++count) {
    const auto database = store::testing::TestDatabase::create(GetParam()).value();
    const auto end = testing::run_and_kill(database->url(), count, [](Connection& connection) {
      const RevisionGraph graph = history();
      return Runner(connection, graph, {}).upgrade("head").has_value();
    });
    EXPECT_NE(end, testing::ProcessEnd::kFailed);
    EXPECT_EQ(end_of(*database), expected) << "killed after statement " << count;
    if (end == testing::ProcessEnd::kDone || HasFailure()) break;
  }
  EXPECT_GT(count, 20) << "too few statements to be killed at";
  EXPECT_LT(count, kStatementCountMax);
}

INSTANTIATE_TEST_SUITE_P(Databases, KilledRunner,
                         ::testing::Values(Dialect::kSqlite, Dialect::kPostgres),
                         [](const auto& info) { return std::string(store::name(info.param)); });

}  // namespace
}  // namespace katip::store::migrate
