#pragma once

#include <filesystem>
#include <optional>

#include "base/result.h"

namespace katip {

enum class FileLockKind {
  kShared,     ///< As many as like may have it, while nobody has the other one.
  kExclusive,  ///< One alone.
};

/// A lock between processes, and between parts of one process, on a file that stays. The system
/// takes it back when the process dies.
///
/// Threads: one thread.
class FileLock {
 public:
  /// Makes the file when it is missing, never its folder. Nothing: somebody else has a lock that
  /// excludes this one.
  ///
  /// Errors: those of file_error().
  static Result<std::optional<FileLock>> try_take(const std::filesystem::path& path,
                                                  FileLockKind kind);
  ~FileLock();
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace katip
