#include "cli/serve/temporary_folder.h"

#include <cstring>
#include <string>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

/// Tested by temporary_folder_test.cc.
namespace katip::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLockName = "lock";

/// The descriptor that holds the lock; -1: somebody else does, or it cannot be had.
int try_lock(const fs::path& folder) {
  const int descriptor =
      ::open((folder / kLockName).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return -1;
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return descriptor;
  ::close(descriptor);
  return -1;
}

void clear_away(const fs::path& parent) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(parent, error)) {
    if (!entry.is_directory(error)) continue;
    const int lock = try_lock(entry.path());
    if (lock < 0) continue;
    fs::remove_all(entry.path(), error);
    ::close(lock);
  }
}

}  // namespace

Result<TemporaryFolder> TemporaryFolder::create(const fs::path& parent) {
  std::error_code error;
  fs::create_directories(parent, error);
  clear_away(parent);
  std::string path = (parent / "server-XXXXXX").string();
  const bool is_made = !error && ::mkdtemp(path.data()) != nullptr;
  const int lock = is_made ? try_lock(path) : -1;
  if (lock < 0) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("cannot make a folder in {}: {}", parent.string(),
                            error ? error.message() : std::strerror(errno)));
  }
  return TemporaryFolder(path, lock);
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})), lock_(std::exchange(other.lock_, -1)) {}

TemporaryFolder::~TemporaryFolder() {
  if (lock_ < 0) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  ::close(lock_);
}

}  // namespace katip::cli
