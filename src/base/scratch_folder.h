#pragma once

#include <filesystem>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace katip {

/// A new folder that nobody else can look into, and that goes away with everything in it.
///
///   const auto folder = KATIP_TRY(ScratchFolder::make(data_dir, "katip-dry-run-"));
///   KATIP_TRY(dump_into(folder.path() / "dump"));
///
/// Threads: immutable.
class ScratchFolder {
 public:
  /// In a folder that is there; its name is the prefix and six characters that make it new.
  ///
  /// Errors: those of the file system, naming `parent`.
  static Result<ScratchFolder> make(const std::filesystem::path& parent, std::string_view prefix);
  ~ScratchFolder();
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchFolder& operator=(ScratchFolder&&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;  // Empty when moved from.
};

}  // namespace katip
