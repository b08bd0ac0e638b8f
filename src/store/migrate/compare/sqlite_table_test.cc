#include "store/migrate/compare/sqlite_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::store::migrate {
namespace {

/// Two ways to write the same table.
void expect_same(std::string_view a, std::string_view b) {
  const auto first = parse_sqlite_table(a);
  const auto second = parse_sqlite_table(b);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->columns, second->columns);
  EXPECT_EQ(first->constraints, second->constraints);
  EXPECT_EQ(first->options, second->options);
}

TEST(SqliteTable, WritingMakesNoDifference) {
  expect_same("CREATE TABLE \"t\"(\n  A INTEGER  PRIMARY KEY -- the key\n)",
              "create table t (a integer not null, primary key (a))");
  expect_same(
      "create table t (a text default ('x') check (a > 'A'), b references p (q) on delete "
      "set null not null)",
      "create table t (a text default 'x', b not null, check(a>'A'), foreign key (b) "
      "references p(q) on delete set null)");
  expect_same("create table t (a, b, unique (a)) strict", "create table t (a unique, b) STRICT");
  expect_same("create table t (a int default null null)", "create table t (a int)");
}

TEST(SqliteTable, HasEverythingAboutItsColumns) {
  const Table table =
      parse_sqlite_table(
          "create table t (a varchar(20) collate nocase not null default -1, b int "
          "generated always as (a + 1) stored, c as (a), constraint u unique (a, b) "
          "on conflict ignore) without rowid")
          .value();
  ASSERT_EQ(table.columns.size(), 3U);
  EXPECT_EQ(table.columns[0].type, "varchar(20)");
  EXPECT_EQ(table.columns[0].collation, "nocase");
  EXPECT_EQ(table.columns[0].default_value, "- 1");
  EXPECT_TRUE(table.columns[0].is_not_null);
  EXPECT_EQ(table.columns[1].generated, "(a + 1)stored");
  EXPECT_EQ(table.columns[2].generated, "(a) virtual");
  ASSERT_EQ(table.constraints.size(), 1U);
  EXPECT_EQ(table.constraints[0].name, "u");
  EXPECT_EQ(table.constraints[0].definition, "unique(a,b)on conflict ignore");
  EXPECT_EQ(table.options, "without rowid");
}

TEST(SqliteTable, WhatIsNoneIsAnError) {
  for (const char* sql :
       {"", "create table", "create table t as select 1", "(", "create table t (a"}) {
    EXPECT_FALSE(parse_sqlite_table(sql)) << sql;
  }
}

}  // namespace
}  // namespace katip::store::migrate
