#pragma once

#include <filesystem>

#include "base/result.h"

namespace katip::cli {

/// A folder of this server alone, in one that several servers on the same data share. It holds a
/// lock that ends with the process, so that what dead servers have left can be told from what
/// others use.
///
/// Threads: one thread.
class TemporaryFolder {
 public:
  /// Makes one in `parent` and clears away those that nobody holds.
  ///
  /// Errors: kUnavailable, naming the folder.
  static Result<TemporaryFolder> create(const std::filesystem::path& parent);
  ~TemporaryFolder();  ///< With everything in it.
  TemporaryFolder(TemporaryFolder&& other) noexcept;
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  TemporaryFolder(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::filesystem::path path_;
  int lock_;
};

}  // namespace katip::cli
