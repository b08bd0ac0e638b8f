#include "app/uploads.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/utf8.h"
#include "base/uuid.h"

/// A file may be longer than its row says, when a server died in between: the next piece is written
/// over that.
///
/// Tested by uploads_test.cc and tests/e2e/test_uploads.py.
namespace katip::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFileNameSizeMax = 500;
constexpr std::size_t kMediaTypeSizeMax = 127;
constexpr int kJoinCountMax = 2;  // At a time: each of them holds a thread and the disk.

std::string key_of(const std::string& id) { return "uploads/" + id; }

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

Status copy_bytes(int from, int to, std::int64_t offset, const fs::path& path) {
  std::string buffer(1 << 20, '\0');
  ssize_t got = 0;
  while ((got = ::read(from, buffer.data(), buffer.size())) > 0) {
    KATIP_TRY(write_all(to, std::string_view(buffer).substr(0, static_cast<std::size_t>(got)),
                        offset, path));
    offset += got;
  }
  return got == 0 ? Status{} : std::unexpected(own_file_error("read", path, errno));
}

/// Without the bytes coming through this process, where the file system can do that.
Status copy_file(int from, int to, std::int64_t offset, const fs::path& path,
                 const std::stop_token& stop) {
  constexpr std::size_t kPiece = 64 << 20;
  while (true) {
    if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "stopped while joining");
    off64_t at = offset;
    const ssize_t copied = ::copy_file_range(from, nullptr, to, &at, kPiece, 0);
    if (copied < 0 && errno == EINTR) continue;
    if (copied < 0 && (errno == EXDEV || errno == EOPNOTSUPP || errno == ENOSYS)) {
      return copy_bytes(from, to, offset, path);
    }
    if (copied < 0) return std::unexpected(own_file_error("write", path, errno));
    if (copied == 0) return {};
    offset += copied;
  }
}

/// One of the few who copy gigabytes at a time.
class Place {
 public:
  Place(std::atomic<int>& count, int count_max)
      : count_(count), is_mine_(count.fetch_add(1) < count_max) {}
  ~Place() { --count_; }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  [[nodiscard]] bool is_mine() const { return is_mine_; }

 private:
  std::atomic<int>& count_;
  const bool is_mine_;
};

/// What is complete from its beginning stays as it was joined.
Status refuse_joined(const Upload& upload) {
  const bool is_joined = upload.status != UploadStatus::kReceiving &&
                         !parse_upload_notes(upload.metadata).joined_from.empty();
  return is_joined ? fail(ErrorCode::kPermissionDenied,
                          "the upload was joined of others, and takes no bytes of its own")
                   : Status{};
}

std::string megabytes(std::int64_t bytes) { return fmt::format("{} MB", bytes >> 20); }

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

Status UploadWriter::append(const Upload& part, const std::stop_token& stop) {
  const fs::path path = uploads_.path_of(part);
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::unexpected(own_file_error("read", path, errno));
  const Status status = copy_file(descriptor, descriptor_, end_, uploads_.path_of(upload_), stop);
  ::close(descriptor);
  if (status) end_ += part.received_size;
  return status;
}

Result<Upload> UploadWriter::finish() {
  if (::fdatasync(descriptor_) != 0) {
    return std::unexpected(own_file_error("write", uploads_.path_of(upload_), errno));
  }
  return uploads_.keep(upload_, end_);
}

void UploadWriter::discard() { end_ = upload_.received_size; }

Status UploadWriter::withdraw() { return uploads_.erase(upload_, {}); }

Uploads::Uploads(store::Pool& pool, const Clock& clock, Rng& rng, fs::path data_dir,
                 UploadOptions options)
    : pool_(pool),
      clock_(clock),
      ids_(clock, rng),
      data_dir_(std::move(data_dir)),
      options_(options) {}

fs::path Uploads::path_of(const Upload& upload) const { return data_dir_ / upload.storage_key; }

Result<std::optional<std::string>> Uploads::shortage(const Principal& principal,
                                                     std::int64_t wanted, std::stop_token stop) {
  std::error_code error;
  const fs::space_info space = fs::space(data_dir_, error);
  if (!error && static_cast<std::int64_t>(space.available) - wanted < options_.free_size_min) {
    return fmt::format(
        "the disk has {} left, of which {} stay free (uploads.free_mb_min): delete recordings, or "
        "ask the operator for room",
        megabytes(static_cast<std::int64_t>(space.available)), megabytes(options_.free_size_min));
  }
  if (options_.quota == 0) return std::nullopt;
  const auto owner = principal.owner.empty() ? std::nullopt : std::optional(principal.owner);
  const store::PooledConnection sql = KATIP_TRY(pool_.acquire(std::move(stop)));
  const std::int64_t held =
      KATIP_TRY(store::held_upload_size(*sql, owner, store::to_timestamp(clock_.calendar())));
  if (held + wanted <= options_.quota) return std::nullopt;
  return fmt::format(
      "your uploads hold {} of the {} that an owner may have (uploads.quota_mb): make jobs of "
      "them, "
      "or delete some",
      megabytes(held), megabytes(options_.quota));
}

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
                       .storage_key = key_of(id),
                       .metadata = write_upload_notes(request.notes),
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
  if (!is_uuid(name)) return fail(ErrorCode::kNotFound, "there is no such upload");
  if (!lock(name)) return fail(ErrorCode::kOverloaded, "somebody else writes to this upload now");
  // The file first: another server on the same data may be writing, or may have written since.
  const int descriptor = ::open((data_dir_ / key_of(name)).c_str(), O_WRONLY | O_CLOEXEC);
  const int error_number = errno;
  Result<Upload> upload = fail(ErrorCode::kOverloaded, "somebody else writes to this upload now");
  if (descriptor < 0 || ::flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
    upload = find_at(principal, name, offset, std::move(stop));
  }
  if (upload && descriptor < 0) {
    upload = std::unexpected(own_file_error("open", path_of(*upload), error_number));
  }
  if (!upload) {
    if (descriptor >= 0) ::close(descriptor);
    unlock(name);
    return std::unexpected(upload.error());
  }
  return std::unique_ptr<UploadWriter>(new UploadWriter(*this, *std::move(upload), descriptor));
}

Result<Upload> Uploads::find_at(const Principal& principal, std::string_view id,
                                std::int64_t offset, std::stop_token stop) {
  Upload upload = KATIP_TRY(find(principal, id, std::move(stop)));
  KATIP_TRY(refuse_joined(upload));
  if (upload.received_size != offset) {
    return fail(ErrorCode::kConflict,
                fmt::format("the upload stands at {} and not at {}", upload.received_size, offset));
  }
  if (upload.status != UploadStatus::kReceiving && upload.size != offset) {
    return fail(ErrorCode::kConflict, "the upload is complete");
  }
  return upload;
}

Result<Upload> Uploads::keep(const Upload& upload, std::int64_t end) {
  const store::PooledConnection sql = KATIP_TRY(pool_.acquire({}));
  // Nothing came: that is no reason to keep an upload for another day.
  const bool is_news = end > upload.received_size || upload.size == end;
  if (upload.status == UploadStatus::kReceiving && is_news) {
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
  const Upload upload = KATIP_TRY(find(principal, id, stop));
  KATIP_TRY(refuse_joined(upload));
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
  const Place place(joining_, kJoinCountMax);
  if (!place.is_mine()) {
    return fail(ErrorCode::kOverloaded, "others join their uploads now; try again in a moment");
  }
  std::vector<Upload> parts;
  UploadRequest whole = request;
  whole.size = 0;
  for (const std::string& id : ids) {
    parts.push_back(KATIP_TRY(find(principal, id, stop)));
    if (!parse_upload_notes(parts.back().metadata).is_part ||
        parts.back().status != UploadStatus::kCompleted) {
      return fail(ErrorCode::kConflict, "the upload " + id + " is no complete part");
    }
    *whole.size += *parts.back().size;
  }
  const Upload upload = KATIP_TRY(create(principal, whole, stop));
  if (*whole.size == 0) return upload;
  const auto writer = KATIP_TRY(open(principal, upload.id, 0, stop));
  for (const Upload& part : parts) KATIP_TRY(writer->append(part, stop));
  return writer->finish();
}

Status Uploads::remove(const Principal& principal, std::string_view id, std::stop_token stop) {
  const Upload upload = KATIP_TRY(find(principal, id, stop));
  return erase(upload, std::move(stop));
}

Status Uploads::erase(const Upload& upload, std::stop_token stop) {
  const store::PooledConnection sql = KATIP_TRY(pool_.acquire(std::move(stop)));
  KATIP_TRY(store::delete_upload(*sql, upload.id));
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
