#include "store/migrate/run/invalid_index.h"

#include <string>

#include "store/migrate/files/sql_words.h"

/// Tested by runner_test.cc.
namespace katip::store::migrate {
namespace {

/// The index that is built concurrently, without its schema; empty: none, or one without a name.
std::string built_index(const SqlWords& words) {
  if (!has_at(words, 0, "create index concurrently") &&
      !has_at(words, 0, "create unique index concurrently")) {
    return {};
  }
  std::size_t at = find_words(words, "concurrently") + 1;
  if (has_at(words, at, "if not exists")) at += 3;
  return at < words.size() && !words[at].is("on") ? words[at].text : std::string();
}

}  // namespace

Status drop_invalid_index(Connection& connection, const Statement& statement) {
  if (connection.dialect() != Dialect::kPostgres || !statement.no_transaction) return {};
  const SqlWords words = KATIP_TRY(words_of(statement.text, Dialect::kPostgres));
  const std::string index = built_index(words);
  if (index.empty()) return {};
  const Rows broken = KATIP_TRY(connection.query(
      "select format('%I.%I', n.nspname, c.relname) from pg_index i join pg_class c on c.oid = "
      "i.indexrelid join pg_namespace n on n.oid = c.relnamespace where c.relname = $1 and not "
      "i.indisvalid and pg_table_is_visible(c.oid)",
      {Value(index)}));
  for (const Row row : broken) {
    const auto name = KATIP_TRY(row.get<std::string>(0));
    KATIP_TRY(connection.execute("drop index concurrently " + name));
  }
  return {};
}

}  // namespace katip::store::migrate
