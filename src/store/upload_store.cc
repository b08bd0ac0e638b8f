#include "store/upload_store.h"

#include "base/uuid.h"
#include "store/queries.h"
#include "store/row_fields.h"

/// Tested by conformance/uploads_test.cc.
namespace katip::store {
namespace {

std::string_view query(Connection& sql, std::string_view name) {
  return Queries::of(sql.dialect()).get(name);
}

Result<UploadStatus> parse_status(const std::string& text) {
  if (text == "receiving") return UploadStatus::kReceiving;
  if (text == "completed") return UploadStatus::kCompleted;
  if (text == "used") return UploadStatus::kUsed;
  return fail(ErrorCode::kCorruptData, "an upload has a status that is none");
}

Result<UploadRecord> to_record(const Row& row) {
  UploadRecord upload;
  upload.id = KATIP_TRY(row.get<std::string>("id"));
  const std::string status = KATIP_TRY(row.get<std::string>("status"));
  upload.status = KATIP_TRY(parse_status(status));
  upload.size = KATIP_TRY(row.get<std::optional<std::int64_t>>("size"));
  upload.received_size = KATIP_TRY(row.get<std::int64_t>("received_size"));
  upload.file_name = KATIP_TRY(row.get<std::optional<std::string>>("file_name"));
  upload.media_type = KATIP_TRY(row.get<std::optional<std::string>>("media_type"));
  upload.submitted_by = KATIP_TRY(row.get<std::optional<std::string>>("submitted_by"));
  upload.api_key_id = KATIP_TRY(row.get<std::optional<std::string>>("api_key_id"));
  upload.storage_key = KATIP_TRY(row.get<std::string>("storage_key"));
  upload.metadata = KATIP_TRY(row.get<std::string>("metadata"));
  upload.created_at = KATIP_TRY(time_of(row, "created_at"));
  upload.expires_at = KATIP_TRY(time_of(row, "expires_at"));
  return upload;
}

Result<bool> changes_one(Connection& sql, std::string_view name,
                         std::initializer_list<Value> parameters) {
  const Rows rows = KATIP_TRY(sql.query(query(sql, name), parameters));
  return rows.affected_count() == 1;
}

}  // namespace

Status insert_upload(Connection& sql, const NewUpload& upload) {
  KATIP_TRY(sql.query(query(sql, "insert_upload"),
                      {upload.id, upload.size, upload.file_name, upload.media_type,
                       upload.storage_key, upload.api_key_id, upload.submitted_by, upload.metadata,
                       to_text(upload.created_at), to_text(upload.expires_at)}));
  return {};
}

Result<std::optional<UploadRecord>> find_upload(Connection& sql, std::string_view id) {
  if (!is_uuid(id)) return std::optional<UploadRecord>();
  const Rows rows = KATIP_TRY(sql.query(query(sql, "find_upload"), {std::string(id)}));
  if (rows.empty()) return std::optional<UploadRecord>();
  return std::optional(KATIP_TRY(to_record(rows[0])));
}

Result<bool> set_upload_size(Connection& sql, std::string_view id, std::int64_t size,
                             Timestamp now) {
  return changes_one(sql, "set_upload_size", {std::string(id), size, to_text(now)});
}

Result<bool> advance_upload(Connection& sql, std::string_view id, std::int64_t from,
                            std::int64_t to, Timestamp now, Timestamp expires_at) {
  return changes_one(sql, "advance_upload",
                     {std::string(id), from, to, to_text(now), to_text(expires_at)});
}

Result<bool> use_upload(Connection& sql, std::string_view id, std::string_view job_row_id,
                        Timestamp now) {
  return changes_one(sql, "use_upload", {std::string(id), std::string(job_row_id), to_text(now)});
}

Result<bool> delete_upload(Connection& sql, std::string_view id) {
  return changes_one(sql, "delete_upload", {std::string(id)});
}

Result<std::int64_t> held_upload_size(Connection& sql, const std::optional<std::string>& owner,
                                      Timestamp now) {
  const Rows rows = KATIP_TRY(sql.query(query(sql, "held_upload_size"), {owner, to_text(now)}));
  return rows[0].get<std::int64_t>(0);
}

Result<std::vector<UploadRecord>> delete_expired_uploads(Connection& sql, Timestamp now,
                                                         int count_max) {
  const Rows rows =
      KATIP_TRY(sql.query(query(sql, "delete_expired_uploads"), {to_text(now), count_max}));
  std::vector<UploadRecord> uploads;
  for (const Row row : rows) uploads.push_back(KATIP_TRY(to_record(row)));
  return uploads;
}

}  // namespace katip::store
