#include "store/sqlite/lock_file.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/atomic_file.h"

// flock() and not fcntl(): its lock belongs to the open file, so that two connections of one
// process exclude each other and closing another descriptor of the file does not lose it. The file
// is never removed: another process may be about to lock the one that is there. Tested by
// conformance/locks_test.cc.
namespace katip::store::sqlite {

Result<std::optional<LockFile>> LockFile::try_take(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) {
    return std::unexpected(file_error("write", path, errno));
  }
  LockFile file(descriptor);
  while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) {
      return std::optional<LockFile>();
    }
    if (errno != EINTR) {
      return std::unexpected(file_error("lock", path, errno));
    }
  }
  return std::optional<LockFile>(std::move(file));
}

LockFile::~LockFile() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

LockFile::LockFile(LockFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

LockFile& LockFile::operator=(LockFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

}  // namespace katip::store::sqlite
