#include "store/key_store.h"

#include <boost/json.hpp>

#include "base/uuid.h"
#include "store/queries.h"
#include "store/row_fields.h"

/// The statements are in sqlite/accounts.sql and postgres/accounts.sql.
///
/// Tested by conformance/keys_test.cc on both databases.
namespace katip::store {
namespace {

constexpr int kPageSizeMax = 1'000;

Result<KeyRecord> to_record(const Row& row) {
  KeyRecord key;
  key.id = KATIP_TRY(row.get<std::string>("id"));
  key.name = KATIP_TRY(row.get<std::string>("name"));
  key.key_prefix = KATIP_TRY(row.get<std::string>("key_prefix"));
  key.key_hash = KATIP_TRY(row.get<std::string>("key_hash"));
  key.owner = KATIP_TRY(row.get<std::optional<std::string>>("owner"));
  key.scopes = KATIP_TRY(row.get<std::string>("scopes"));
  key.rate_limit_per_minute = KATIP_TRY(optional_int_of(row, "rate_limit_per_minute"));
  key.daily_audio_seconds_limit = KATIP_TRY(optional_int_of(row, "daily_audio_seconds_limit"));
  key.priority_default = KATIP_TRY(optional_int_of(row, "priority_default"));
  key.is_active = KATIP_TRY(row.get<bool>("is_active"));
  key.expires_at = KATIP_TRY(optional_time_of(row, "expires_at"));
  key.last_used_at = KATIP_TRY(optional_time_of(row, "last_used_at"));
  key.usage_count = KATIP_TRY(row.get<std::int64_t>("usage_count"));
  key.created_at = KATIP_TRY(time_of(row, "created_at"));
  key.updated_at = KATIP_TRY(time_of(row, "updated_at"));
  key.owner_role = KATIP_TRY(row.get<std::optional<std::string>>("owner_role"));
  key.is_owner_active = KATIP_TRY(row.get<std::optional<bool>>("is_owner_active"));
  return key;
}

Result<std::optional<KeyRecord>> first(const Rows& rows) {
  if (rows.empty()) return std::optional<KeyRecord>();
  return std::optional(KATIP_TRY(to_record(rows[0])));
}

}  // namespace

Status insert_key(Connection& sql, const KeyRecord& key) {
  KATIP_TRY(
      run_statement(sql, "insert_api_key",
                    {key.id, key.name, key.key_prefix, key.key_hash, key.owner, key.scopes,
                     key.rate_limit_per_minute, key.daily_audio_seconds_limit, key.priority_default,
                     key.is_active, optional_time_value(key.expires_at), to_text(key.created_at)}));
  return {};
}

Result<std::optional<KeyRecord>> find_key(Connection& sql, std::string_view id) {
  if (!is_uuid(id)) return std::optional<KeyRecord>();
  return first(KATIP_TRY(run_statement(sql, "find_api_key", {id})));
}

Result<std::optional<KeyRecord>> find_key_by_prefix(Connection& sql, std::string_view prefix) {
  return first(KATIP_TRY(run_statement(sql, "find_api_key_by_prefix", {prefix})));
}

Result<std::vector<KeyRecord>> list_keys(Connection& sql, const KeyFilter& filter, int count_max) {
  if (count_max < 1 || count_max > kPageSizeMax) {
    return fail(ErrorCode::kInvalidArgument, "a page has 1 to 1,000 keys");
  }
  if (filter.after && !is_uuid(*filter.after)) {
    return fail(ErrorCode::kInvalidArgument, "the place to go on from is no id of a key");
  }
  const Rows rows =
      KATIP_TRY(run_statement(sql, "list_api_keys", {filter.owner, filter.after, count_max}));
  std::vector<KeyRecord> keys;
  for (const Row row : rows) keys.push_back(KATIP_TRY(to_record(row)));
  return keys;
}

Result<bool> change_key(Connection& sql, const KeyRecord& key) {
  if (!is_uuid(key.id)) return false;
  const Rows rows =
      KATIP_TRY(run_statement(sql, "change_api_key",
                              {key.id, key.name, key.scopes, key.rate_limit_per_minute,
                               key.daily_audio_seconds_limit, key.priority_default, key.is_active,
                               optional_time_value(key.expires_at), to_text(key.updated_at)}));
  return rows.affected_count() > 0;
}

Result<bool> delete_key(Connection& sql, std::string_view id) {
  if (!is_uuid(id)) return false;
  return KATIP_TRY(run_statement(sql, "delete_api_key", {id})).affected_count() > 0;
}

Result<std::int64_t> revoke_keys_of(Connection& sql, std::string_view owner, Timestamp now) {
  return KATIP_TRY(run_statement(sql, "revoke_api_keys_of", {owner, to_text(now)}))
      .affected_count();
}

Status add_key_usage(Connection& sql, std::span<const KeyUsage> usage) {
  if (usage.empty()) return {};
  boost::json::array list;
  for (const KeyUsage& key : usage) {
    list.push_back({{"id", key.id}, {"count", key.count}, {"at", to_text(key.last_used_at)}});
  }
  KATIP_TRY(run_statement(sql, "add_api_key_usage", {boost::json::serialize(list)}));
  return {};
}

Result<bool> has_accounts(Connection& sql) {
  const Rows rows = KATIP_TRY(run_statement(sql, "has_accounts"));
  return rows[0].get<bool>(0);
}

Result<std::optional<double>> add_key_audio(Connection& sql, std::string_view id,
                                            std::string_view day, double seconds, double limit) {
  const Rows rows = KATIP_TRY(run_statement(sql, "add_api_key_audio", {id, day, seconds, limit}));
  if (rows.empty()) return std::optional<double>();
  return std::optional(KATIP_TRY(rows[0].get<double>(0)));
}

Result<double> find_key_audio(Connection& sql, std::string_view id, std::string_view day) {
  const Rows rows = KATIP_TRY(run_statement(sql, "find_api_key_audio", {id, day}));
  return rows.empty() ? 0.0 : KATIP_TRY(rows[0].get<double>(0));
}

Result<std::int64_t> prune_key_days(Connection& sql, std::string_view day) {
  return KATIP_TRY(run_statement(sql, "prune_api_key_days", {day})).affected_count();
}

}  // namespace katip::store
