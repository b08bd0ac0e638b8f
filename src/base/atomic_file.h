#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace katip {

/// A file that appears whole or not at all: bytes go to a temporary neighbour, which commit()
/// flushes to the disk and renames over the target. Without commit() nothing remains.
///
///   AtomicFile file = KATIP_TRY(AtomicFile::create(path));
///   KATIP_TRY(file.write(text));
///   KATIP_TRY(file.commit());
///
/// Errors:  kPermissionDenied, kNotFound (no such folder), kUnavailable (the disk is full),
///          kInternal; each names the target.
/// Threads: one thread.
class AtomicFile {
 public:
  static Result<AtomicFile> create(const std::filesystem::path& target);
  ~AtomicFile();
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&& other) noexcept;

  Status write(std::string_view bytes);
  Status commit();

 private:
  AtomicFile(std::filesystem::path target, std::filesystem::path temporary, int descriptor);
  void abandon() noexcept;

  std::filesystem::path target_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
};

/// All of it in one call.
Status write_file_atomically(const std::filesystem::path& target, std::string_view bytes);

/// The whole file, when it is at most `size_max` bytes long.
///
/// Errors: kNotFound, kPermissionDenied, kTooLarge, kInternal; each names the file.
Result<std::string> read_whole_file(const std::filesystem::path& path, std::size_t size_max);

/// Of a file, in bytes; -1 when there is none, or nobody may look.
std::int64_t size_of(const std::filesystem::path& path);
/// Makes a folder and those above it, where they are missing.
///
/// Errors: kUnavailable, naming it.
Status make_folder(const std::filesystem::path& folder);

/// The error of a failed system call on `path`, from its errno.
Error file_error(std::string_view action, const std::filesystem::path& path, int error_number);
/// The same for a file that is ours alone, so that its absence is no mistake of whoever asked:
/// kUnavailable without the path when the disk is full, else kInternal.
Error own_file_error(std::string_view action, const std::filesystem::path& path, int error_number);
/// A file that was made, renamed or linked in this folder is there after a power cut too.
void sync_folder(const std::filesystem::path& folder);
/// What somebody else wrote into a file, a library for example, is there after a power cut too.
///
/// Errors: those of the file; kUnavailable when the disk is full.
Status sync_file(const std::filesystem::path& path);

}  // namespace katip
