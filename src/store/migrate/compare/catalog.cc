#include "store/migrate/compare/catalog.h"

#include <algorithm>

/// Tested by schema_comparison_test.cc.
namespace katip::store::migrate {

const Column* Table::find_column(std::string_view column) const {
  const auto found = std::ranges::find(columns, column, &Column::name);
  return found == columns.end() ? nullptr : &*found;
}

Result<Catalog> read_catalog(Connection& connection, const std::vector<std::string>& left_out) {
  Catalog catalog =
      KATIP_TRY(connection.dialect() == Dialect::kSqlite ? read_sqlite_catalog(connection)
                                                         : read_postgres_catalog(connection));
  for (const std::string& table : left_out) catalog.tables.erase(table);
  return catalog;
}

}  // namespace katip::store::migrate
