#pragma once

#include <filesystem>
#include <string>

namespace katip::store::testing {

/// A new folder that goes away with everything in it.
///
/// Threads: immutable.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace katip::store::testing
