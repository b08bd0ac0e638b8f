#include "store/migrate/files/revision_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::store::migrate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kWhole = R"(-- revision: 5cb311f7ffd7
-- revises: 001a2b3c4d5e, 002
-- message: add speakers: both
-- branch_labels: voices
-- depends_on: 0f0f
-- A comment with a colon: nothing.

-- upgrade
create table a (b int);
-- upgrade postgresql
create index concurrently c on a (b);   -- katip: no-transaction
-- upgrade sqlite
create index c on a (b);
-- upgrade of the rest follows
insert into a values (1);
-- downgrade
drop table a;
)";

std::vector<std::string> texts(const RevisionFile& file, Direction direction, Dialect dialect) {
  std::vector<std::string> texts;
  const auto statements = file.statements(direction, dialect);
  for (const Statement& statement : statements.value()) texts.push_back(statement.text);
  return texts;
}

std::string error_of(std::string_view text) {
  const auto file = parse_revision_file(text, "x.sql");
  return file ? "no error" : file.error().message;
}

TEST(RevisionFile, HasHeadersAndSectionsForBothDialects) {
  const auto file = parse_revision_file(kWhole, "x.sql");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->id, "5cb311f7ffd7");
  EXPECT_THAT(file->revises, ElementsAre("001a2b3c4d5e", "002"));
  EXPECT_EQ(file->message, "add speakers: both");
  EXPECT_THAT(file->branch_labels, ElementsAre("voices"));
  EXPECT_THAT(file->depends_on, ElementsAre("0f0f"));
  EXPECT_THAT(texts(*file, Direction::kUpgrade, Dialect::kPostgres),
              ElementsAre("create table a (b int)", "create index concurrently c on a (b)"));
  EXPECT_THAT(
      texts(*file, Direction::kUpgrade, Dialect::kSqlite),
      ElementsAre("create table a (b int)", "create index c on a (b)", "insert into a values (1)"));
  EXPECT_THAT(texts(*file, Direction::kDowngrade, Dialect::kSqlite), ElementsAre("drop table a"));
  const auto statements = file->statements(Direction::kUpgrade, Dialect::kPostgres);
  EXPECT_TRUE((*statements)[1].no_transaction);
  EXPECT_EQ((*statements)[1].line, 11) << "lines are those of the file";
}

TEST(RevisionFile, MayEndItsLinesAsOnWindowsAndBeginWithAByteOrderMark) {
  const auto file = parse_revision_file(
      "\xEF\xBB\xBF-- revision: 01\r\n-- revises:\r\n\r\n-- upgrade\r\nselect 1;\r\n", "x.sql");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->id, "01");
  EXPECT_THAT(file->revises, IsEmpty());
  EXPECT_THAT(texts(*file, Direction::kUpgrade, Dialect::kSqlite), ElementsAre("select 1"));
}

TEST(RevisionFile, KnowsWhichSectionsItHas) {
  const auto file = parse_revision_file("-- revision: 01\n-- upgrade sqlite\n", "x.sql");
  ASSERT_TRUE(file);
  EXPECT_TRUE(file->has_section(Direction::kUpgrade, Dialect::kSqlite));
  EXPECT_FALSE(file->has_section(Direction::kUpgrade, Dialect::kPostgres));
  EXPECT_FALSE(file->has_section(Direction::kDowngrade, Dialect::kSqlite));
}

TEST(RevisionFile, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(error_of(""), HasSubstr("no '-- revision: ID'"));
  EXPECT_THAT(error_of("-- revison: 01\n"), HasSubstr("x.sql:1: 'revison' is no header; did you"));
  EXPECT_THAT(error_of("-- revision: 01\n-- revision: 02\n"), HasSubstr("given twice"));
  EXPECT_THAT(error_of("-- revision: a-b\n"),
              HasSubstr("Character(s) '-' not allowed in revision identifier 'a-b'"));
  EXPECT_THAT(error_of("-- revision: " + std::string(33, 'a')), HasSubstr("longer than 32"));
  EXPECT_THAT(error_of("-- revision: 01\nselect 1;\n"), HasSubstr("x.sql:2: SQL before"));
  EXPECT_THAT(error_of("-- revision: 01\n-- upgrade mysql\n"), HasSubstr("'mysql' is no dialect"));
  EXPECT_THAT(error_of("-- revision: 01\n-- upgrade\nselect 'a\n"), HasSubstr("not closed"));
  EXPECT_THAT(error_of("-- revision: 01\n-- upgrade\n\ncommit;\n"), HasSubstr("x.sql:4: 'commit'"));
}

}  // namespace
}  // namespace katip::store::migrate
