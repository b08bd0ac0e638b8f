#include "app/records/line_file.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/trimmed.h"

/// Whoever waited for the lock may hold a file that was deleted meanwhile; so after each lock the
/// name is looked at again.
///
/// Tested by log_book_test.cc.
namespace katip::app {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) close(value_);
  }
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  [[nodiscard]] int get() const { return value_; }

 private:
  int value_;
};

bool is_still_there(int descriptor, const std::filesystem::path& path) {
  struct stat open_file{};
  struct stat named_file{};
  return fstat(descriptor, &open_file) == 0 && stat(path.c_str(), &named_file) == 0 &&
         open_file.st_ino == named_file.st_ino && open_file.st_dev == named_file.st_dev;
}

Status write_all(int descriptor, std::string_view bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t count = write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::unexpected(file_error("write", path, errno));
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

/// A line that was cut by a crash must not swallow the one behind it.
bool ends_in_the_middle(int descriptor) {
  struct stat status{};
  if (fstat(descriptor, &status) != 0 || status.st_size == 0) return false;
  char last = 0;
  return pread(descriptor, &last, 1, status.st_size - 1) == 1 && last != '\n';
}

}  // namespace

Status LineFile::append(std::string_view line) const {
  std::error_code error;
  std::filesystem::create_directories(path_.parent_path(), error);
  constexpr int kTryCountMax = 100;
  for (int i = 0; i < kTryCountMax; ++i) {
    const Descriptor file(open(path_.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
    if (file.get() < 0) return std::unexpected(file_error("open", path_, errno));
    if (flock(file.get(), LOCK_EX) != 0) return std::unexpected(file_error("lock", path_, errno));
    if (!is_still_there(file.get(), path_)) continue;
    const std::string start = ends_in_the_middle(file.get()) ? "\n" : "";
    KATIP_TRY(write_all(file.get(), start + std::string(line) + "\n", path_));
    if (fdatasync(file.get()) != 0) return std::unexpected(file_error("flush", path_, errno));
    return {};
  }
  return fail(ErrorCode::kUnavailable, path_.string() + " is emptied all the time");
}

Status LineFile::drain(const Take& take) const {
  const Descriptor file(open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    return errno == ENOENT ? Status{} : std::unexpected(file_error("open", path_, errno));
  }
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0 || !is_still_there(file.get(), path_)) return {};
  constexpr std::size_t kSizeMax = std::size_t{1} << 30;
  const std::string text = KATIP_TRY(read_whole_file(path_, kSizeMax));
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view line = take_until(rest, '\n');
    if (!line.empty()) KATIP_TRY(take(line));
  }
  if (unlink(path_.c_str()) != 0) return std::unexpected(file_error("delete", path_, errno));
  return {};
}

}  // namespace katip::app
