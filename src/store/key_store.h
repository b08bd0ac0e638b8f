#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/connection.h"
#include "store/timestamp.h"

/// The rows of api_keys and what each key has used. The secret half of a key is never here, only
/// its SHA-256.
///
/// Errors: those of Connection; kCorruptData for a row that cannot be read.
namespace katip::store {

struct KeyRecord {
  std::string id = {};          ///< A uuid made by the caller.
  std::string name = {};        ///< For people; 1 to 200 characters.
  std::string key_prefix = {};  ///< The public half, unique; 4 to 32 characters.
  std::string key_hash = {};    ///< SHA-256 of the whole key, 64 hexadecimal digits.
  std::optional<std::string> owner = {};
  std::string scopes = "[]";  ///< A JSON array of texts.
  std::optional<int> rate_limit_per_minute = {};
  std::optional<int> daily_audio_seconds_limit = {};
  std::optional<int> priority_default = {};  ///< 0 to 10.
  bool is_active = true;
  std::optional<Timestamp> expires_at = {};
  std::optional<Timestamp> last_used_at = {};
  std::int64_t usage_count = 0;
  Timestamp created_at = {};
  Timestamp updated_at = {};
  /// Of the user whose login is the owner, if there is one; read only.
  std::optional<std::string> owner_role = {};
  std::optional<bool> is_owner_active = {};
};

/// Errors: kConflict when the prefix or the hash is there already.
Status insert_key(Connection& sql, const KeyRecord& key);
Result<std::optional<KeyRecord>> find_key(Connection& sql, std::string_view id);
Result<std::optional<KeyRecord>> find_key_by_prefix(Connection& sql, std::string_view prefix);

struct KeyFilter {
  std::optional<std::string> owner = {};  ///< Nothing: of everybody.
  std::optional<std::string> after = {};  ///< Goes on behind this id.
};
/// The newest first. Errors: kInvalidArgument when count_max is not 1 to 1,000.
Result<std::vector<KeyRecord>> list_keys(Connection& sql, const KeyFilter& filter, int count_max);

/// Writes name, scopes, limits, priority, is_active and expires_at of an existing key. False: it is
/// not there.
Result<bool> change_key(Connection& sql, const KeyRecord& key);
Result<bool> delete_key(Connection& sql, std::string_view id);
/// Makes all keys of an owner inactive, and says how many.
Result<std::int64_t> revoke_keys_of(Connection& sql, std::string_view owner, Timestamp now);

struct KeyUsage {
  std::string id;
  std::int64_t count = 0;
  Timestamp last_used_at;
};
/// Adds to the counts of many keys in one statement; keys that are gone are left out.
Status add_key_usage(Connection& sql, std::span<const KeyUsage> usage);

/// Whether there is any user, or any key that was not revoked.
Result<bool> has_accounts(Connection& sql);

/// Adds to what a key has used on a day ("2026-03-01") unless it had used `limit` or more before.
/// Gives what it has used now; nothing: it had used it up, or there is no such key any more.
Result<std::optional<double>> add_key_audio(Connection& sql, std::string_view id,
                                            std::string_view day, double seconds, double limit);
Result<double> find_key_audio(Connection& sql, std::string_view id, std::string_view day);
/// Forgets days before this one.
Result<std::int64_t> prune_key_days(Connection& sql, std::string_view day);

}  // namespace katip::store
