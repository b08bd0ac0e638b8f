#include "base/atomic_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace katip {
namespace {}  // namespace

Error file_error(std::string_view action, const std::filesystem::path& path, int error_number) {
  ErrorCode code = ErrorCode::kInternal;
  if (error_number == ENOENT || error_number == ENOTDIR) {
    code = ErrorCode::kNotFound;
  } else if (error_number == EACCES || error_number == EPERM || error_number == EROFS) {
    code = ErrorCode::kPermissionDenied;
  } else if (error_number == ENOSPC || error_number == EDQUOT) {
    code = ErrorCode::kUnavailable;
  }
  return {code, "cannot " + std::string(action) + " " + path.string() + ": " +
                    std::strerror(error_number)};
}

// A name is an entry of its folder, which has to reach the disk too.
void sync_folder(const std::filesystem::path& folder) {
  const int descriptor =
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor >= 0) {
    ::fsync(descriptor);  // Some file systems refuse this for folders; the rename holds anyway.
    ::close(descriptor);
  }
}

Status sync_file(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::unexpected(file_error("open", path, errno));
  const bool is_synced = ::fsync(descriptor) == 0;
  const int error = errno;
  ::close(descriptor);
  return is_synced ? Status{} : std::unexpected(file_error("write", path, error));
}

Error own_file_error(std::string_view action, const std::filesystem::path& path, int error_number) {
  Error error = file_error(action, path, error_number);
  if (error.code == ErrorCode::kUnavailable) return {error.code, "no room is left on the disk"};
  error.code = ErrorCode::kInternal;
  return error;
}

Result<AtomicFile> AtomicFile::create(const std::filesystem::path& target) {
  // In the same folder: a rename is atomic only within one file system. The suffix stays away from
  // the extensions that folder mode looks for.
  std::string temporary = target.string() + ".XXXXXX.tmp";
  const int descriptor = ::mkostemps(temporary.data(), 4, O_CLOEXEC);
  if (descriptor < 0) {
    return std::unexpected(file_error("write", target, errno));
  }
  // mkstemp makes files that only the owner reads; a transcript gets the usual permissions.
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(descriptor, 0666 & ~mask);
  return AtomicFile(target, std::move(temporary), descriptor);
}

AtomicFile::AtomicFile(std::filesystem::path target, std::filesystem::path temporary,
                       int descriptor)
    : target_(std::move(target)), temporary_(std::move(temporary)), descriptor_(descriptor) {}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : target_(std::move(other.target_)),
      temporary_(std::move(other.temporary_)),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

AtomicFile& AtomicFile::operator=(AtomicFile&& other) noexcept {
  if (this != &other) {
    abandon();
    target_ = std::move(other.target_);
    temporary_ = std::move(other.temporary_);
    descriptor_ = std::exchange(other.descriptor_, -1);
  }
  return *this;
}

AtomicFile::~AtomicFile() { abandon(); }

void AtomicFile::abandon() noexcept {
  if (descriptor_ >= 0) {
    ::close(std::exchange(descriptor_, -1));
    ::unlink(temporary_.c_str());
  }
}

Status AtomicFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ::write(descriptor_, bytes.data(), bytes.size());
    if (size < 0) {
      if (errno == EINTR) {
        continue;
      }
      return std::unexpected(file_error("write", target_, errno));
    }
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
  return {};
}

Status AtomicFile::commit() {
  if (::fsync(descriptor_) != 0 || ::rename(temporary_.c_str(), target_.c_str()) != 0) {
    const int error_number = errno;
    abandon();
    return std::unexpected(file_error("write", target_, error_number));
  }
  ::close(std::exchange(descriptor_, -1));
  sync_folder(target_.parent_path());
  return {};
}

Status write_file_atomically(const std::filesystem::path& target, std::string_view bytes) {
  AtomicFile file = KATIP_TRY(AtomicFile::create(target));
  if (Status written = file.write(bytes); !written) {
    return written;
  }
  return file.commit();
}

Result<std::string> read_whole_file(const std::filesystem::path& path, std::size_t size_max) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return std::unexpected(file_error("open", path, errno));
  }
  std::string bytes;
  int error_number = 0;
  // Read until the end and not until the size that stat names: pipes and /proc have none.
  while (bytes.size() <= size_max) {
    const std::size_t before = bytes.size();
    bytes.resize(std::min(before + (64u << 10), size_max + 1));
    const ssize_t size = ::read(descriptor, bytes.data() + before, bytes.size() - before);
    bytes.resize(before + static_cast<std::size_t>(std::max<ssize_t>(0, size)));
    if (size == 0) {
      break;
    }
    if (size < 0 && errno != EINTR) {
      error_number = errno;
      break;
    }
  }
  ::close(descriptor);
  if (error_number != 0) {
    return std::unexpected(file_error("read", path, error_number));
  }
  if (bytes.size() > size_max) {
    return fail(ErrorCode::kTooLarge,
                path.string() + " is larger than " + std::to_string(size_max) + " bytes");
  }
  return bytes;
}

std::int64_t size_of(const std::filesystem::path& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? -1 : static_cast<std::int64_t>(size);
}

Status make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) return {};
  return fail(ErrorCode::kUnavailable,
              "cannot make the folder " + folder.string() + ": " + error.message());
}

}  // namespace katip
