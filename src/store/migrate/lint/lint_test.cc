#include "store/migrate/lint/lint.h"

#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "store/migrations.h"

namespace katip::store::migrate {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<LintFinding> findings(std::string sql, Dialect dialect) {
  RevisionFile file;
  file.path = "x.sql";
  file.id = "x";
  file.sections.push_back(
      {.direction = Direction::kUpgrade, .dialect = {}, .sql = std::move(sql), .first_line = 1});
  return lint_revision(file, Direction::kUpgrade, dialect).value();
}

std::vector<std::string> rules(std::string sql, Dialect dialect = Dialect::kPostgres) {
  std::vector<std::string> names;
  for (const LintFinding& finding : findings(std::move(sql), dialect)) {
    names.push_back(finding.rule);
  }
  return names;
}

TEST(Lint, EveryRuleFindsItsStatement) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"drop table a", "drop-table"},
      {"drop table if exists public.a, b cascade", "drop-table"},
      {"alter table a drop column b", "drop-column"},
      {"alter table if exists only a drop b", "drop-column"},
      {"drop schema s cascade", "drop-schema"},
      {"truncate table a", "truncate"},
      {"delete from a", "delete-all"},
      {"update a set b = 1", "update-all"},
      {"alter table a rename to b", "rename-table"},
      {"alter table a rename column b to c", "rename-column"},
      {"alter table a rename b to c", "rename-column"},
      {"alter type e rename value 'a' to 'b'", "rename-enum-value"},
      {"alter table a add column b int not null", "required-column"},
      {"alter table a add b uuid default gen_random_uuid()", "volatile-default"},
      {"alter table a add b int generated always as (c + 1) stored", "rewriting-column"},
      {"alter table a alter column b type bigint", "change-type"},
      {"alter table a alter b set data type bigint", "change-type"},
      {"alter table a alter b set not null", "set-not-null"},
      {"alter table a alter column b drop not null", "drop-not-null"},
      {"alter table a add constraint f foreign key (b) references c (d)", "foreign-key-validated"},
      {"alter table a add check (b > 0)", "check-validated"},
      {"alter table a add constraint u unique (b)", "constraint-builds-index"},
      {"create index i on a (b)", "index-without-concurrently"},
      {"create unique index i on only public.a using btree (b)", "index-without-concurrently"},
      {"drop index i", "drop-index-without-concurrently"},
      {"create index concurrently i on a (b)", "concurrently-in-transaction"},
      {"vacuum full a", "rewriting-command"},
      {"reindex table a", "rewriting-command"},
      {"lock table a", "lock-table"},
      {"create index concurrently i on a (b); -- katip: no-transaction", "not-repeatable"},
      {"alter table a add b int; update a set b = 1 where b is null", "backfill-under-lock"},
      {"alter table a add constraint k check (b > 0) not valid; alter table a validate constraint "
       "k",
       "validated-at-once"},
      {"alter table a detach partition b", "detach-without-concurrently"},
      {"alter table a detach partition b concurrently", "concurrently-in-transaction"},
      {"create domain d as text check (value <> '')", "domain-constraint"},
      {"alter domain d add constraint k check (value <> '')", "domain-constraint"},
      {"truncate a cascade", "cascade"},
      {"alter table a drop constraint k cascade", "cascade"},
      {"create table a (id integer primary key, b int)", "small-key"},
      {"create table a (b text, id serial)", "small-key"},
      {"alter table a add column id smallint generated always as identity primary key",
       "small-key"},
      {"create table a (b json)", "prefer-jsonb"},
      {"create table a (b timestamp)", "prefer-timestamptz"},
      {"create table " + std::string(64, 'x') + " (a int)", "identifier-too-long"},
      {"select 1; -- katip: allow drop-tabel", "unknown-rule"},
  };
  for (const auto& [sql, rule] : cases) EXPECT_THAT(rules(sql), Contains(rule)) << sql;
  for (const LintRule& rule : lint_rules()) {
    EXPECT_TRUE(std::ranges::any_of(cases, [&](const auto& c) { return c.second == rule.name; }))
        << rule.name << " has no test";
  }
}

TEST(Lint, WhatHarmsNobodyIsFine) {
  for (const char* sql :
       {"create table a (b timestamptz, c jsonb); create index i on a (b); alter table a add d int "
        "not null; drop table a",
        "alter table a add column b int not null default 0",
        "alter table a add constraint f foreign key (b) references c (d) not valid",
        "alter table a add constraint u unique using index i",
        "create index concurrently if not exists i on a (b); -- katip: no-transaction",
        "delete from a where b = 1",
        "update a set b = 1 where b is null",
        "select 'drop table a'",
        "alter table a rename constraint b to c",
        "alter table a drop constraint c",
        "create table a (t timestamp with time zone)",
        "create table a (id bigint primary key, b integer, c text)",
        "create table a (b int, id uuid primary key, check (b > 0))",
        "create table a (id uuid references b (id) on delete cascade)",
        "create table a (x int); alter table a add y int; update b set z = 1 where z is null",
        "alter table a add b int; -- katip: no-transaction\nupdate a set b = 1 where b is null",
        "alter table a rename constraint b to c; update a set b = 1 where b is null",
        "alter table a add constraint k check (b > 0) not valid",
        "alter table a validate constraint k",
        "alter table a detach partition b concurrently; -- katip: no-transaction",
        "alter table a detach partition b finalize",
        "create domain d as text",
        "alter domain d drop constraint k",
        "drop index concurrently if exists i; -- katip: no-transaction",
        "create function f() returns int language sql begin atomic select 1; end"}) {
    EXPECT_THAT(rules(sql), IsEmpty()) << sql;
  }
}

TEST(Lint, WhatFailsTheSecondTimeIsFoundOnBothDatabases) {
  EXPECT_THAT(rules("create table t (x); -- katip: no-transaction", Dialect::kSqlite),
              ElementsAre("not-repeatable"));
  EXPECT_THAT(rules("create table t (id integer primary key)", Dialect::kSqlite), IsEmpty());
}

TEST(Lint, ASqliteTableThatIsRebuiltIsNotLost) {
  EXPECT_THAT(
      rules("create table n (x); insert into n select x from t; drop table t; alter table n "
            "rename to t",
            Dialect::kSqlite),
      IsEmpty());
  EXPECT_THAT(
      rules("create table n (x); -- katip: loses y\ndrop table t; alter table n rename to t",
            Dialect::kSqlite),
      ElementsAre("drop-column"));
  EXPECT_THAT(rules("create index i on a (b)", Dialect::kSqlite), IsEmpty());
}

TEST(Lint, FindsNothingInTheRevisionsOfKatip) {
  const Migrations own = Migrations::of_katip().value();
  for (const Dialect dialect : {Dialect::kSqlite, Dialect::kPostgres}) {
    for (const LintFinding& finding : own.lint({}, dialect).value()) {
      ADD_FAILURE() << finding.path.string() << ":" << finding.line << ": " << finding.message
                    << " (" << finding.rule << "): mend it, or allow it in the file with a reason";
    }
  }
}

TEST(Lint, TheManualNamesEveryRuleAndNoOther) {
  const auto manual = read_whole_file(
      std::filesystem::path(KATIP_SOURCE_DIR) / "docs" / "migrations.md", 1'000'000);
  ASSERT_TRUE(manual);
  const std::size_t begin = manual->find("\n## What lint finds\n");
  ASSERT_NE(begin, std::string::npos);
  const std::size_t table = manual->find("| --- | --- |\n", begin) + 14;
  std::string expected;
  for (const LintRule& rule : lint_rules()) {
    expected += fmt::format("| `{}` | {} |\n", rule.name, rule.summary);
  }
  EXPECT_EQ(manual->substr(table, manual->find("\n\n", table) + 1 - table), expected);
}

TEST(Lint, SaysWhereAndCanBeToldThatItIsMeant) {
  const auto found = findings("select 1;\n\ndrop table a;\n", Dialect::kSqlite);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].line, 3);
  EXPECT_TRUE(found[0].loses_data);
  EXPECT_THAT(found[0].message, HasSubstr("the table a"));
  EXPECT_THAT(rules("-- katip: allow drop-table, delete-all\ndrop table a; drop table b"),
              ElementsAre("drop-table"));
}

}  // namespace
}  // namespace katip::store::migrate
