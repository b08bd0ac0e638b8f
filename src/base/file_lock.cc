#include "base/file_lock.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/atomic_file.h"

// flock() and not fcntl(): its lock belongs to the open file, so that two parts of one process
// exclude each other. The file is never removed: another process may be about to lock the one that
// is there. Tested by file_lock_test.cc.
namespace katip {

Result<std::optional<FileLock>> FileLock::try_take(const std::filesystem::path& path,
                                                   FileLockKind kind) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return std::unexpected(file_error("lock", path, errno));
  FileLock lock(descriptor);
  const int operation = kind == FileLockKind::kShared ? LOCK_SH : LOCK_EX;
  while (::flock(descriptor, operation | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return std::optional<FileLock>();
    if (errno != EINTR) return std::unexpected(file_error("lock", path, errno));
  }
  return std::optional<FileLock>(std::move(lock));
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

}  // namespace katip
