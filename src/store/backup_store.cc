#include "store/backup_store.h"

#include "base/uuid.h"
#include "store/queries.h"
#include "store/row_fields.h"

/// The statements are in sqlite/backups.sql and postgres/backups.sql.
///
/// Tested by conformance/backups_test.cc on both databases.
namespace katip::store {
namespace {

constexpr int kPageSizeMax = 1'000;

Result<BackupRecord> to_record(const Row& row) {
  BackupRecord record;
  record.id = KATIP_TRY(row.get<std::string>("id"));
  record.kind = KATIP_TRY(row.get<std::string>("kind"));
  record.status = KATIP_TRY(row.get<std::string>("status"));
  record.database_kind = KATIP_TRY(row.get<std::string>("database_kind"));
  record.file_name = KATIP_TRY(row.get<std::string>("file_name"));
  record.size = KATIP_TRY(row.get<std::optional<std::int64_t>>("size"));
  record.sha256 = KATIP_TRY(row.get<std::optional<std::string>>("sha256"));
  record.schema_head = KATIP_TRY(row.get<std::optional<std::string>>("schema_head"));
  record.is_encrypted = KATIP_TRY(row.get<bool>("is_encrypted"));
  record.started_at = KATIP_TRY(time_of(row, "started_at"));
  record.completed_at = KATIP_TRY(optional_time_of(row, "completed_at"));
  record.verified_at = KATIP_TRY(optional_time_of(row, "verified_at"));
  record.error = KATIP_TRY(row.get<std::optional<std::string>>("error"));
  record.row_counts = KATIP_TRY(row.get<std::string>("row_counts"));
  record.media_count = KATIP_TRY(row.get<std::optional<std::int64_t>>("media_count"));
  record.media_size = KATIP_TRY(row.get<std::optional<std::int64_t>>("media_size"));
  return record;
}

}  // namespace

Status put_backup(Connection& sql, const BackupRecord& record) {
  KATIP_TRY(run_statement(
      sql, "put_backup",
      {record.id, record.kind, record.status, record.database_kind, record.file_name, record.size,
       record.sha256, record.schema_head, record.is_encrypted, to_text(record.started_at),
       optional_time_value(record.completed_at), optional_time_value(record.verified_at),
       record.error, record.row_counts, record.media_count, record.media_size}));
  return {};
}

Result<std::optional<BackupRecord>> find_backup(Connection& sql, const std::string& id) {
  if (!is_uuid(id)) return std::optional<BackupRecord>();
  const Rows rows = KATIP_TRY(run_statement(sql, "find_backup", {id}));
  if (rows.size() == 0) return std::optional<BackupRecord>();
  return std::optional(KATIP_TRY(to_record(rows[0])));
}

Result<std::vector<BackupRecord>> list_backups(Connection& sql, int count_max) {
  if (count_max < 1 || count_max > kPageSizeMax) {
    return fail(ErrorCode::kInvalidArgument, "a page has 1 to 1,000 backups");
  }
  const Rows rows = KATIP_TRY(run_statement(sql, "list_backups", {count_max}));
  std::vector<BackupRecord> records;
  for (const Row row : rows) records.push_back(KATIP_TRY(to_record(row)));
  return records;
}

Result<bool> delete_backup(Connection& sql, const std::string& id) {
  return KATIP_TRY(run_statement(sql, "delete_backup", {id})).affected_count() != 0;
}

}  // namespace katip::store
