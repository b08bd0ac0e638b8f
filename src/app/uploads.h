#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "app/principal.h"
#include "app/upload_notes.h"
#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "base/uuid.h"
#include "store/pool.h"
#include "store/upload_store.h"

/// Files that arrive in pieces, over connections that break: how much is here for sure is a row of
/// the database, and the bytes are on the disk before the row says so.
namespace katip::app {

using Upload = store::UploadRecord;
using UploadStatus = store::UploadStatus;

struct UploadOptions {
  std::int64_t size_max = 4LL << 30;      ///< Bytes.
  std::chrono::seconds keep_for{86'400};  ///< After its last byte; then it is deleted.
  std::int64_t quota = 0;                 ///< Bytes of an owner's uploads without a job; 0: any.
  std::int64_t free_size_min = 0;         ///< Bytes of the disk that uploads leave free.
};

/// What somebody wants to send.
struct UploadRequest {
  std::optional<std::int64_t> size = {};
  std::string file_name = {};
  std::string media_type = {};
  UploadNotes notes = {};
};

class Uploads;

/// The bytes of one request to one upload. Nobody else writes to that upload meanwhile.
///
/// Threads: one thread at a time.
class UploadWriter {
 public:
  ~UploadWriter();
  UploadWriter(const UploadWriter&) = delete;
  UploadWriter& operator=(const UploadWriter&) = delete;

  /// Errors: kTooLarge behind the end of the upload; kUnavailable when the disk is full.
  Status write(std::string_view bytes);
  /// The bytes of a complete one behind what is here.
  Status append(const Upload& part, const std::stop_token& stop);
  /// Keeps what was written.
  Result<Upload> finish();
  /// Forgets what was written, as it is not what it should be.
  void discard();
  /// Deletes the upload with its bytes: nobody was told of it.
  Status withdraw();

 private:
  friend class Uploads;
  UploadWriter(Uploads& uploads, Upload upload, int descriptor);

  Uploads& uploads_;
  Upload upload_;
  int descriptor_;
  std::int64_t end_;  // Where the next byte goes.
};

/// Threads:  thread-safe.
/// Lifetime: the pool and the clock outlive it; it outlives its writers.
class Uploads {
 public:
  Uploads(store::Pool& pool, const Clock& clock, Rng& rng, std::filesystem::path data_dir,
          UploadOptions options);

  /// Why there is no room for so many bytes more, and what to do about it; nothing: there is.
  Result<std::optional<std::string>> shortage(const Principal& principal, std::int64_t wanted,
                                              std::stop_token stop);
  /// Errors: kTooLarge; kUnavailable when the disk is full.
  Result<Upload> create(const Principal& principal, const UploadRequest& request,
                        std::stop_token stop);
  /// Errors: kNotFound, also for one that belongs to somebody else or whose time has come.
  Result<Upload> find(const Principal& principal, std::string_view id, std::stop_token stop);
  /// Errors: kPermissionDenied for one that was joined of others; kConflict when `offset` is not
  ///         where the upload stands, kOverloaded when somebody writes to it now; those of find().
  Result<std::unique_ptr<UploadWriter>> open(const Principal& principal, std::string_view id,
                                             std::int64_t offset, std::stop_token stop);
  /// Says how large it will be, once.
  ///
  /// Errors: kPermissionDenied for one that was joined of others; kConflict when it was said
  ///         already, kTooLarge.
  Status set_size(const Principal& principal, std::string_view id, std::int64_t size,
                  std::stop_token stop);
  /// A new upload from the bytes of complete ones, in this order.
  ///
  /// Errors: kConflict when one is not complete or no part; kOverloaded while others join theirs;
  ///         those of create() and find().
  Result<Upload> join(const Principal& principal, const std::vector<std::string>& ids,
                      const UploadRequest& request, std::stop_token stop);
  Status remove(const Principal& principal, std::string_view id, std::stop_token stop);
  /// Where the bytes of a complete upload lie.
  [[nodiscard]] std::filesystem::path path_of(const Upload& upload) const;
  /// It became the recording of a job, and cannot become one again.
  ///
  /// Errors: kConflict when it is not complete or used already.
  Status use(store::Connection& sql, const Upload& upload, std::string_view job_row_id) const;

  [[nodiscard]] const UploadOptions& options() const { return options_; }

 private:
  friend class UploadWriter;
  Status insert(const store::NewUpload& row, std::stop_token stop);
  Result<Upload> find_at(const Principal& principal, std::string_view id, std::int64_t offset,
                         std::stop_token stop);
  Result<Upload> keep(const Upload& upload, std::int64_t end);
  Status erase(const Upload& upload, std::stop_token stop);
  bool lock(const std::string& id);
  void unlock(const std::string& id);

  store::Pool& pool_;
  const Clock& clock_;
  UuidSource ids_;
  const std::filesystem::path data_dir_;
  const UploadOptions options_;
  Guarded<std::set<std::string>> busy_;  // Ids that somebody writes to.
  std::atomic<int> joining_ = 0;
};

/// Deletes uploads whose time has come, with their files. Returns how many.
Result<std::int64_t> delete_expired_uploads(store::Pool& pool, const Clock& clock,
                                            const std::filesystem::path& data_dir,
                                            std::stop_token stop);

}  // namespace katip::app
