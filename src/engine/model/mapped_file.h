#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

#include "base/result.h"

namespace katip::engine {

/// A whole file as bytes, mapped read-only: the kernel reads a page when it is first touched.
///
/// A model file must be replaced by renaming, never overwritten in place: touching a page that the
/// file no longer has ends the process (SIGBUS).
///
/// Lifetime: bytes() stay valid, at the same address, until the last owner is gone; moving is free.
/// Threads:  immutable; safe from any thread.
class MappedFile {
 public:
  /// Errors: kNotFound when there is no such file; kPermissionDenied; kInvalidArgument when it is
  /// not a regular file; kInternal when mapping fails.
  static Result<MappedFile> open(const std::filesystem::path& path);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }
  [[nodiscard]] std::string_view text() const;

  /// Lets go of the pages inside `part`, which must lie in bytes(). They are read again when
  /// touched, so this only lowers the memory in use.
  void release(std::span<const std::byte> part) const;

 private:
  explicit MappedFile(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::span<const std::byte> bytes_;
};

}  // namespace katip::engine
