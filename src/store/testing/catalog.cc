#include "store/testing/catalog.h"

#include <algorithm>

#include "store/migrate/files/sql_lexer.h"

namespace katip::store::testing {
namespace {

constexpr std::string_view kSqlite =
    "select type || ' ' || name, coalesce(sql, 'automatic') from sqlite_schema "
    "where tbl_name not like 'katip\\_%' escape '\\' and tbl_name <> 'alembic_version' "
    "and name not like 'sqlite\\_stat%' escape '\\'";

/// pg_get_…() spell a thing the same however it was made.
constexpr std::string_view kPostgres = R"(
with own as (
  select c.oid, c.relname, c.relkind, c.reloptions from pg_class c
   where c.relnamespace = 'public'::regnamespace
     and c.relname not like 'katip\_migration%' and c.relname not like 'alembic_version%')
select 'relation ' || relname || ' ' || relkind::text, coalesce(reloptions::text, '')
  from own where relkind in ('r', 'v', 'm', 'S')
union all
select 'column ' || relname || '.' || attname,
       format_type(atttypid, atttypmod) || ' ' || attnotnull || ' ' || attgenerated::text
       || attidentity::text || ' ' || coalesce(pg_get_expr(adbin, adrelid), '')
  from own join pg_attribute on attrelid = own.oid and attnum > 0 and not attisdropped
  left join pg_attrdef on adrelid = attrelid and adnum = attnum
 where relkind = 'r'
union all
select 'constraint ' || relname || '.' || conname, pg_get_constraintdef(c.oid)
  from own join pg_constraint c on conrelid = own.oid
union all
select 'index ' || relname, pg_get_indexdef(oid) from own where relkind = 'i'
union all
select 'trigger ' || relname || '.' || tgname, pg_get_triggerdef(t.oid)
  from own join pg_trigger t on tgrelid = own.oid and not tgisinternal
union all
select 'function ' || oid::regprocedure, pg_get_functiondef(oid)
  from pg_proc where pronamespace = 'public'::regnamespace
union all
select 'type ' || typname, typtype::text
  from pg_type where typnamespace = 'public'::regnamespace and typtype in ('e', 'd')
)";

/// A statement without comments, in single blanks and none beside parentheses and commas.
Result<std::string> plain_sql(const std::string& sql) {
  migrate::SqlLexer lexer(sql, Dialect::kSqlite);
  std::string plain;
  bool is_apart = false;
  for (;;) {
    const migrate::Token token = KATIP_TRY(lexer.next());
    if (token.kind == migrate::TokenKind::kEnd) return plain;
    if (token.kind == migrate::TokenKind::kSpace || token.kind == migrate::TokenKind::kComment) {
      is_apart = true;
      continue;
    }
    const std::string_view tight = "(),";
    const bool needs_blank = is_apart && !plain.empty() && tight.find(plain.back()) == tight.npos &&
                             tight.find(token.text.front()) == tight.npos;
    if (needs_blank) plain += ' ';
    plain += token.text;
    is_apart = false;
  }
}

}  // namespace

Result<std::vector<std::string>> catalog_lines(Connection& connection) {
  const bool is_sqlite = connection.dialect() == Dialect::kSqlite;
  const Rows rows = KATIP_TRY(connection.query(is_sqlite ? kSqlite : kPostgres));
  std::vector<std::string> lines;
  for (const Row row : rows) {
    const std::string thing = KATIP_TRY(row.get<std::string>(0));
    std::string definition = KATIP_TRY(row.get<std::string>(1));
    if (is_sqlite) definition = KATIP_TRY(plain_sql(definition));
    lines.push_back(thing + ": " + definition);
  }
  std::ranges::sort(lines);
  return lines;
}

}  // namespace katip::store::testing
