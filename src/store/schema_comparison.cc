#include "store/schema_comparison.h"

#include "store/migrate/compare/changes.h"
#include "store/migrate/compare/difference.h"
#include "store/migrate/compare/emit.h"
#include "store/migrate/compare/renames.h"
#include "store/migrate/compare/shadow.h"

/// Tested by schema_comparison_test.cc.
namespace katip::store {
namespace {

using namespace migrate;

std::vector<std::string> left_out(const ComparisonOptions& options) {
  const std::string& table = options.version_table;
  return {table.substr(table.rfind('.') + 1), "katip_migration_log", "katip_migration_progress"};
}

/// The statements from one catalog to the other, renames first.
std::string emit(const Catalog& from, const Catalog& to, const std::vector<Rename>& renames) {
  const Catalog begin = renamed(from, renames);
  const CatalogDifference difference = difference_of(begin, to);
  return rename_sql(renames) +
         (from.dialect == Dialect::kPostgres ? emit_postgres(difference) : emit_sqlite(difference));
}

Result<Catalog> declared_catalog(Connection& live, const DatabaseUrl& url,
                                 std::string_view declared, const ComparisonOptions& options) {
  Shadow shadow = KATIP_TRY(Shadow::create(live, url, options));
  KATIP_TRY(shadow.apply(declared));
  return read_catalog(shadow.connection(), left_out(options));
}

}  // namespace

Result<SchemaDifference> compare_schema(Connection& live, const DatabaseUrl& url,
                                        std::string_view declared,
                                        const ComparisonOptions& options) {
  const auto hints = KATIP_TRY(renames_of(declared, live.dialect()));
  const Catalog to = KATIP_TRY(declared_catalog(live, url, declared, options));
  const Catalog from = KATIP_TRY(read_catalog(live, left_out(options)));
  const std::vector<Rename> renames = pending_renames(hints, from, to);
  const Catalog begin = renamed(from, renames);
  SchemaDifference result;
  result.changes = changes_of(renames, difference_of(begin, to));
  if (result.changes.empty()) return result;
  result.upgrade_sql = emit(from, to, renames);
  result.downgrade_sql = emit(to, from, reversed(renames));
  return result;
}

}  // namespace katip::store
