#include <cstdlib>

#include <gmock/gmock.h>

#include "store/conformance/filled_tables.h"
#include "store/conformance/schema_conformance.h"
#include "store/migrate/testing/killed_process.h"
#include "store/testing/catalog.h"

/// Each revision of katip, up and down, on filled tables, by a migrator that is killed behind a
/// statement; the next one ends where an undisturbed one ends. All statements take minutes, so a
/// run has a sample of them: KATIP_KILL_STRIDE=1 takes all.
namespace katip::store {
namespace {

using migrate::testing::ProcessEnd;
using migrate::testing::run_and_kill;

constexpr int kStrideOfARun = 37;

int stride() {
  const char* const text = std::getenv("KATIP_KILL_STRIDE");  // NOLINT(concurrency-mt-unsafe)
  const int number = text == nullptr ? 0 : std::atoi(text);
  return number > 0 ? number : kStrideOfARun;
}

/// What a database is like: two with the same one cannot be told apart.
struct State {
  std::vector<std::string> rows;  ///< Of the version table.
  std::vector<std::string> catalog;
  std::map<std::string, std::int64_t> row_counts;
  friend bool operator==(const State&, const State&) = default;
};

State state_of(Connection& sql, const migrate::RevisionGraph& graph) {
  State state{.rows = must(migrate::Runner(sql, graph, {}).rows()),
              .catalog = must(testing::catalog_lines(sql)),
              .row_counts = {}};
  for (const testing::SchemaRow& row : testing::sample_rows()) {
    const auto counted = sql.query("select count(*) from " + row.table);
    state.row_counts[row.table] = counted ? must((*counted)[0].get<std::int64_t>(0)) : -1;
  }
  return state;
}

class KilledOwnRevisions : public Conformance {
 protected:
  /// One revision, on a database that is where it begins, killed at every statement of the sample.
  void kill_everywhere(const migrate::testing::DatabaseWork& step) {
    const auto whole = must(database().copy());
    const int count = migrate::testing::count_statements(whole->url(), step);
    ASSERT_GT(count, 0) << "the undisturbed one failed";
    const State expected = state_of(*must(whole->connect()), graph_);
    for (int statement = 1; statement <= count; ++statement) {
      if (++place_ % stride() != 0) continue;
      const auto copy = must(database().copy());
      ASSERT_EQ(run_and_kill(copy->url(), statement, step), ProcessEnd::kKilled);
      const auto next = must(copy->connect());
      // Behind the commit it is all done, and another step would be one too many.
      if (must(migrate::Runner(*next, graph_, {}).rows()) != expected.rows) {
        ASSERT_TRUE(step(*next)) << "after statement " << statement;
      }
      ASSERT_EQ(state_of(*next, graph_), expected) << "killed after statement " << statement;
      ++kill_count_;
      copy->drop();
    }
  }

  const migrate::RevisionGraph graph_ = own_revisions();
  int place_ = 0;
  int kill_count_ = 0;
};
KATIP_CONFORMANCE(KilledOwnRevisions);

TEST_P(KilledOwnRevisions, LeaveWhatTheNextMigratorFinishes) {
  const migrate::testing::DatabaseWork up = [&](Connection& connection) {
    return migrate::Runner(connection, graph_, {}).upgrade("+1").has_value();
  };
  const migrate::testing::DatabaseWork down = [&](Connection& connection) {
    return migrate::Runner(connection, graph_, {}).downgrade("-1").has_value();
  };
  disconnect();  // Nobody may be connected to a database that is copied.
  const std::size_t revision_count =
      graph_.ancestors(graph_.heads_of_all(), migrate::Edges::kAll).size();
  for (std::size_t i = 0; i < revision_count && !HasFatalFailure(); ++i) {
    SCOPED_TRACE("revision " + std::to_string(i + 1));
    kill_everywhere(up);
    if (HasFatalFailure()) return;
    {
      const auto sql = connect();
      ASSERT_TRUE(up(*sql));
      fill_tables(*sql);
    }
    kill_everywhere(down);
  }
  EXPECT_GE(kill_count_, 10);
  RecordProperty("kills", kill_count_);
}

}  // namespace
}  // namespace katip::store
