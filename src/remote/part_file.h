#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace katip::remote {

/// The bytes of a download that is not complete yet: `<target>.part`, and beside it in
/// `<target>.part.etag` the validator of the file on the server that they belong to.
///
/// Errors:  those of file_error() in base/atomic_file.h.
/// Threads: one thread. Two processes must not download to one target at once; the second gets
///          kConflict.
class PartFile {
 public:
  /// `sum_is_known`: the whole will be checked, so that bytes of unknown origin may be tried.
  static Result<PartFile> open(const std::filesystem::path& target, bool sum_is_known);
  ~PartFile();
  PartFile(PartFile&& other) noexcept;
  PartFile& operator=(PartFile&&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::int64_t size() const { return size_; }

  /// The headers that ask for the rest: none when nothing is here or it cannot be continued.
  [[nodiscard]] std::vector<std::string> range_lines() const;
  /// Takes note of the answer: goes on behind what is here for a 206 that fits, else starts again.
  Status begin(int status, std::string_view content_range, std::string_view etag);
  Status write(std::string_view bytes);
  /// Throws away the bytes.
  Status restart();
  /// Gives the file its final name.
  Status keep();
  /// Removes everything.
  void discard() noexcept;

 private:
  PartFile(std::filesystem::path target, int descriptor);
  [[nodiscard]] std::filesystem::path etag_path() const;

  std::filesystem::path target_;
  std::filesystem::path path_;
  int descriptor_ = -1;
  std::int64_t size_ = 0;
  std::string etag_;
  bool sum_is_known_ = false;
};

}  // namespace katip::remote
