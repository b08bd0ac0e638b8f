#include <algorithm>

#include "store/migrate/compare/catalog.h"
#include "store/migrate/files/sql_words.h"

/// What belongs to an extension is not ours and left out. Names of our own schema are taken out of
/// the texts, so that two schemas of different names can be compared.
/// Tested by schema_comparison_test.cc.
namespace katip::store::migrate {
namespace {

constexpr std::string_view kTables = R"(
select c.relname, obj_description(c.oid, 'pg_class') from pg_class c
where c.relkind in ('r', 'p') and c.relnamespace = current_schema()::regnamespace
  and not exists (select 1 from pg_depend d where d.objid = c.oid and d.deptype = 'e'))";

constexpr std::string_view kColumns = R"(
select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::int,
  pg_get_expr(d.adbin, d.adrelid), a.attgenerated::text, a.attidentity::text,
  case when a.attcollation <> t.typcollation then quote_ident(co.collname) end,
  col_description(c.oid, a.attnum),
  (a.attidentity = '' and pg_get_serial_sequence(quote_ident(c.relname), a.attname) is not null
   and pg_get_expr(d.adbin, d.adrelid) like 'nextval(%')::int
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
join pg_type t on t.oid = a.atttypid
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
left join pg_collation co on co.oid = a.attcollation
where c.relkind in ('r', 'p') and c.relnamespace = current_schema()::regnamespace
order by c.relname, a.attnum)";

constexpr std::string_view kConstraints = R"(
select c.relname, k.conname, k.contype::text, pg_get_constraintdef(k.oid)
from pg_constraint k join pg_class c on c.oid = k.conrelid
where c.relnamespace = current_schema()::regnamespace and k.contype in ('p', 'u', 'f', 'c', 'x')
order by c.relname, k.conname)";

constexpr std::string_view kIndexes = R"(
select c.relname, i.relname, pg_get_indexdef(i.oid)
from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class c on c.oid = x.indrelid
where c.relkind in ('r', 'p') and c.relnamespace = current_schema()::regnamespace
  and not exists (select 1 from pg_constraint k where k.conindid = i.oid and k.contype <> 'f')
order by c.relname, i.relname)";

constexpr std::string_view kTriggers = R"(
select c.relname, t.tgname, pg_get_triggerdef(t.oid)
from pg_trigger t join pg_class c on c.oid = t.tgrelid
where not t.tgisinternal and c.relnamespace = current_schema()::regnamespace
order by c.relname, t.tgname)";

constexpr std::string_view kEnums = R"(
select t.typname, e.enumlabel from pg_type t join pg_enum e on e.enumtypid = t.oid
where t.typnamespace = current_schema()::regnamespace
  and not exists (select 1 from pg_depend d where d.objid = t.oid and d.deptype = 'e')
order by t.typname, e.enumsortorder)";

constexpr std::string_view kSequences = R"(
select c.relname, 'create sequence ' || quote_ident(c.relname) from pg_class c
where c.relkind = 'S' and c.relnamespace = current_schema()::regnamespace
  and not exists (select 1 from pg_depend d where d.objid = c.oid and d.deptype in ('a', 'i', 'e'))
order by c.relname)";

constexpr std::string_view kFunctions = R"(
select quote_ident(p.proname) || '(' || pg_get_function_identity_arguments(p.oid) || ')',
  pg_get_functiondef(p.oid)
from pg_proc p where p.prokind in ('f', 'p') and p.pronamespace = current_schema()::regnamespace
  and not exists (select 1 from pg_depend d where d.objid = p.oid and d.deptype = 'e')
order by p.oid)";

constexpr std::string_view kViews = R"(
select c.relname, case c.relkind when 'm' then 'create materialized view ' else 'create view ' end
  || quote_ident(c.relname) || ' as ' || rtrim(pg_get_viewdef(c.oid), ';')
from pg_class c where c.relkind in ('v', 'm') and c.relnamespace = current_schema()::regnamespace
  and not exists (select 1 from pg_depend d where d.objid = c.oid and d.deptype = 'e')
order by c.oid)";

class Reader {
 public:
  explicit Reader(Connection& connection) : connection_(connection) {
    catalog_.dialect = Dialect::kPostgres;
  }

  Result<Catalog> run() {
    const Rows schema = KATIP_TRY(connection_.query("select current_schema()"));
    schema_ = quoted_name(KATIP_TRY(schema[0].get<std::string>(0))) + ".";
    KATIP_TRY(read_tables());
    KATIP_TRY(read_columns());
    KATIP_TRY(read_constraints());
    KATIP_TRY(read_parts(kIndexes, &Table::indexes));
    KATIP_TRY(read_parts(kTriggers, &Table::triggers));
    KATIP_TRY(read_enums());
    KATIP_TRY(read_definitions(kSequences, catalog_.sequences));
    KATIP_TRY(read_definitions(kFunctions, catalog_.functions));
    KATIP_TRY(read_definitions(kViews, catalog_.views));
    return std::move(catalog_);
  }

 private:
  /// A column of a row as text, empty for null, without the name of our schema.
  Result<std::string> text(const Row& row, std::size_t index) const {
    std::string value = KATIP_TRY(row.get<std::optional<std::string>>(index)).value_or("");
    for (std::size_t at = value.find(schema_); at != std::string::npos;
         at = value.find(schema_, at)) {
      value.erase(at, schema_.size());
    }
    return value;
  }

  /// Null for a table that does not count.
  Result<Table*> table_of(const Row& row) {
    const auto found = catalog_.tables.find(KATIP_TRY(row.get<std::string>(0)));
    return found == catalog_.tables.end() ? nullptr : &found->second;
  }

  Status read_tables() {
    const Rows rows = KATIP_TRY(connection_.query(kTables));
    for (const Row row : rows) {
      Table table;
      table.name = KATIP_TRY(row.get<std::string>(0));
      table.comment = KATIP_TRY(text(row, 1));
      std::string name = table.name;
      catalog_.tables.emplace(std::move(name), std::move(table));
    }
    return {};
  }

  Status read_columns() {
    const Rows rows = KATIP_TRY(connection_.query(kColumns));
    for (const Row row : rows) {
      Table* const table = KATIP_TRY(table_of(row));
      if (table == nullptr) continue;
      Column column;
      column.name = KATIP_TRY(row.get<std::string>(1));
      column.type = KATIP_TRY(text(row, 2));
      column.is_not_null = KATIP_TRY(row.get<std::int64_t>(3)) != 0;
      const std::string expression = KATIP_TRY(text(row, 4));
      const std::string generated = KATIP_TRY(text(row, 5));
      const std::string identity = KATIP_TRY(text(row, 6));
      column.collation = KATIP_TRY(text(row, 7));
      column.comment = KATIP_TRY(text(row, 8));
      column.is_serial = KATIP_TRY(row.get<std::int64_t>(9)) != 0;
      if (generated == "s") column.generated = expression + " stored";
      if (generated.empty() && !column.is_serial) column.default_value = expression;
      if (!identity.empty()) column.identity = identity == "a" ? "always" : "by default";
      table->columns.push_back(std::move(column));
    }
    return {};
  }

  static ConstraintKind kind_of(const std::string& letter) {
    if (letter == "p") return ConstraintKind::kPrimary;
    if (letter == "u") return ConstraintKind::kUnique;
    if (letter == "f") return ConstraintKind::kForeign;
    return letter == "x" ? ConstraintKind::kExclude : ConstraintKind::kCheck;
  }

  Status read_constraints() {
    constexpr std::string_view kNotValid = " NOT VALID";
    const Rows rows = KATIP_TRY(connection_.query(kConstraints));
    for (const Row row : rows) {
      Table* const table = KATIP_TRY(table_of(row));
      if (table == nullptr) continue;
      Constraint constraint{.name = KATIP_TRY(row.get<std::string>(1)),
                            .kind = kind_of(KATIP_TRY(row.get<std::string>(2))),
                            .definition = KATIP_TRY(text(row, 3))};
      // Whether old rows were checked yet is no part of the schema.
      if (constraint.definition.ends_with(kNotValid)) {
        constraint.definition.resize(constraint.definition.size() - kNotValid.size());
      }
      table->constraints.push_back(std::move(constraint));
    }
    return {};
  }

  Status read_parts(std::string_view sql, std::vector<Definition> Table::* parts) {
    const Rows rows = KATIP_TRY(connection_.query(sql));
    for (const Row row : rows) {
      Table* const table = KATIP_TRY(table_of(row));
      if (table == nullptr) continue;
      (table->*parts)
          .push_back({.name = KATIP_TRY(row.get<std::string>(1)),
                      .sql = KATIP_TRY(text(row, 2)),
                      .create_sql = {}});
    }
    return {};
  }

  Status read_enums() {
    const Rows rows = KATIP_TRY(connection_.query(kEnums));
    for (const Row row : rows) {
      const std::string name = KATIP_TRY(row.get<std::string>(0));
      EnumType& type = catalog_.enums[name];
      type.name = name;
      type.labels.push_back(KATIP_TRY(row.get<std::string>(1)));
    }
    return {};
  }

  Status read_definitions(std::string_view sql, std::vector<Definition>& definitions) {
    const Rows rows = KATIP_TRY(connection_.query(sql));
    for (const Row row : rows) {
      definitions.push_back(
          {.name = KATIP_TRY(text(row, 0)), .sql = KATIP_TRY(text(row, 1)), .create_sql = {}});
    }
    return {};
  }

  Connection& connection_;
  std::string schema_;
  Catalog catalog_;
};

}  // namespace

Result<Catalog> read_postgres_catalog(Connection& connection) { return Reader(connection).run(); }

}  // namespace katip::store::migrate
