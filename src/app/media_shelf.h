#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "media/blob_store.h"

namespace katip::app {

/// How a browser gets a recording that lies in a bucket.
enum class MediaDelivery {
  kThroughUs,  ///< From the copy of this machine; nothing but katip has to be reachable.
  kRedirect,   ///< From the bucket, by an address that is valid for some minutes.
};

struct ShelfOptions {
  std::int64_t cache_size_max = 10LL << 30;  ///< Bytes of copies on this machine.
  MediaDelivery delivery = MediaDelivery::kThroughUs;
};

/// Where the recordings of jobs are: in the folder `media` of the data folder, and with a bucket
/// there for good while the folder holds copies of what was used last. A key is the path within the
/// data folder: "media/0190….mp4".
///
/// Errors:   kUnavailable when the disk is full or the bucket is away; kCancelled.
/// Threads:  a value type; calls are thread-safe, also between processes, and block.
/// Lifetime: the bucket outlives it.
class MediaShelf {
 public:
  /// Implicit: a folder is a shelf.
  MediaShelf(std::filesystem::path data_dir) : data_dir_(std::move(data_dir)) {}
  MediaShelf(std::filesystem::path data_dir, media::BlobStore& bucket, const ShelfOptions& options)
      : data_dir_(std::move(data_dir)), bucket_(&bucket), options_(options) {}

  [[nodiscard]] const std::filesystem::path& data_dir() const { return data_dir_; }
  /// Where the file lies, or would lie, on this machine.
  [[nodiscard]] std::filesystem::path path_of(std::string_view key) const {
    return data_dir_ / key;
  }

  /// The file at path_of(key) is there for good now, also for workers elsewhere.
  Status keep(std::string_view key, const std::optional<std::string>& media_type,
              std::stop_token stop) const;
  /// The file on this machine, fetched when it was not.
  ///
  /// Errors: kNotFound.
  Result<std::filesystem::path> find(std::string_view key, std::stop_token stop) const;
  /// It is gone everywhere, whether or not it was there.
  Status remove(std::string_view key, std::stop_token stop) const;
  /// An address to send a browser to. Nothing: give it the file.
  Result<std::optional<std::string>> download_url(std::string_view key,
                                                  const media::DownloadLink& link) const;
  /// Where those addresses lead, as pages have to allow it: "https://s3.example:9000". Nothing: all
  /// recordings come from us.
  [[nodiscard]] std::optional<std::string> download_origin() const;

 private:
  [[nodiscard]] bool sends_browsers_away() const;
  void trim(const std::stop_token& stop) const;

  std::filesystem::path data_dir_;
  media::BlobStore* bucket_ = nullptr;
  ShelfOptions options_;
};

}  // namespace katip::app
