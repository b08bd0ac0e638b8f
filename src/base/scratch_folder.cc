#include "base/scratch_folder.h"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include "base/atomic_file.h"

/// Tested by scratch_folder_test.cc.
namespace katip {

Result<ScratchFolder> ScratchFolder::make(const std::filesystem::path& parent,
                                          std::string_view prefix) {
  std::string path = (parent / prefix).string() + "XXXXXX";
  if (::mkdtemp(path.data()) != nullptr) return ScratchFolder(path);
  return std::unexpected(file_error("make a folder in", parent, errno));
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace katip
