#pragma once

#include <filesystem>
#include <optional>

#include "base/result.h"

namespace katip::store::sqlite {

/// A lock between processes, and between connections of one process, on a file that stays: whoever
/// has it open with the lock has it, and the system takes it back when the process dies.
///
/// Threads: one thread.
class LockFile {
 public:
  /// Nothing when somebody else has it.
  ///
  /// Errors: kPermissionDenied, kUnavailable, kInternal; each names the file.
  static Result<std::optional<LockFile>> try_take(const std::filesystem::path& path);
  ~LockFile();
  LockFile(LockFile&& other) noexcept;
  LockFile& operator=(LockFile&& other) noexcept;

 private:
  explicit LockFile(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace katip::store::sqlite
