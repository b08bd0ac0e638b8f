#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "base/result.h"

namespace katip::cli {

/// What became of a file. Another size or time is another recording.
struct WatchedFile {
  std::int64_t size = 0;
  std::int64_t changed_ns = 0;  ///< Its modification time.
  std::string job_id = {};
  bool has_ended = false;  ///< Its transcript is written, or it failed.

  [[nodiscard]] bool is_same(const WatchedFile& other) const {
    return size == other.size && changed_ns == other.changed_ns;
  }
};

/// What `katip watch` knows of a folder, kept in a file so that nothing is done twice.
///
/// Threads: one thread.
class WatchMemory {
 public:
  /// Errors: kCorruptData, naming the file; those of reading it.
  static Result<WatchMemory> load(const std::filesystem::path& file);
  Status save() const;

  std::map<std::string, WatchedFile>& files() { return files_; }  ///< By path below the folder.

 private:
  explicit WatchMemory(std::filesystem::path file) : file_(std::move(file)) {}
  std::filesystem::path file_;
  std::map<std::string, WatchedFile> files_;
};

}  // namespace katip::cli
