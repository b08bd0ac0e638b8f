#include "store/migrate/compare/renames.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::store::migrate {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> hints(std::string_view sql) {
  std::vector<std::string> texts;
  for (const Rename& rename : renames_of(sql, Dialect::kSqlite).value()) {
    texts.push_back(fmt::format("{}.{} -> {}.{}", rename.table_from, rename.column_from,
                                rename.table_to, rename.column_to));
  }
  return texts;
}

TEST(Renames, HintsBelongToWhatTheyStandAt) {
  EXPECT_THAT(hints("-- renamed_from: a\ncreate table b (x);"), ElementsAre("a. -> b."));
  EXPECT_THAT(hints("create table b ( -- renamed_from: a\n x);"), ElementsAre("a. -> b."));
  EXPECT_THAT(hints("create table if not exists t (\n  x int, -- renamed_from: y\n  z int\n);"),
              ElementsAre("t.y -> t.x"));
  EXPECT_THAT(hints("create table t (\n  -- renamed_from: y\n  x numeric(1, 2),\n  z int);"),
              ElementsAre("t.y -> t.x"));
  EXPECT_THAT(hints("create table t (x int, z int -- renamed_from: y\n);"),
              ElementsAre("t.y -> t.z"));
  EXPECT_THAT(hints("create table t (x, -- renamed_from: y\n z);\n-- renamed_from: a\n"
                    "create table b (x)"),
              ElementsAre("a. -> b.", "t.y -> t.x"));
  EXPECT_THAT(hints("-- renamed_from: a\nselect 1"), ElementsAre());
}

Column column(std::string name) {
  Column column;
  column.name = std::move(name);
  return column;
}

TEST(Renames, OnlyThoseThatAreMissingAreDone) {
  Catalog from;
  from.tables["a"].columns.push_back(column("x"));
  Catalog to;
  to.tables["b"].columns.push_back(column("y"));
  const std::vector<Rename> hints = {
      {.table_from = "a", .table_to = "b", .column_from = {}, .column_to = {}},
      {.table_from = "b", .table_to = "b", .column_from = "x", .column_to = "y"}};
  EXPECT_EQ(rename_sql(pending_renames(hints, from, to)),
            "alter table a rename to b;\nalter table b rename column x to y;\n");
  EXPECT_EQ(pending_renames(hints, to, to).size(), 0U);
  EXPECT_EQ(rename_sql(reversed(hints)),
            "alter table b rename column y to x;\nalter table b rename to a;\n");
}

}  // namespace
}  // namespace katip::store::migrate
