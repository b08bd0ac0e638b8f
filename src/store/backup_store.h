#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/connection.h"
#include "store/timestamp.h"

/// The rows of `backups`: what is known in the database of the backups that were made. The backups
/// themselves are files, and theirs is the last word: a restored database knows none that were made
/// after it.
///
/// Errors: those of Connection; kCorruptData for a row that cannot be read.
namespace katip::store {

struct BackupRecord {
  std::string id;             ///< A uuid made by the caller; rises with time.
  std::string kind;           ///< daily, weekly, monthly, manual, safety.
  std::string status;         ///< running, completed, verified, failed.
  std::string database_kind;  ///< sqlite, postgresql.
  std::string file_name;      ///< Of all backups only this one has it.
  std::optional<std::int64_t> size = {};
  std::optional<std::string> sha256 = {};  ///< Of its database.
  std::optional<std::string> schema_head = {};
  bool is_encrypted = false;
  Timestamp started_at = {};
  std::optional<Timestamp> completed_at = {}, verified_at = {};
  std::optional<std::string> error = {};
  std::string row_counts = "{}";  ///< A JSON object.
  /// How many recordings it has, and their bytes; nothing: none came along.
  std::optional<std::int64_t> media_count = {}, media_size = {};
};

/// Writes a row, over the one of this id if there is one.
Status put_backup(Connection& sql, const BackupRecord& record);
Result<std::optional<BackupRecord>> find_backup(Connection& sql, const std::string& id);
/// The newest first; at most 1 to 1,000.
Result<std::vector<BackupRecord>> list_backups(Connection& sql, int count_max);
Result<bool> delete_backup(Connection& sql, const std::string& id);

}  // namespace katip::store
