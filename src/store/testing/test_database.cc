#include "store/testing/test_database.h"

#include <filesystem>
#include <system_error>

#include "base/testing/temporary_folder.h"
#include "store/schema.h"
#include "store/testing/postgres_server.h"

namespace katip::store::testing {
namespace {

Result<std::unique_ptr<TestDatabase>> upgraded(Dialect dialect) {
  auto database = KATIP_TRY(TestDatabase::create(dialect));
  const auto connection = KATIP_TRY(database->connect());
  KATIP_TRY(upgrade_to_head(*connection));
  return database;
}

}  // namespace

Result<std::unique_ptr<TestDatabase>> TestDatabase::create(Dialect dialect) {
  std::unique_ptr<TestDatabase> database(new TestDatabase());
  if (dialect == Dialect::kSqlite) {
    database->folder_ = std::make_unique<TemporaryFolder>();
    const std::string file = (database->folder_->path() / "katip.db").string();
    database->url_ = KATIP_TRY(DatabaseUrl::parse("sqlite:///" + file));
    return database;
  }
  PostgresServer* const server = KATIP_TRY(shared_postgres_server());
  const std::string name = KATIP_TRY(server->create_database());
  database->url_ = KATIP_TRY(DatabaseUrl::parse(server->url(name)));
  return database;
}

Result<std::unique_ptr<TestDatabase>> TestDatabase::create_at_head(Dialect dialect) {
  // Each is made when it is first wanted: PostgreSQL may not be there.
  const auto original = [dialect]() -> const Result<std::unique_ptr<TestDatabase>>& {
    if (dialect == Dialect::kSqlite) {
      static const auto sqlite = upgraded(Dialect::kSqlite);
      return sqlite;
    }
    static const auto postgres = upgraded(Dialect::kPostgres);
    return postgres;
  };
  if (!original()) return std::unexpected(original().error());
  return (*original())->copy();
}

Result<std::unique_ptr<TestDatabase>> TestDatabase::copy() const {
  std::unique_ptr<TestDatabase> database(new TestDatabase());
  if (url_.dialect() == Dialect::kPostgres) {
    PostgresServer* const server = KATIP_TRY(shared_postgres_server());
    database->url_ = url_.with_database(KATIP_TRY(server->create_database(url_.database())));
    return database;
  }
  database->folder_ = std::make_unique<TemporaryFolder>();
  database->url_ = url_.with_path(database->folder_->path() / "katip.db");
  std::error_code error;
  // Whoever leaves a database last has brought its log into the file.
  std::filesystem::copy_file(url_.path(), database->url_.path(), error);
  if (error) return fail(ErrorCode::kInternal, "cannot copy the database: " + error.message());
  return database;
}

void TestDatabase::drop() {
  if (url_.dialect() == Dialect::kSqlite) return folder_.reset();
  if (const auto admin = Connection::open(url_.with_database("postgres"), {})) {
    // One that stays takes room, and nothing else.
    static_cast<void>((*admin)->execute("drop database " + url_.database() + " with (force)"));
  }
}

}  // namespace katip::store::testing
