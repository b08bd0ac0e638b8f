#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/secret.h"
#include "media/blob_store.h"

namespace katip::media {

struct S3Options {
  std::string url = {};  ///< "s3://bucket" or "s3://bucket/prefix".
  /// The server: "https://s3.example:9000", or "s3.example:9000" with `is_secure`. Empty: Amazon's
  /// of the region.
  std::string endpoint = {};
  bool is_secure = true;  ///< TLS, where the endpoint does not say.
  /// The server as those see it who follow download addresses; empty: the endpoint.
  std::string public_endpoint = {};
  std::string region = "us-east-1";
  std::string access_key = {};
  Secret secret_key = {};
  Secret session_token = {};
  bool is_path_style = true;  ///< host/bucket/key; else bucket.host/key, as Amazon wants it.
  std::int64_t part_size = 16 << 20;  ///< Bytes; larger blobs are sent in parts of so many.
  int attempt_count_max = 5;          ///< In a row without a new byte.
  std::chrono::milliseconds backoff_first{300};  ///< Doubles with each attempt in a row.
  std::chrono::milliseconds backoff_max{10'000};
  std::chrono::milliseconds stall_timeout{30'000};  ///< Nothing sent or received for so long.
  std::filesystem::path ca_file = {};  ///< Certificates to trust; empty: those of the system.

  /// Errors: kInvalidArgument, naming the field.
  [[nodiscard]] Status validate() const;
};

/// Blobs in a bucket of S3, below a prefix. Requests are signed (signature version 4), what is sent
/// is checked by the server against its SHA-256, and what fails for a reason that may pass is sent
/// again. A put needs memory for one part.
///
/// Threads:  thread-safe.
/// Lifetime: the clock and the numbers outlive it.
class S3Blobs final : public BlobStore {
 public:
  /// Asks nobody: the server may be away for now.
  ///
  /// Errors: kInvalidArgument.
  static Result<std::unique_ptr<S3Blobs>> open(S3Options options, const Clock& clock, Rng& rng);
  ~S3Blobs() override;

  /// Errors: kTooLarge above 10,000 parts, which only a source without a size can reach.
  Result<BlobInfo> put(std::string_view key, const BlobSource& source, const PutOptions& options,
                       std::stop_token stop) override;
  Result<BlobInfo> read(std::string_view key, ByteRange range, const BlobSink& sink,
                        std::stop_token stop) override;
  Result<std::optional<BlobInfo>> find(std::string_view key, std::stop_token stop) override;
  Status remove(std::string_view key, std::stop_token stop) override;
  Result<BlobPage> list(std::string_view prefix, std::string_view after, int count_max,
                        std::stop_token stop) override;
  Result<std::optional<std::string>> download_url(std::string_view key,
                                                  const DownloadLink& link) override;
  [[nodiscard]] std::optional<std::string> download_origin() const override;
  [[nodiscard]] std::optional<std::filesystem::path> local_path(
      std::string_view key) const override;
  [[nodiscard]] std::string description() const override;

 private:
  class Bucket;
  class MultipartPut;
  explicit S3Blobs(std::unique_ptr<Bucket> bucket);
  const std::unique_ptr<Bucket> bucket_;
};

}  // namespace katip::media
