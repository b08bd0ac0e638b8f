#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace katip::app {

/// A file that processes add lines to and that one of them empties at times. A line that was added
/// is on the disk, and is taken by somebody exactly once unless taking fails.
///
/// Errors:  those of file_error(); each names the file.
/// Threads: thread-safe; processes exclude each other by a lock on the file.
class LineFile {
 public:
  explicit LineFile(std::filesystem::path path) : path_(std::move(path)) {}

  /// Makes the folder when it is missing.
  [[nodiscard]] Status append(std::string_view line) const;

  /// Gives all lines to `take`, and deletes the file when that went well. Those who append wait.
  /// Nothing when there is no file, or when somebody else is at it.
  using Take = std::function<Status(std::string_view line)>;
  [[nodiscard]] Status drain(const Take& take) const;

 private:
  std::filesystem::path path_;
};

}  // namespace katip::app
