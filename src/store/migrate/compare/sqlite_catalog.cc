#include "store/migrate/compare/catalog.h"
#include "store/migrate/compare/sqlite_table.h"
#include "store/migrate/files/sql_words.h"

/// Tested by schema_comparison_test.cc.
namespace katip::store::migrate {
namespace {

/// Tables that SQLite keeps for itself (sqlite_*) or for a virtual table are left out.
constexpr std::string_view kObjects = R"(
select m.type, m.name, m.tbl_name, m.sql, coalesce(l.type, '')
from sqlite_master m left join pragma_table_list l on l.name = m.name and l.schema = 'main'
where m.sql is not null and m.name not like 'sqlite\_%' escape '\'
  and coalesce(l.type, '') <> 'shadow'
order by m.rowid)";

Result<std::string> normalised(std::string_view sql) {
  const SqlWords words = KATIP_TRY(words_of(sql, Dialect::kSqlite));
  return text_of(words);
}

Status add_object(const Row& row, Catalog& catalog) {
  const std::string type = KATIP_TRY(row.get<std::string>(0));
  const std::string name = KATIP_TRY(row.get<std::string>(1));
  const std::string table = KATIP_TRY(row.get<std::string>(2));
  const std::string sql = KATIP_TRY(row.get<std::string>(3));
  const bool is_virtual = KATIP_TRY(row.get<std::string>(4)) == "virtual";
  if (type == "table" && !is_virtual) {
    Table parsed = KATIP_TRY(parse_sqlite_table(sql));
    parsed.name = name;
    Table& entry = catalog.tables[name];
    parsed.indexes = std::move(entry.indexes);
    parsed.triggers = std::move(entry.triggers);
    entry = std::move(parsed);
    return {};
  }
  Definition definition{.name = name, .sql = KATIP_TRY(normalised(sql)), .create_sql = sql};
  if (type == "index") {
    catalog.tables[table].indexes.push_back(std::move(definition));
  } else if (type == "trigger" && catalog.tables.contains(table)) {
    catalog.tables[table].triggers.push_back(std::move(definition));
  } else {
    catalog.views.push_back(std::move(definition));
  }
  return {};
}

}  // namespace

Result<Catalog> read_sqlite_catalog(Connection& connection) {
  Catalog catalog;
  catalog.dialect = Dialect::kSqlite;
  const Rows rows = KATIP_TRY(connection.query(kObjects));
  for (const Row row : rows) KATIP_TRY(add_object(row, catalog));
  return catalog;
}

}  // namespace katip::store::migrate
