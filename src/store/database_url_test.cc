#include "store/database_url.h"

#include <gtest/gtest.h>

namespace katip::store {
namespace {

DatabaseUrl parsed(std::string_view text) {
  auto url = DatabaseUrl::parse(text);
  EXPECT_TRUE(url) << text << ": " << url.error().message;
  return url.value_or(DatabaseUrl());
}

TEST(DatabaseUrl, ReadsEveryFormOfASqlitePath) {
  EXPECT_EQ(parsed("sqlite:///katip.db").path(), "katip.db");
  EXPECT_EQ(parsed("sqlite:////var/lib/katip.db").path(), "/var/lib/katip.db");
  EXPECT_EQ(parsed("sqlite+aiosqlite:///a/b.db").path(), "a/b.db");
  EXPECT_EQ(parsed("sqlite:///a%20b%3F.db").path(), "a b?.db");
  EXPECT_EQ(parsed("katip.db").path(), "katip.db");
  EXPECT_EQ(parsed("/var/lib/100%.db").path(), "/var/lib/100%.db");
  EXPECT_EQ(parsed("katip.db").dialect(), Dialect::kSqlite);
  for (const char* memory : {"sqlite://", "sqlite:///", "sqlite:///:memory:", ":memory:"}) {
    EXPECT_TRUE(parsed(memory).is_memory()) << memory;
  }
}

TEST(DatabaseUrl, ReadsEveryPartOfAPostgresqlUrl) {
  const DatabaseUrl url =
      parsed("postgresql+asyncpg://k%40tip:p%2Fw%25@db.example:6543/kat%20ip?ssl=require");
  EXPECT_EQ(url.dialect(), Dialect::kPostgres);
  EXPECT_EQ(url.user(), "k@tip");
  EXPECT_EQ(url.password().reveal(), "p/w%");
  EXPECT_EQ(url.host(), "db.example");
  EXPECT_EQ(url.port(), "6543");
  EXPECT_EQ(url.database(), "kat ip");
  ASSERT_EQ(url.settings().size(), 1u);
  EXPECT_EQ(url.settings()[0].key, "sslmode");
  EXPECT_EQ(url.settings()[0].value, "require");
}

TEST(DatabaseUrl, ReadsHostsOfAllKinds) {
  EXPECT_EQ(parsed("postgres://h/d").host(), "h");
  EXPECT_EQ(parsed("postgresql://").host(), "");
  EXPECT_EQ(parsed("postgresql+psycopg2:///d").database(), "d");
  EXPECT_EQ(parsed("postgres://[::1]:5432/d").host(), "::1");
  EXPECT_EQ(parsed("postgres://[::1]:5432/d").port(), "5432");
  EXPECT_EQ(parsed("postgres://%2Fvar%2Frun/d").host(), "/var/run");
  EXPECT_EQ(parsed("postgres:///d?host=/var/run&port=1&user=u&dbname=x").host(), "/var/run");
  EXPECT_EQ(parsed("postgres://a:1,b:2/d").host(), "a,b");
  EXPECT_EQ(parsed("postgres://a:1,b:2/d").port(), "1,2");
  EXPECT_EQ(parsed("postgres://a,b/d").port(), "");
  EXPECT_EQ(parsed("postgres://u:p@w@h/d").password().reveal(), "p@w");
}

TEST(DatabaseUrl, ShowsItselfWithoutSecrets) {
  EXPECT_EQ(parsed("postgres://u%40x:secret@h:1/d?sslmode=require&sslpassword=secret").masked(),
            "postgresql://u%40x:***@h:1/d?sslmode=require");
  EXPECT_EQ(parsed("postgres://[::1]/d?password=secret").masked(), "postgresql://:***@[::1]/d");
  EXPECT_EQ(parsed("postgres://h").masked(), "postgresql://h/");
  EXPECT_EQ(parsed("/x/katip.db").masked(), "sqlite:////x/katip.db");
}

TEST(DatabaseUrl, RefusesWhatItCannotReadAndQuotesNothingOfIt) {
  using namespace std::string_view_literals;
  for (const auto text : {""sv,
                          "mysql://u:hunter2@h/d"sv,
                          "hunter2://x"sv,
                          "postgresql:u:hunter2@h/d"sv,
                          "host=h password=hunter2"sv,
                          "u:hunter2@h/d"sv,
                          "file:hunter2"sv,
                          "postgres://u:hunter2/x@h/d"sv,
                          "postgres://u:hunter2%@h/d"sv,
                          "postgres://u:hunter2%zz@h/d"sv,
                          "postgres://u:hunter2%00@h/d"sv,
                          "postgres://u:hunter2#x@h/d"sv,
                          "postgres://h:70000/d"sv,
                          "postgres://h:0/d"sv,
                          "postgres://h:-1/d"sv,
                          "postgres://[::1/d"sv,
                          "postgres://[::1]x/d"sv,
                          "postgres://h/d?hunter2"sv,
                          "postgres://h/d?hunter2=1"sv,
                          "postgres://h:1x/d"sv,
                          "sqlite://katip.db"sv,
                          "sqlite:katip.db"sv,
                          "sqlite:///x?mode=ro"sv,
                          "a\0b"sv}) {
    const auto url = DatabaseUrl::parse(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, ErrorCode::kInvalidArgument);
    EXPECT_FALSE(url.error().message.contains("hunter2")) << url.error().message;
  }
}

TEST(DatabaseUrl, HelpsWithAMistypedOption) {
  const auto url = DatabaseUrl::parse("postgres://h/d?sslmod=require");
  ASSERT_FALSE(url);
  EXPECT_TRUE(url.error().message.contains("sslmode")) << url.error().message;
}

}  // namespace
}  // namespace katip::store
