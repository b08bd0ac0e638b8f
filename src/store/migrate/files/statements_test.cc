#include "store/migrate/files/statements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::store::migrate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> split(std::string_view script, Dialect dialect) {
  const auto statements = split_statements(script, dialect);
  if (!statements) return {"error: " + statements.error().message};
  std::vector<std::string> texts;
  for (const Statement& statement : *statements) texts.push_back(statement.text);
  return texts;
}

TEST(Statements, NothingBlanksCommentsAndLoneSemicolonsAreNoStatements) {
  for (const Dialect dialect : {Dialect::kSqlite, Dialect::kPostgres}) {
    EXPECT_THAT(split("", dialect), ElementsAre());
    EXPECT_THAT(split(" \n\t; ;;\n-- a; b\n/* c; */", dialect), ElementsAre());
  }
}

TEST(Statements, EndAtSemicolonsAndTheLastNeedsNone) {
  EXPECT_THAT(split("select 1; select 2 ;\nselect 3", Dialect::kSqlite),
              ElementsAre("select 1", "select 2", "select 3"));
}

TEST(Statements, SemicolonsInStringsNamesAndCommentsEndNothing) {
  EXPECT_THAT(split("select 'a;''b', \"c;\"\"d\" /* ; */ -- ;\n, 1; x", Dialect::kPostgres),
              ElementsAre("select 'a;''b', \"c;\"\"d\" /* ; */ -- ;\n, 1", "x"));
  EXPECT_THAT(split("select `a;b`, [c;d]; x", Dialect::kSqlite),
              ElementsAre("select `a;b`, [c;d]", "x"));
}

TEST(Statements, ABracketIsASubscriptInPostgres) {
  EXPECT_THAT(split("select a[1; x", Dialect::kPostgres), ElementsAre("select a[1", "x"));
}

TEST(Statements, BackslashesEscapeOnlyInEStringsOfPostgres) {
  EXPECT_THAT(split(R"(select E'a\';b'; x)", Dialect::kPostgres),
              ElementsAre(R"(select E'a\';b')", "x"));
  EXPECT_THAT(split(R"(select 'a\'; x)", Dialect::kPostgres), ElementsAre(R"(select 'a\')", "x"));
  EXPECT_THAT(split(R"(select type'a\'; x)", Dialect::kPostgres),
              ElementsAre(R"(select type'a\')", "x"));
}

TEST(Statements, DollarQuotesWithTagsHideEverything) {
  EXPECT_THAT(split("do $$ begin a; end $$; do $x$ $$;$y$; $x$; z", Dialect::kPostgres),
              ElementsAre("do $$ begin a; end $$", "do $x$ $$;$y$; $x$", "z"));
  EXPECT_THAT(split("select $1; select a$b$; c", Dialect::kPostgres),
              ElementsAre("select $1", "select a$b$", "c"));
}

TEST(Statements, BlockCommentsNestInPostgresOnly) {
  EXPECT_THAT(split("a /* /* */ ; */ c; b", Dialect::kPostgres),
              ElementsAre("a /* /* */ ; */ c", "b"));
  EXPECT_THAT(split("a /* /* */ c; b", Dialect::kSqlite), ElementsAre("a /* /* */ c", "b"));
  EXPECT_THAT(split("a /* c */; b", Dialect::kSqlite), ElementsAre("a", "b"));
}

TEST(Statements, ATriggerOfSqliteEndsAtTheEndOfItsBody) {
  const std::string trigger =
      "create temp trigger t after insert on a begin\n"
      "  update a set b = case when new.x then 1 else 2 end;\n"
      "  delete from c;\nend";
  EXPECT_THAT(split(trigger + "; select 1;", Dialect::kSqlite), ElementsAre(trigger, "select 1"));
}

TEST(Statements, AnSqlBodyOfPostgresEndsAtItsEnd) {
  const std::string routine =
      "create or replace function f() returns int begin atomic select case when true then 1 end; "
      "select 2; end";
  EXPECT_THAT(split(routine + "; x", Dialect::kPostgres), ElementsAre(routine, "x"));
}

TEST(Statements, ARuleKeepsTheSemicolonsOfItsParentheses) {
  EXPECT_THAT(split("create rule r as on insert to a do (b; c); d", Dialect::kPostgres),
              ElementsAre("create rule r as on insert to a do (b; c)", "d"));
}

TEST(Statements, TheDirectiveMayStandBeforeInOrBehindAStatement) {
  const auto statements = split_statements(
      "a;  -- katip: no-transaction\n"
      "b;\n"
      "-- katip: no-transaction\n"
      "c;\n"
      "d -- katip: no-transaction\n;\ne;",
      Dialect::kPostgres);
  ASSERT_TRUE(statements) << statements.error().message;
  std::string flagged;
  for (const Statement& statement : *statements) {
    if (statement.no_transaction) flagged += statement.text[0];
  }
  EXPECT_EQ(flagged, "acd");
}

TEST(Statements, KnowTheirLine) {
  const auto statements = split_statements("\n\na;\n-- x\n\nb", Dialect::kSqlite);
  ASSERT_TRUE(statements);
  EXPECT_EQ((*statements)[0].line, 3);
  EXPECT_EQ((*statements)[1].line, 6);
}

TEST(Statements, WhatIsNotClosedIsAnErrorThatNamesTheLine) {
  EXPECT_THAT(split("a;\nselect 'b", Dialect::kSqlite)[0], HasSubstr("line 2: a string"));
  EXPECT_THAT(split("/* a", Dialect::kPostgres)[0], HasSubstr("line 1: a comment"));
  EXPECT_THAT(split("do $a$ $b$", Dialect::kPostgres)[0], HasSubstr("dollar-quoted"));
  EXPECT_THAT(split("select (1;", Dialect::kPostgres)[0], HasSubstr("unclosed"));
  EXPECT_THAT(split("a; -- katip: no-tx", Dialect::kPostgres)[0], HasSubstr("is unknown"));
}

}  // namespace
}  // namespace katip::store::migrate
