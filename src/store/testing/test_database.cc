#include "store/testing/test_database.h"

#include "base/testing/temporary_folder.h"
#include "store/testing/postgres_server.h"

namespace katip::store::testing {

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

}  // namespace katip::store::testing
