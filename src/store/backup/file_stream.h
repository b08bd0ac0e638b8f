#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "base/result.h"

namespace katip::store::backup {

/// A file that is read or written from its beginning to its end.
///
/// Errors:  those of file_error(), naming the file.
/// Threads: one thread.
class FileStream {
 public:
  static Result<FileStream> open_to_read(const std::filesystem::path& path);
  /// Errors: kInternal when it is there already.
  static Result<FileStream> create(const std::filesystem::path& path);
  ~FileStream();
  FileStream(FileStream&& other) noexcept;
  FileStream& operator=(FileStream&&) = delete;

  /// Fills the buffer as far as the file reaches: less than all of it is the end.
  Result<std::size_t> read(std::span<std::byte> buffer);
  Status write(std::span<const std::byte> bytes);
  /// To the disk.
  Status flush();

 private:
  FileStream(int descriptor, std::filesystem::path path)
      : descriptor_(descriptor), path_(std::move(path)) {}

  int descriptor_;
  std::filesystem::path path_;
};

}  // namespace katip::store::backup
