#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/connection.h"
#include "store/timestamp.h"

/// The rows of resumable uploads: how much of a file is here for sure.
///
/// Errors: those of Connection; kCorruptData for a row that cannot be read.
namespace katip::store {

enum class UploadStatus {
  kReceiving,
  kCompleted,  ///< All of it is here.
  kUsed,       ///< It became the recording of a job.
};

struct NewUpload {
  std::string id;                         ///< A uuid made by the caller.
  std::optional<std::int64_t> size = {};  ///< Bytes; nothing: it will be told later.
  std::optional<std::string> file_name = {};
  std::optional<std::string> media_type = {};
  std::string storage_key;  ///< Of the file, relative to the data folder.
  std::optional<std::string> api_key_id = {};
  std::optional<std::string> submitted_by = {};
  std::string metadata = "{}";  ///< A JSON object.
  Timestamp created_at = {};
  Timestamp expires_at = {};
};

struct UploadRecord {
  std::string id;
  UploadStatus status = UploadStatus::kReceiving;
  std::optional<std::int64_t> size;
  std::int64_t received_size = 0;
  std::optional<std::string> file_name, media_type, submitted_by, api_key_id;
  std::string storage_key, metadata;
  Timestamp created_at, expires_at;
};

Status insert_upload(Connection& sql, const NewUpload& upload);
Result<std::optional<UploadRecord>> find_upload(Connection& sql, std::string_view id);
/// Once. False: it is known already, or less than what is here.
Result<bool> set_upload_size(Connection& sql, std::string_view id, std::int64_t size,
                             Timestamp now);
/// From one size to a larger one; complete when it reaches the whole. False: somebody else has
/// brought it elsewhere meanwhile.
Result<bool> advance_upload(Connection& sql, std::string_view id, std::int64_t from,
                            std::int64_t to, Timestamp now, Timestamp expires_at);
/// False: it is not complete, or used already.
Result<bool> use_upload(Connection& sql, std::string_view id, std::string_view job_row_id,
                        Timestamp now);
Result<bool> delete_upload(Connection& sql, std::string_view id);
/// Bytes that uploads of an owner (nothing: of nobody) have or will have, but for those that became
/// jobs.
Result<std::int64_t> held_upload_size(Connection& sql, const std::optional<std::string>& owner,
                                      Timestamp now);
/// Takes the rows of those whose time has come and gives them, for their files.
Result<std::vector<UploadRecord>> delete_expired_uploads(Connection& sql, Timestamp now,
                                                         int count_max);

}  // namespace katip::store
