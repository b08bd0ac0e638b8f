#include "store/audit_store.h"

#include "base/uuid.h"
#include "store/queries.h"
#include "store/row_fields.h"

/// The statements are in sqlite/accounts.sql and postgres/accounts.sql.
///
/// Tested by conformance/audit_test.cc on both databases.
namespace katip::store {
namespace {

constexpr int kPageSizeMax = 1'000;

Result<AuditRecord> to_record(const Row& row) {
  AuditRecord record;
  record.id = KATIP_TRY(row.get<std::string>("id"));
  record.actor_kind = KATIP_TRY(row.get<std::string>("actor_kind"));
  record.actor = KATIP_TRY(row.get<std::string>("actor"));
  record.action = KATIP_TRY(row.get<std::string>("action"));
  record.target_kind = KATIP_TRY(row.get<std::optional<std::string>>("target_kind"));
  record.target_id = KATIP_TRY(row.get<std::optional<std::string>>("target_id"));
  record.request_id = KATIP_TRY(row.get<std::optional<std::string>>("request_id"));
  record.ip = KATIP_TRY(row.get<std::optional<std::string>>("ip"));
  record.created_at = KATIP_TRY(time_of(row, "created_at"));
  record.details = KATIP_TRY(row.get<std::string>("details"));
  return record;
}

}  // namespace

Status insert_audit_record(Connection& sql, const AuditRecord& record) {
  KATIP_TRY(run_statement(sql, "insert_audit_record",
                          {record.id, record.actor_kind, record.actor, record.action,
                           record.target_kind, record.target_id, record.request_id, record.ip,
                           to_text(record.created_at), record.details}));
  return {};
}

Result<std::vector<AuditRecord>> list_audit_records(Connection& sql, const AuditFilter& filter,
                                                    int count_max) {
  if (count_max < 1 || count_max > kPageSizeMax) {
    return fail(ErrorCode::kInvalidArgument, "a page has 1 to 1,000 records");
  }
  if (filter.after && !is_uuid(*filter.after)) {
    return fail(ErrorCode::kInvalidArgument, "the place to go on from is no id of a record");
  }
  const Rows rows =
      KATIP_TRY(run_statement(sql, "list_audit_records",
                              {filter.actor, filter.action, filter.target_kind, filter.target_id,
                               filter.after, optional_time_value(filter.created_from),
                               optional_time_value(filter.created_before), count_max}));
  std::vector<AuditRecord> records;
  for (const Row row : rows) records.push_back(KATIP_TRY(to_record(row)));
  return records;
}

Result<std::int64_t> prune_audit_records(Connection& sql, Timestamp before, int count_max) {
  return KATIP_TRY(run_statement(sql, "prune_audit_records", {to_text(before), count_max}))
      .affected_count();
}

}  // namespace katip::store
