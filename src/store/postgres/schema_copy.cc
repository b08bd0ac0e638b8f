#include "store/postgres/schema_copy.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/scratch_folder.h"
#include "store/connection.h"
#include "store/migrate/run/version_sql.h"
#include "store/postgres/programs.h"

/// Tested by rehearsal_test.cc.
namespace katip::store::postgres {
namespace {

namespace fs = std::filesystem;

/// The tables that migrations keep for themselves, beside the version table.
constexpr const char* kKeptTables[] = {"katip_migration_log", "katip_migration_progress"};

Result<std::unique_ptr<Connection>> open_patiently(const DatabaseUrl& url, std::stop_token stop) {
  ConnectionOptions options;
  options.statement_timeout = std::chrono::milliseconds(0);
  options.idle_transaction_timeout = std::chrono::milliseconds(0);
  auto connection = KATIP_TRY(Connection::open(url, options));
  connection->set_stop(std::move(stop));
  return connection;
}

/// The columns of a table; none when there is no such table.
Result<std::vector<std::string>> columns_of(Connection& connection, const std::string& table) {
  const Rows rows = KATIP_TRY(
      connection.query("select attname::text from pg_attribute where attrelid = to_regclass($1) "
                       "and attnum > 0 and not attisdropped order by attnum",
                       {Value(table)}));
  std::vector<std::string> columns;
  for (const Row row : rows) columns.push_back(KATIP_TRY(row.get<std::string>(0)));
  return columns;
}

/// The rows of one small table, as texts that the server understands again.
Status copy_rows(Connection& from, Connection& to, const std::string& table) {
  const std::vector<std::string> columns = KATIP_TRY(columns_of(from, table));
  if (columns.empty()) return {};
  const Rows rows =
      KATIP_TRY(from.query(fmt::format("select row_to_json(t)::text from {} as t", table)));
  for (const Row row : rows) {
    const auto json = KATIP_TRY(row.get<std::string>(0));
    KATIP_TRY(to.query(
        fmt::format("insert into {} select * from json_populate_record(null::{}, cast($1 as json))",
                    table, table),
        {Value(json)}));
  }
  return {};
}

Result<bool> is_small(Connection& connection, std::int64_t size_max) {
  const Rows rows = KATIP_TRY(connection.query("select pg_database_size(current_database())"));
  return KATIP_TRY(rows[0].get<std::int64_t>(0)) <= size_max;
}

struct Programs {
  std::string pg_dump;
  std::string pg_restore;
};

Result<Programs> find_programs(Connection& connection, const DatabaseCopySettings& settings) {
  const int version = std::stoi(connection.server_version());
  const auto find = [&](std::string_view name) {
    return find_program(name, version, settings.postgres_programs, settings.stop);
  };
  return Programs{.pg_dump = KATIP_TRY(find("pg_dump")),
                  .pg_restore = KATIP_TRY(find("pg_restore"))};
}

Status transfer(const CopiedDatabase& databases, const DatabaseCopySettings& settings,
                const Programs& programs, const std::vector<std::string>& what) {
  // A dump holds what people said.
  const auto folder = KATIP_TRY(ScratchFolder::make(settings.scratch_dir, "katip-dry-run-"));
  const std::string file = (folder.path() / "dump").string();
  // A table that somebody has locked is waited for so long; nobody waits for us meanwhile.
  const auto wait_ms = std::max<std::int64_t>(settings.lock_timeout.count(), 1);
  std::vector<std::string> dump = {
      programs.pg_dump,  "--dbname=service=katip",
      "--format=custom", "--compress=0",
      "--no-owner",      "--no-privileges",
      "--no-password",   fmt::format("--lock-wait-timeout={}", wait_ms),
      "--file=" + file};
  dump.insert(dump.end(), what.begin(), what.end());
  KATIP_TRY(run_program(dump, databases.from, folder.path(), settings.stop));
  return run_program({programs.pg_restore, "--dbname=service=katip", "--no-owner",
                      "--no-privileges", "--exit-on-error", "--no-password", file},
                     databases.to, folder.path(), settings.stop);
}

}  // namespace

Result<bool> copy_database(const CopiedDatabase& databases, const DatabaseCopySettings& settings) {
  KATIP_TRY(migrate::check_table_name(settings.version_table));
  const auto from = KATIP_TRY(open_patiently(databases.from, settings.stop));
  const Programs programs = KATIP_TRY(find_programs(*from, settings));
  // The schema and the rows of the version table are those of one moment.
  KATIP_TRY(from->begin(TransactionMode::kRead));
  const Rows exported = KATIP_TRY(from->query("select pg_export_snapshot()"));
  const auto snapshot = KATIP_TRY(exported[0].get<std::string>(0));
  const bool has_rows = KATIP_TRY(is_small(*from, settings.rows_size_max));
  std::vector<std::string> what = {"--snapshot=" + snapshot};
  if (!has_rows) what.emplace_back("--schema-only");
  KATIP_TRY(transfer(databases, settings, programs, what));
  if (!has_rows) {
    const auto to = KATIP_TRY(open_patiently(databases.to, settings.stop));
    KATIP_TRY(copy_rows(*from, *to, settings.version_table));
    for (const char* table : kKeptTables) KATIP_TRY(copy_rows(*from, *to, table));
  }
  KATIP_TRY(from->rollback());
  return has_rows;
}

}  // namespace katip::store::postgres
