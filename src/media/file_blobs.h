#pragma once

#include <memory>

#include "media/blob_store.h"

namespace katip::media {

/// Blobs as files of a folder: the key is the path. Other programs may read them meanwhile.
///
/// Threads: thread-safe, also between processes.
class FileBlobs final : public BlobStore {
 public:
  /// Makes the folder when it is not there.
  ///
  /// Errors: kUnavailable.
  static Result<std::unique_ptr<FileBlobs>> open(const std::filesystem::path& folder);

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
  explicit FileBlobs(std::filesystem::path folder) : folder_(std::move(folder)) {}
  const std::filesystem::path folder_;
};

}  // namespace katip::media
