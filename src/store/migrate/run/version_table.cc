#include "store/migrate/run/version_table.h"

#include <fmt/format.h>

#include "store/migrate/run/version_sql.h"

/// Tested by runner_test.cc.
namespace katip::store::migrate {

Result<bool> table_exists(Connection& connection, std::string_view name) {
  if (connection.dialect() == Dialect::kPostgres) {
    const Rows rows = KATIP_TRY(
        connection.query("select 1 as found where to_regclass($1) is not null", {Value(name)}));
    return !rows.empty();
  }
  const Rows rows = KATIP_TRY(connection.query(
      "select 1 as found from sqlite_master where type = 'table' and lower(name) = lower($1)",
      {Value(name.substr(name.rfind('.') + 1))}));
  return !rows.empty();
}

Result<VersionTable> VersionTable::of(Connection& connection, std::string_view name) {
  KATIP_TRY(check_table_name(name));
  return VersionTable(connection, name);
}

Result<bool> VersionTable::exists() const { return table_exists(*connection_, name_); }

Result<std::vector<std::string>> VersionTable::rows() const {
  std::vector<std::string> ids;
  const bool is_there = KATIP_TRY(exists());
  if (!is_there) return ids;
  const Rows rows = KATIP_TRY(
      connection_->query(fmt::format("select version_num from {} order by version_num", name_)));
  for (const Row row : rows) ids.push_back(KATIP_TRY(row.get<std::string>(0)));
  return ids;
}

Status VersionTable::create_if_missing() {
  const bool is_there = KATIP_TRY(exists());
  return is_there ? Status{} : connection_->execute(create_version_table_sql(name_));
}

Status VersionTable::remove_all_rows() {
  return connection_->execute(fmt::format("delete from {}", name_));
}

Status VersionTable::apply(const RowChange& change) {
  const Rows done = KATIP_TRY(connection_->query(row_change_sql(name_, change)));
  if (done.affected_count() == 1) return {};
  return fail(ErrorCode::kConflict,
              fmt::format("expected to match one row when changing '{}' to '{}' in '{}'; {} found",
                          change.from, change.to, name_, done.affected_count()));
}

}  // namespace katip::store::migrate
