#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/connection.h"
#include "store/timestamp.h"

/// The rows of idempotency_keys: requests that may be sent again, and what they were answered.
///
/// Errors: those of Connection; kCorruptData for a row that cannot be read.
namespace katip::store {

struct IdempotencyRecord {
  std::string scope;         ///< Whose key, on which route; 1 to 128 characters.
  std::string key;           ///< As sent; 1 to 255 characters.
  std::string request_hash;  ///< SHA-256, 64 hexadecimal digits.
  Timestamp created_at;      ///< When its owner began; names the owner too.
  Timestamp expires_at;
  std::optional<int> response_status = {};  ///< Nothing: in progress.
  std::optional<std::string> response_type = {};
  std::optional<std::string> response_location = {};
  std::optional<std::string> response_body = {};
};

/// Takes the key: one that is new, has expired, or whose owner of the same request began before
/// `abandoned_before` and never finished. True for exactly one of those who ask at the same time.
Result<bool> take_idempotency_key(Connection& sql, const IdempotencyRecord& record,
                                  Timestamp abandoned_before);
Result<std::optional<IdempotencyRecord>> find_idempotency_key(Connection& sql,
                                                              std::string_view scope,
                                                              std::string_view key);
/// Keeps the answer. False: another owner has taken the key over since `created_at`.
Result<bool> finish_idempotency_key(Connection& sql, const IdempotencyRecord& record);
/// Forgets a key in progress, so that the request can be sent again.
Result<bool> release_idempotency_key(Connection& sql, const IdempotencyRecord& record);
Result<std::int64_t> prune_idempotency_keys(Connection& sql, Timestamp now);

}  // namespace katip::store
