#include "app/uploads.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/utf8.h"

/// A file may be longer than its row says, when a server died in between: the next piece is written
/// over that.
///
/// Tested by uploads_test.cc and tests/e2e/test_uploads.py.
namespace katip::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFileNameSizeMax = 500;
constexpr std::size_t kMediaTypeSizeMax = 127;
constexpr std::size_t kCopyPiece = 1 << 20;
constexpr const char* kPart = R"({"concat": "partial"})";

std::optional<std::string> cut(const std::string& text, std::size_t size_max) {
  if (text.empty()) return std::nullopt;
  return text.substr(0, cut_size(text, size_max));
}

Status write_all(int descriptor, std::string_view bytes, std::int64_t offset,
                 const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(descriptor, bytes.data(), bytes.size(), offset);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return std::unexpected(own_file_error("write", path, errno));
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += written;
  }
  return {};
}

/// The whole file behind what the writer has.
Status append_file(const fs::path& path, UploadWriter& writer) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::unexpected(own_file_error("read", path, errno));
  std::string buffer(kCopyPiece, '\0');
  Status status;
  ssize_t got = 0;
  while (status && (got = ::read(descriptor, buffer.data(), buffer.size())) > 0) {
    status = writer.write(std::string_view(buffer).substr(0, static_cast<std::size_t>(got)));
  }
  if (status && got < 0) status = std::unexpected(own_file_error("read", path, errno));
  ::close(descriptor);
  return status;
}

}  // namespace

UploadWriter::UploadWriter(Uploads& uploads, Upload upload, int descriptor)
    : uploads_(uploads),
      upload_(std::move(upload)),
      descriptor_(descriptor),
      end_(upload_.received_size) {}

UploadWriter::~UploadWriter() {
  if (descriptor_ >= 0) ::close(descriptor_);
  uploads_.unlock(upload_.id);
}

Status UploadWriter::write(std::string_view bytes) {
  const std::int64_t limit = upload_.size.value_or(uploads_.options_.size_max);
  if (end_ + static_cast<std::int64_t>(bytes.size()) > limit) {
    return fail(ErrorCode::kTooLarge, fmt::format("the upload has {} bytes and no more", limit));
  }
  KATIP_TRY(write_all(descriptor_, bytes, end_, uploads_.path_of(upload_)));
  end_ += static_cast<std::int64_t>(bytes.size());
  return {};
}

Result<Upload> UploadWriter::finish() {
  if (::fdatasync(descriptor_) != 0) {
    return std::unexpected(own_file_error("write", uploads_.path_of(upload_), errno));
  }
  return uploads_.keep(upload_, end_);
}

void UploadWriter::discard() { end_ = upload_.received_size; }

Uploads::Uploads(store::Pool& pool, const Clock& clock, Rng& rng, fs::path data_dir,
                 UploadOptions options)
    : pool_(pool),
      clock_(clock),
      ids_(clock, rng),
      data_dir_(std::move(data_dir)),
      options_(options) {}

fs::path Uploads::path_of(const Upload& upload) const { return data_dir_ / upload.storage_key; }

bool Uploads::is_part(const Upload& upload) { return upload.metadata.contains("partial"); }

Result<Upload> Uploads::create(const Principal& principal, const UploadRequest& request,
                               std::stop_token stop) {
  if (request.size.value_or(0) > options_.size_max) {
    return fail(ErrorCode::kTooLarge,
                fmt::format("an upload may have {} bytes", options_.size_max));
  }
  const std::string id = ids_.next();
  const auto now = store::to_timestamp(clock_.calendar());
  store::NewUpload row{.id = id,
                       .size = request.size,
                       .file_name = cut(request.file_name, kFileNameSizeMax),
                       .media_type = cut(request.media_type, kMediaTypeSizeMax),
                       .storage_key = "uploads/" + id,
                       .metadata = request.is_part ? kPart : "{}",
                       .created_at = now,
                       .expires_at = now + options_.keep_for};
  if (principal.kind == PrincipalKind::kApiKey) row.api_key_id = principal.id;
  if (!principal.owner.empty()) row.submitted_by = principal.owner;
  const fs::path path = data_dir_ / row.storage_key;
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return std::unexpected(own_file_error("create", path, errno));
  ::close(descriptor);
  if (const Status inserted = insert(row, stop); !inserted) {
    fs::remove(path, error);
    return std::unexpected(inserted.error());
  }
  return find(principal, id, stop);
}

Status Uploads::insert(const store::NewUpload& row, std::stop_token stop) {
  const store::PooledConnection sql = KATIP_TRY(pool_.acquire(stop));
  KATIP_TRY(store::insert_upload(*sql, row));
  if (row.size == 0) {
    KATIP_TRY(store::advance_upload(*sql, row.id, 0, 0, row.created_at, row.expires_at));
  }
  return {};
}

Result<Upload> Uploads::find(const Principal& principal, std::string_view id,
                             std::stop_token stop) {
  const store::PooledConnection sql = KATIP_TRY(pool_.acquire(stop));
  auto upload = KATIP_TRY(store::find_upload(*sql, id));
  const bool is_there = upload && principal.sees(upload->submitted_by.value_or("")) &&
                        upload->expires_at > store::to_timestamp(clock_.calendar());
  if (!is_there) return fail(ErrorCode::kNotFound, "there is no such upload");
  return *std::move(upload);
}

Result<std::unique_ptr<UploadWriter>> Uploads::open(const Principal& principal, std::string_view id,
                                                    std::int64_t offset, std::stop_token stop) {
  const std::string name(id);
  if (!lock(name)) return fail(ErrorCode::kOverloaded, "somebody else writes to this upload now");
  auto upload = find(principal, id, stop);
  if (upload && upload->received_size != offset) {
    upload = fail(ErrorCode::kConflict, fmt::format("the upload stands at {} and not at {}",
                                                    upload->received_size, offset));
  } else if (upload && upload->status != UploadStatus::kReceiving && upload->size != offset) {
    upload = fail(ErrorCode::kConflict, "the upload is complete");
  }
  if (!upload) {
    unlock(name);
    return std::unexpected(upload.error());
  }
  const fs::path path = path_of(*upload);
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) {
    unlock(name);
    return std::unexpected(own_file_error("open", path, errno));
  }
  // Another server on the same data may be writing, or may have written since we looked.
  const bool is_ours = ::flock(descriptor, LOCK_EX | LOCK_NB) == 0;
  upload = is_ours ? find(principal, id, stop) : std::move(upload);
  if (!is_ours || !upload || upload->received_size != offset) {
    ::close(descriptor);
    unlock(name);
    if (is_ours && !upload) return std::unexpected(upload.error());
    return is_ours ? fail(ErrorCode::kConflict, "the upload stands elsewhere by now")
                   : fail(ErrorCode::kOverloaded, "somebody else writes to this upload now");
  }
  return std::unique_ptr<UploadWriter>(new UploadWriter(*this, *std::move(upload), descriptor));
}

Result<Upload> Uploads::keep(const Upload& upload, std::int64_t end) {
  const store::PooledConnection sql = KATIP_TRY(pool_.acquire({}));
  if (upload.status == UploadStatus::kReceiving) {
    const auto now = store::to_timestamp(clock_.calendar());
    const bool is_ours = KATIP_TRY(store::advance_upload(*sql, upload.id, upload.received_size, end,
                                                         now, now + options_.keep_for));
    if (!is_ours) return fail(ErrorCode::kConflict, "the upload was changed or deleted meanwhile");
  }
  auto found = KATIP_TRY(store::find_upload(*sql, upload.id));
  if (!found) return fail(ErrorCode::kNotFound, "the upload was deleted meanwhile");
  return *std::move(found);
}

Status Uploads::set_size(const Principal& principal, std::string_view id, std::int64_t size,
                         std::stop_token stop) {
  KATIP_TRY(find(principal, id, stop));
  if (size > options_.size_max) {
    return fail(ErrorCode::kTooLarge,
                fmt::format("an upload may have {} bytes", options_.size_max));
  }
  const store::PooledConnection sql = KATIP_TRY(pool_.acquire(stop));
  const auto now = store::to_timestamp(clock_.calendar());
  const bool is_set = KATIP_TRY(store::set_upload_size(*sql, id, size, now));
  return is_set ? Status{} : fail(ErrorCode::kConflict, "the size of the upload is known already");
}

Result<Upload> Uploads::join(const Principal& principal, const std::vector<std::string>& ids,
                             const UploadRequest& request, std::stop_token stop) {
  std::vector<Upload> parts;
  UploadRequest whole = request;
  whole.size = 0;
  for (const std::string& id : ids) {
    parts.push_back(KATIP_TRY(find(principal, id, stop)));
    if (!is_part(parts.back()) || parts.back().status != UploadStatus::kCompleted) {
      return fail(ErrorCode::kConflict, "the upload " + id + " is no complete part");
    }
    *whole.size += *parts.back().size;
  }
  const Upload upload = KATIP_TRY(create(principal, whole, stop));
  if (*whole.size == 0) return upload;
  const auto writer = KATIP_TRY(open(principal, upload.id, 0, stop));
  for (const Upload& part : parts) KATIP_TRY(append_file(path_of(part), *writer));
  return writer->finish();
}

Status Uploads::remove(const Principal& principal, std::string_view id, std::stop_token stop) {
  const Upload upload = KATIP_TRY(find(principal, id, stop));
  const store::PooledConnection sql = KATIP_TRY(pool_.acquire(stop));
  KATIP_TRY(store::delete_upload(*sql, id));
  std::error_code ignored;  // One that is used has none any more.
  fs::remove(path_of(upload), ignored);
  return {};
}

Status Uploads::use(store::Connection& sql, const Upload& upload,
                    std::string_view job_row_id) const {
  const auto now = store::to_timestamp(clock_.calendar());
  const bool is_ours = KATIP_TRY(store::use_upload(sql, upload.id, job_row_id, now));
  return is_ours ? Status{}
                 : fail(ErrorCode::kConflict, "the upload is not complete or used already");
}

bool Uploads::lock(const std::string& id) {
  return busy_.with_lock([&](std::set<std::string>& busy) { return busy.insert(id).second; });
}

void Uploads::unlock(const std::string& id) {
  busy_.with_lock([&](std::set<std::string>& busy) { busy.erase(id); });
}

Result<std::int64_t> delete_expired_uploads(store::Pool& pool, const Clock& clock,
                                            const fs::path& data_dir, std::stop_token stop) {
  constexpr int kPiece = 100;
  std::int64_t count = 0;
  while (true) {
    const store::PooledConnection sql = KATIP_TRY(pool.acquire(stop));
    const auto uploads = KATIP_TRY(
        store::delete_expired_uploads(*sql, store::to_timestamp(clock.calendar()), kPiece));
    std::error_code ignored;
    for (const Upload& upload : uploads) fs::remove(data_dir / upload.storage_key, ignored);
    count += static_cast<std::int64_t>(uploads.size());
    if (uploads.size() < kPiece) return count;
  }
}

}  // namespace katip::app
