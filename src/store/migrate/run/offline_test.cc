#include "store/migrate/run/offline.h"

#include <gtest/gtest.h>

namespace katip::store::migrate {
namespace {

RevisionGraph history() {
  std::vector<RevisionFile> files;
  files.push_back(parse_revision_file("-- revision: 0001\n-- upgrade\ncreate table a (b int);\n"
                                      "-- downgrade\ndrop table a;\n",
                                      "1.sql")
                      .value());
  files.push_back(parse_revision_file("-- revision: 0002\n-- revises: 0001\n-- upgrade postgresql\n"
                                      "create index concurrently c on a (b); "
                                      "-- katip: no-transaction\n-- upgrade sqlite\n-- downgrade\n",
                                      "2.sql")
                      .value());
  return RevisionGraph::build(std::move(files)).value();
}

TEST(Offline, AScriptFromTheBaseMakesTheVersionTable) {
  const RevisionGraph graph = history();
  const auto plan = plan_upgrade(graph, {}, "head");
  EXPECT_EQ(offline_sql(*plan, {.dialect = Dialect::kSqlite, .from_base = true}).value(),
            "CREATE TABLE alembic_version (\n    version_num VARCHAR(32) NOT NULL, \n"
            "    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)\n);\n\n"
            "-- Running upgrade  -> 0001\n\ncreate table a (b int);\n\n"
            "INSERT INTO alembic_version (version_num) VALUES ('0001');\n\n"
            "-- Running upgrade 0001 -> 0002\n\n"
            "UPDATE alembic_version SET version_num='0002' WHERE alembic_version.version_num = "
            "'0001';\n\n");
}

TEST(Offline, PostgresLeavesItsTransactionWhereAStatementForbidsOne) {
  const RevisionGraph graph = history();
  const auto plan = plan_upgrade(graph, {"0001"}, "head");
  EXPECT_EQ(offline_sql(*plan, {.dialect = Dialect::kPostgres}).value(),
            "BEGIN;\n\n-- Running upgrade 0001 -> 0002\n\nCOMMIT;\n\n"
            "create index concurrently c on a (b);\n\nBEGIN;\n\n"
            "UPDATE alembic_version SET version_num='0002' WHERE alembic_version.version_num = "
            "'0001';\n\nCOMMIT;\n\n");
}

TEST(Offline, ARevisionForTheOtherDatabaseOnlyIsRefused) {
  auto file = parse_revision_file("-- revision: 1\n-- upgrade sqlite\nselect 1;\n", "1.sql");
  const auto graph = RevisionGraph::build({*file}).value();
  const auto plan = plan_upgrade(graph, {}, "head");
  EXPECT_TRUE(offline_sql(*plan, {.dialect = Dialect::kSqlite}));
  EXPECT_FALSE(offline_sql(*plan, {.dialect = Dialect::kPostgres}));
}

TEST(Offline, ARangeSaysWhereToBegin) {
  const RevisionGraph graph = history();
  const auto range = parse_offline_range(graph, "0001:base", Direction::kDowngrade);
  ASSERT_TRUE(range);
  EXPECT_EQ(range->rows, std::vector<std::string>{"0001"});
  EXPECT_EQ(range->target, "base");
  EXPECT_TRUE(parse_offline_range(graph, "head", Direction::kUpgrade)->rows.empty());
  EXPECT_EQ(parse_offline_range(graph, "base", Direction::kDowngrade).error().message,
            "downgrade with --sql requires <fromrev>:<torev>");
}

TEST(Offline, TheVersionTableIsAPlainName) {
  for (const char* wrong : {"", "a b", "a;drop", "a.b.c", "1a", "\"a\""}) {
    EXPECT_FALSE(check_table_name(wrong)) << wrong;
  }
  EXPECT_TRUE(check_table_name("ops.alembic_version"));
}

}  // namespace
}  // namespace katip::store::migrate
