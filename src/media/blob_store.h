#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

/// Bytes with a name: recordings, and copies of backups. In a folder, or in a bucket of S3.
///
///   KATIP_TRY(blobs->put_file("media/ab12.mp4", path, {}, stop));
///   KATIP_TRY(blobs->read("media/ab12.mp4", {.first = 1'000, .count = 500}, sink, stop));
namespace katip::media {

inline constexpr std::size_t kKeySizeMax = 512;  ///< Bytes.
inline constexpr int kListCountMax = 1'000;

struct BlobInfo {
  std::string key = {};
  std::int64_t size = 0;     ///< Bytes.
  std::string version = {};  ///< Differs when the bytes differ; not a checksum.
  std::chrono::system_clock::time_point modified_at = {};
};

struct PutOptions {
  std::string media_type = "application/octet-stream";
  std::optional<std::int64_t> size =
      {};  ///< Of all bytes, when it is known; then it must be right.
};

/// Which bytes: from `first` on, all of them or `count`. One that ends behind the blob ends with
/// it.
struct ByteRange {
  std::int64_t first = 0;
  std::optional<std::int64_t> count = {};
};

struct BlobPage {
  std::vector<BlobInfo> blobs;  ///< In the order of the bytes of their keys.
  bool has_more = false;        ///< False: these were the last. True: ask again; there may be none.
};

/// What the browser that follows an address is told.
struct DownloadLink {
  std::string media_type = {};  ///< Empty: that of the blob.
  std::string file_name = {};   ///< Empty: it is shown, not saved.
  std::chrono::seconds valid_for{300};
};

/// Puts the next bytes into the buffer and says how many; 0 at the end.
using BlobSource = std::function<Result<std::size_t>(std::span<char> buffer)>;
using BlobSink = std::function<Status(std::string_view bytes)>;

/// A blob is there as a whole or not at all; the last put of a key wins, and who reads meanwhile
/// gets the one or the other.
///
/// Keys are folders and a name, "media/2026/ab12.mp4": parts of A-Z a-z 0-9 . _ - with a / between
/// them, none of which begins with a dot, so that no key leads anywhere.
///
/// Errors:  kInvalidArgument for a key; kNotFound for a blob that is not there; kUnavailable when
///          the disk is full, or the server is away or refuses us: it may go later; kCancelled;
///          those of source and sink.
/// Threads: thread-safe; calls block.
class BlobStore {
 public:
  virtual ~BlobStore() = default;

  /// Errors: kCorruptData when the source ends before its size, or behind it.
  virtual Result<BlobInfo> put(std::string_view key, const BlobSource& source,
                               const PutOptions& options, std::stop_token stop) = 0;
  /// Returns what the bytes are part of.
  ///
  /// Errors: kInvalidArgument when the range begins at the end or behind it, but for an empty blob
  ///         that is read from its begin; kConflict when the blob was replaced while it was read.
  virtual Result<BlobInfo> read(std::string_view key, ByteRange range, const BlobSink& sink,
                                std::stop_token stop) = 0;
  /// Nothing: it is not there.
  virtual Result<std::optional<BlobInfo>> find(std::string_view key, std::stop_token stop) = 0;
  /// It is gone afterwards, whether or not it was there: a bucket does not say.
  virtual Status remove(std::string_view key, std::stop_token stop) = 0;
  /// Keys that begin so (any text, may be empty), behind `after`; at most 1 to kListCountMax.
  virtual Result<BlobPage> list(std::string_view prefix, std::string_view after, int count_max,
                                std::stop_token stop) = 0;
  /// An address from which anybody gets the blob without a key, until it ends. Nothing: this store
  /// has none, and the bytes have to go through us. Whether the blob is there is not asked.
  virtual Result<std::optional<std::string>> download_url(std::string_view key,
                                                          const DownloadLink& link) = 0;
  /// Where those addresses lead: "https://s3.example:9000". Nothing: there are none.
  [[nodiscard]] virtual std::optional<std::string> download_origin() const = 0;
  /// The file of this machine that holds the blob. Nothing: it is elsewhere.
  [[nodiscard]] virtual std::optional<std::filesystem::path> local_path(
      std::string_view key) const = 0;
  /// For people: "files in /var/lib/katip", "bucket recordings at s3.example".
  [[nodiscard]] virtual std::string description() const = 0;

  /// Errors: those of the file as well.
  Result<BlobInfo> put_file(std::string_view key, const std::filesystem::path& file,
                            const PutOptions& options, std::stop_token stop);
  /// A copy of the blob as a file that appears whole or not at all.
  Result<BlobInfo> fetch(std::string_view key, const std::filesystem::path& target,
                         std::stop_token stop);
};

/// What every backend does in the same way.
Status check_key(std::string_view key);
Status check_range(const ByteRange& range, std::int64_t size);
std::unexpected<Error> no_such_blob(std::string_view key);
/// Fills the buffer from the source, which may give less at a time: less than its size is the end.
Result<std::size_t> fill(const BlobSource& source, std::span<char> buffer);

}  // namespace katip::media
