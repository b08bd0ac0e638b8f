#include "store/sqlite/sqlite_connection.h"

#include <fstream>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/testing/temporary_folder.h"

namespace katip::store::sqlite {
namespace {

using namespace std::chrono_literals;

class SqliteConnection : public ::testing::Test {
 protected:
  Result<std::unique_ptr<Connection>> open(const std::string& file = "katip.db") const {
    auto url = DatabaseUrl::parse("sqlite:///" + (folder_.path() / file).string());
    return Connection::open(*url, {});
  }
  static std::string setting(Connection& connection, const std::string& name) {
    const auto rows = connection.query("select cast(" + name + " as text) from pragma_" + name);
    return rows ? (*rows)[0].get<std::string>(0).value() : rows.error().message;
  }
  TemporaryFolder folder_;
};

TEST_F(SqliteConnection, IsDurableAndKeepsForeignKeys) {
  const auto connection = open();
  ASSERT_TRUE(connection) << connection.error().message;
  EXPECT_EQ(setting(**connection, "journal_mode"), "wal");
  EXPECT_EQ(setting(**connection, "synchronous"), "2");
  EXPECT_EQ(setting(**connection, "foreign_keys"), "1");
}

TEST_F(SqliteConnection, MakesFilesThatOnlyTheirOwnerReads) {
  const auto connection = open();
  ASSERT_TRUE(connection);
  ASSERT_TRUE((*connection)->execute("create table t (id integer)"));
  ASSERT_TRUE((*connection)->try_lock("migrate").value());
  for (const char* file : {"katip.db", "katip.db-wal", "katip.db-shm", "katip.db.migrate.lock"}) {
    struct stat status{};
    ASSERT_EQ(::stat((folder_.path() / file).c_str(), &status), 0) << file;
    EXPECT_EQ(status.st_mode & 0777u, 0600u) << file;
  }
}

TEST_F(SqliteConnection, SaysWhichFolderIsMissing) {
  const auto connection = open("nowhere/katip.db");
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(connection.error().message.contains("nowhere")) << connection.error().message;
}

TEST_F(SqliteConnection, RefusesAFileThatIsNoDatabase) {
  std::ofstream(folder_.path() / "katip.db") << std::string(8192, 'x');
  const auto connection = open();
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().code, ErrorCode::kCorruptData);
}

TEST_F(SqliteConnection, ADoubleQuotedNameIsNeverAText) {
  const auto connection = open();
  ASSERT_TRUE(connection);
  EXPECT_FALSE((*connection)->query("select \"nothing\""));
}

TEST_F(SqliteConnection, TwentyOpenANewFileAtOnce) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 20; ++i) {
    threads.emplace_back([&] {
      const auto connection = open();
      EXPECT_TRUE(connection) << connection.error().message;
    });
  }
}

TEST_F(SqliteConnection, ADatabaseInMemoryWorksAndIsItsOwn) {
  const auto url = DatabaseUrl::parse("sqlite://");
  const auto first = Connection::open(*url, {});
  const auto second = Connection::open(*url, {});
  ASSERT_TRUE(first && second);
  EXPECT_TRUE((*first)->execute("create table t (id integer)"));
  EXPECT_FALSE((*second)->query("select * from t"));
  EXPECT_TRUE((*first)->try_lock("migrate").value());
  EXPECT_TRUE((*second)->try_lock("migrate").value());
}

TEST_F(SqliteConnection, FullTextSearchWorksThroughTriggers) {
  const auto connection = open();
  ASSERT_TRUE(connection);
  const Status made =
      (*connection)
          ->execute(
              "create table jobs (id integer primary key, text text);"
              "create virtual table jobs_fts using fts5 (text, content='jobs', content_rowid='id');"
              "create trigger jobs_ai after insert on jobs begin"
              "  insert into jobs_fts (rowid, text) values (new.id, new.text); end;"
              "insert into jobs (text) values ('merhaba dünya')");
  ASSERT_TRUE(made) << made.error().message;
  const auto rows =
      (*connection)->query("select rowid from jobs_fts where jobs_fts match $1", {"merhaba"});
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(rows->size(), 1u);
}

// The schema changes under statements that are kept prepared.
TEST_F(SqliteConnection, PreparedStatementsFollowTheSchema) {
  const auto connection = open();
  const auto other = open();
  ASSERT_TRUE(connection && other);
  ASSERT_TRUE((*connection)->execute("create table t (a integer); insert into t values (1)"));
  EXPECT_EQ((*connection)->query("select * from t")->columns().size(), 1u);
  ASSERT_TRUE((*other)->execute("alter table t add column b integer default 2"));
  const auto rows = (*connection)->query("select * from t");
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->columns(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ((*rows)[0].get<std::int64_t>("b"), 2);
}

}  // namespace
}  // namespace katip::store::sqlite
