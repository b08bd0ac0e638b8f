#include "store/backup/file_stream.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/atomic_file.h"

/// Tested by packed_file_test.cc.
namespace katip::store::backup {

Result<FileStream> FileStream::open_to_read(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::unexpected(file_error("read", path, errno));
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
  return FileStream(descriptor, path);
}

Result<FileStream> FileStream::create(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return std::unexpected(file_error("write", path, errno));
  return FileStream(descriptor, path);
}

FileStream::~FileStream() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

FileStream::FileStream(FileStream&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

Result<std::size_t> FileStream::read(std::span<std::byte> buffer) {
  std::size_t size = 0;
  while (size < buffer.size()) {
    const ssize_t count = ::read(descriptor_, buffer.data() + size, buffer.size() - size);
    if (count == 0) break;
    if (count < 0 && errno != EINTR) return std::unexpected(file_error("read", path_, errno));
    if (count > 0) size += static_cast<std::size_t>(count);
  }
  return size;
}

Status FileStream::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) return std::unexpected(file_error("write", path_, errno));
    if (count > 0) bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

Status FileStream::flush() {
  if (::fsync(descriptor_) != 0) return std::unexpected(file_error("write", path_, errno));
  return {};
}

}  // namespace katip::store::backup
