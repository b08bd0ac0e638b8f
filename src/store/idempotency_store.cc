#include "store/idempotency_store.h"

#include "store/queries.h"
#include "store/row_fields.h"

/// The statements are in sqlite/accounts.sql and postgres/accounts.sql.
///
/// Tested by conformance/idempotency_test.cc on both databases.
namespace katip::store {

Result<bool> take_idempotency_key(Connection& sql, const IdempotencyRecord& record,
                                  Timestamp abandoned_before) {
  const Rows rows = KATIP_TRY(
      run_statement(sql, "take_idempotency_key",
                    {record.scope, record.key, record.request_hash, to_text(record.created_at),
                     to_text(record.expires_at), to_text(abandoned_before)}));
  return !rows.empty();
}

Result<std::optional<IdempotencyRecord>> find_idempotency_key(Connection& sql,
                                                              std::string_view scope,
                                                              std::string_view key) {
  const Rows rows = KATIP_TRY(run_statement(sql, "find_idempotency_key", {scope, key}));
  if (rows.empty()) return std::optional<IdempotencyRecord>();
  const Row row = rows[0];
  IdempotencyRecord record;
  record.scope = KATIP_TRY(row.get<std::string>("scope"));
  record.key = KATIP_TRY(row.get<std::string>("idempotency_key"));
  record.request_hash = KATIP_TRY(row.get<std::string>("request_hash"));
  record.created_at = KATIP_TRY(time_of(row, "created_at"));
  record.expires_at = KATIP_TRY(time_of(row, "expires_at"));
  record.response_status = KATIP_TRY(optional_int_of(row, "response_status"));
  record.response_type = KATIP_TRY(row.get<std::optional<std::string>>("response_type"));
  record.response_location = KATIP_TRY(row.get<std::optional<std::string>>("response_location"));
  record.response_body = KATIP_TRY(row.get<std::optional<std::string>>("response_body"));
  return std::optional(std::move(record));
}

Result<bool> finish_idempotency_key(Connection& sql, const IdempotencyRecord& record) {
  const Rows rows = KATIP_TRY(
      run_statement(sql, "finish_idempotency_key",
                    {record.scope, record.key, to_text(record.created_at), record.response_status,
                     record.response_type, record.response_body, record.response_location}));
  return rows.affected_count() > 0;
}

Result<bool> release_idempotency_key(Connection& sql, const IdempotencyRecord& record) {
  const Rows rows = KATIP_TRY(run_statement(
      sql, "release_idempotency_key", {record.scope, record.key, to_text(record.created_at)}));
  return rows.affected_count() > 0;
}

Result<std::int64_t> prune_idempotency_keys(Connection& sql, Timestamp now) {
  return KATIP_TRY(run_statement(sql, "prune_idempotency_keys", {to_text(now)})).affected_count();
}

}  // namespace katip::store
