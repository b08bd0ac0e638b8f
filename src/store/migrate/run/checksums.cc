#include "store/migrate/run/checksums.h"

#include <array>

#include <fmt/format.h>

#include "base/sha256.h"
#include "store/migrate/graph/lookup.h"
#include "store/migrate/run/version_table.h"

/// Tested by runner_test.cc.
namespace katip::store::migrate {
namespace {

constexpr std::string_view kTable = "katip_migration_log";
/// What the table did not have at first; null where nobody wrote it down.
constexpr std::array<std::string_view, 2> kLaterColumns = {"applied_by", "app_version"};

Value known(const std::string& text) { return text.empty() ? Value() : Value(text); }

}  // namespace

Result<std::string> checksum_of(const RevisionFile& file, Direction direction, Dialect dialect) {
  Sha256 sha;
  const auto statements = KATIP_TRY(file.statements(direction, dialect));
  for (const Statement& statement : statements) {
    std::string text = statement.text;
    std::erase(text, '\r');
    sha.update(text);
    sha.update(statement.no_transaction ? "; -- no-transaction\n" : ";\n");
  }
  return sha.finish();
}

Result<std::set<std::string>> MigrationLog::columns() {
  const bool is_postgres = connection_->dialect() == Dialect::kPostgres;
  const Rows rows = KATIP_TRY(connection_->query(
      is_postgres ? "select attname::text from pg_attribute where attrelid = to_regclass($1) and "
                    "attnum > 0 and not attisdropped"
                  : "select name from pragma_table_info($1)",
      {Value(kTable)}));
  std::set<std::string> names;
  for (const Row row : rows) names.insert(KATIP_TRY(row.get<std::string>(0)));
  return names;
}

Status MigrationLog::create_if_missing() {
  KATIP_TRY(connection_->execute(
      fmt::format("create table if not exists {} (revision_id varchar(32) not null primary key, "
                  "upgrade_sha256 char(64) not null, downgrade_sha256 char(64) not null, "
                  "applied_at text not null, duration_ms bigint not null, applied_by text, "
                  "app_version text)",
                  kTable)));
  const std::set<std::string> there = KATIP_TRY(columns());
  for (const std::string_view column : kLaterColumns) {
    if (there.contains(std::string(column))) continue;
    KATIP_TRY(
        connection_->execute(fmt::format("alter table {} add column {} text", kTable, column)));
  }
  return {};
}

Result<std::map<std::string, AppliedRevision>> MigrationLog::entries() {
  std::map<std::string, AppliedRevision> entries;
  const std::set<std::string> there = KATIP_TRY(columns());
  if (there.empty()) return entries;
  // Of a katip before these columns, whose table only the next upgrade changes.
  const bool has_later = there.contains("applied_by") && there.contains("app_version");
  const Rows rows = KATIP_TRY(connection_->query(
      fmt::format("select revision_id, applied_at, duration_ms, {} from {}",
                  has_later ? "applied_by, app_version" : "null, null", kTable)));
  for (const Row row : rows) {
    AppliedRevision entry{.applied_at = KATIP_TRY(row.get<std::string>(1)),
                          .duration_ms = KATIP_TRY(row.get<std::int64_t>(2))};
    if (has_later) {
      entry.applied_by = KATIP_TRY(row.get<std::optional<std::string>>(3));
      entry.app_version = KATIP_TRY(row.get<std::optional<std::string>>(4));
    }
    entries.emplace(KATIP_TRY(row.get<std::string>(0)), std::move(entry));
  }
  return entries;
}

Status MigrationLog::add(const RevisionFile& file, std::chrono::milliseconds duration,
                         const Migrant& migrant) {
  const Dialect dialect = connection_->dialect();
  const std::string up = KATIP_TRY(checksum_of(file, Direction::kUpgrade, dialect));
  const std::string down = KATIP_TRY(checksum_of(file, Direction::kDowngrade, dialect));
  const std::string now = utc_timestamp(connection_->options().clock->calendar());
  KATIP_TRY(remove(file.id));
  KATIP_TRY(connection_->query(fmt::format("insert into {} (revision_id, upgrade_sha256, "
                                           "downgrade_sha256, applied_at, duration_ms, "
                                           "applied_by, app_version) "
                                           "values ($1, $2, $3, $4, $5, $6, $7)",
                                           kTable),
                               {Value(file.id), Value(up), Value(down), Value(now),
                                Value(static_cast<std::int64_t>(duration.count())),
                                known(migrant.person), known(migrant.version)}));
  return {};
}

Status MigrationLog::remove(const std::string& revision_id) {
  KATIP_TRY(connection_->query(fmt::format("delete from {} where revision_id = $1", kTable),
                               {Value(revision_id)}));
  return {};
}

Result<std::vector<std::string>> MigrationLog::differences(const RevisionGraph& graph,
                                                           const std::vector<std::string>& rows) {
  std::vector<std::string> found;
  const bool is_there = KATIP_TRY(table_exists(*connection_, kTable));
  if (!is_there) return found;
  const Revisions heads = KATIP_TRY(explained(find_revisions(graph, rows)));
  for (const Revision* revision : graph.ancestors(heads, Edges::kAll)) {
    const Rows logged = KATIP_TRY(connection_->query(
        fmt::format("select upgrade_sha256, downgrade_sha256, applied_at from {} "
                    "where revision_id = $1",
                    kTable),
        {Value(revision->id())}));
    if (logged.empty()) continue;
    for (const Direction direction : {Direction::kUpgrade, Direction::kDowngrade}) {
      const auto was =
          KATIP_TRY(logged[0].get<std::string>(direction == Direction::kUpgrade ? 0 : 1));
      const std::string is =
          KATIP_TRY(checksum_of(revision->file, direction, connection_->dialect()));
      if (was == is) continue;
      found.push_back(fmt::format(
          "{}: the {} of revision {} was changed after it was applied at {}: put the file back and "
          "make a new revision for the change",
          revision->file.path.string(), name(direction), revision->id(),
          KATIP_TRY(logged[0].get<std::string>(2))));
    }
  }
  return found;
}

}  // namespace katip::store::migrate
