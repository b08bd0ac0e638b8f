#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/connection.h"
#include "store/timestamp.h"

/// The rows of audit_log: who did what to what. They are never changed.
///
/// Errors: those of Connection; kCorruptData for a row that cannot be read.
namespace katip::store {

struct AuditRecord {
  std::string id = {};          ///< A uuid made by the caller; rises with time.
  std::string actor_kind = {};  ///< user, api_key, command, system.
  std::string actor = {};       ///< 1 to 200 characters.
  std::string action = {};      ///< 1 to 100 characters.
  std::optional<std::string> target_kind = {};
  std::optional<std::string> target_id = {};
  std::optional<std::string> request_id = {};
  std::optional<std::string> ip = {};
  Timestamp created_at = {};
  std::string details = "{}";  ///< A JSON object.
};

/// Everything that is set has to hold.
struct AuditFilter {
  std::optional<std::string> actor = {};
  std::optional<std::string> action = {};
  std::optional<std::string> target_kind = {};
  std::optional<std::string> target_id = {};
  std::optional<Timestamp> created_from = {};
  std::optional<Timestamp> created_before = {};
  std::optional<std::string> after = {};  ///< Goes on behind this id.
};

Status insert_audit_record(Connection& sql, const AuditRecord& record);
/// The newest first. Errors: kInvalidArgument when count_max is not 1 to 1,000.
Result<std::vector<AuditRecord>> list_audit_records(Connection& sql, const AuditFilter& filter,
                                                    int count_max);
Result<std::int64_t> prune_audit_records(Connection& sql, Timestamp before, int count_max);

}  // namespace katip::store
