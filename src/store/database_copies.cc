#include "store/database_copies.h"

#include <algorithm>

#include <fmt/format.h>

#include "store/postgres/postgres_copies.h"
#include "store/queries.h"
#include "store/schema.h"
#include "store/sqlite/sqlite_copies.h"

/// Tested by conformance/copies_test.cc.
namespace katip::store {

Result<std::unique_ptr<DatabaseCopies>> DatabaseCopies::open(const DatabaseUrl& url,
                                                             const DatabaseCopyOptions& options) {
  if (url.dialect() == Dialect::kPostgres) return postgres::open_copies(url, options);
  if (url.is_memory()) {
    return fail(ErrorCode::kInvalidArgument, "a database in memory cannot be backed up");
  }
  return sqlite::open_copies(url);
}

Result<DatabaseFacts> facts_of(Connection& connection) {
  DatabaseFacts facts{.server_version = connection.server_version(),
                      .schema_heads = KATIP_TRY(schema_status(connection)).applied,
                      .row_counts = {}};
  std::ranges::sort(facts.schema_heads);
  const Rows tables = KATIP_TRY(run_statement(connection, "list_tables"));
  for (const Row row : tables) {
    const auto name = KATIP_TRY(row.get<std::string>("name"));
    std::string quoted;
    for (const char c : name) quoted += c == '"' ? "\"\"" : std::string(1, c);
    const Rows counted =
        KATIP_TRY(connection.query(fmt::format("select count(*) from \"{}\"", quoted)));
    facts.row_counts[name] = KATIP_TRY(counted[0].get<std::int64_t>(0));
  }
  return facts;
}

}  // namespace katip::store
