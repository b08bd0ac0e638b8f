#include "store/migrate/files/sql_words.h"

#include <gtest/gtest.h>

namespace katip::store::migrate {
namespace {

std::string normal(std::string_view sql, Dialect dialect = Dialect::kSqlite) {
  return text_of(words_of(sql, dialect).value());
}

TEST(SqlWords, TheSameSqlIsTheSameText) {
  EXPECT_EQ(normal("SELECT  \"a\" ,\n [B] from T -- why\n where x = 'It''s'"),
            "select a,\"B\" from t where x = 'It''s'");
  EXPECT_EQ(normal("f ( x )::text", Dialect::kPostgres), "f(x)::text");
  EXPECT_EQ(normal("a>=b||c=-1"), "a >= b || c = - 1");
  EXPECT_EQ(normal(""), "");
}

TEST(SqlWords, PartsAreFoundOutsideOfParentheses) {
  const SqlWords words = words_of("a (b, c set x), d set x", Dialect::kSqlite).value();
  EXPECT_EQ(find_words(words, "set x"), 10U);
  EXPECT_EQ(find_words(words, "set y"), words.size());
  EXPECT_EQ(behind_parentheses(words, 1), 8U);
  const auto parts = split_at_commas(words);
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(text_of(parts[1]), "d set x");
}

TEST(SqlWords, AQuotedNameIsNoKeyword) {
  const SqlWords words = words_of("\"drop\" table", Dialect::kPostgres).value();
  EXPECT_FALSE(has_at(words, 0, "drop table"));
  EXPECT_TRUE(has_at(words, 1, "table"));
}

TEST(SqlWords, NamesAreQuotedWhereTheyNeedIt) {
  EXPECT_EQ(quoted_name("a_1"), "a_1");
  EXPECT_EQ(quoted_name("Order"), "\"Order\"");
  EXPECT_EQ(quoted_name("order"), "\"order\"");
  EXPECT_EQ(quoted_name("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(quoted_name(""), "\"\"");
  EXPECT_EQ(quoted_name("1a"), "\"1a\"");
}

}  // namespace
}  // namespace katip::store::migrate
