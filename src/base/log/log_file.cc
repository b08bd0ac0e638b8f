#include "base/log/log_file.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic_file.h"

// Tested by log_file_test.cc.
namespace katip::log {
namespace {

constexpr std::chrono::seconds kLookEvery{1};
constexpr std::string_view kTsBegin = "{\"ts\":\"";
constexpr std::size_t kDaySize = 10;

/// "2026-03-01" of a line, or nothing when it is none of ours.
std::string_view day_of(std::string_view line) {
  if (!line.starts_with(kTsBegin) || line.size() < kTsBegin.size() + kDaySize) return {};
  return line.substr(kTsBegin.size(), kDaySize);
}

std::optional<std::chrono::sys_days> parse_day(std::string_view text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  const auto read = [&](std::size_t begin, std::size_t size, auto& number) {
    const char* end = text.data() + begin + size;
    return std::from_chars(text.data() + begin, end, number).ptr == end;
  };
  if (text.size() != kDaySize || text[4] != '-' || text[7] != '-' || !read(0, 4, year) ||
      !read(5, 2, month) || !read(8, 2, day)) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

/// Holds the lock of a folder's rotation. Without it (no descriptor is free, a file system without
/// locks) rotation goes on: two processes would then both look for a free name.
class RotationLock {
 public:
  explicit RotationLock(const std::filesystem::path& folder)
      : descriptor_(::open((folder / ".rotate.lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600)) {
    if (descriptor_ >= 0) ::flock(descriptor_, LOCK_EX);
  }
  ~RotationLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  RotationLock(const RotationLock&) = delete;
  RotationLock& operator=(const RotationLock&) = delete;

 private:
  int descriptor_;
};

Status system_failure(std::string_view action, const std::filesystem::path& path) {
  return std::unexpected(file_error(action, path, errno));
}

}  // namespace

Result<LogFile> LogFile::open(const std::filesystem::path& path, const LogFileOptions& options,
                              const Clock& clock) {
  LogFile file(path, options, clock);
  KATIP_TRY(file.reopen());
  return file;
}

LogFile::~LogFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

LogFile::LogFile(LogFile&& other) noexcept
    : path_(std::move(other.path_)),
      options_(other.options_),
      clock_(other.clock_),
      descriptor_(std::exchange(other.descriptor_, -1)),
      day_(std::move(other.day_)),
      looked_at_(other.looked_at_) {}

Status LogFile::write(std::string_view line) {
  follow_rename();
  const std::string_view today = day_of(line);
  struct stat info{};
  const bool is_too_large =
      options_.file_size_max > 0 && ::fstat(descriptor_, &info) == 0 &&
      info.st_size + static_cast<std::int64_t>(line.size()) > options_.file_size_max &&
      info.st_size > 0;
  // A clock that was set back ends no day: what came later stays in the later file.
  if ((!day_.empty() && !today.empty() && today > day_) || is_too_large) {
    rotate(today);
  }
  std::string bytes(line);
  bytes += '\n';
  KATIP_TRY(append(bytes));
  if (day_.empty()) day_ = today;
  return {};
}

/// All or nothing: half a line would spoil the one that comes after it.
Status LogFile::append(const std::string& bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = ::write(descriptor_, bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count > 0) {
      done += static_cast<std::size_t>(count);
      continue;
    }
    const Status failure = system_failure("cannot write", path_);
    const off_t end = ::lseek(descriptor_, 0, SEEK_CUR);
    struct stat info{};
    // Only while our half line is the last thing in the file: others may write to it too.
    if (done > 0 && ::fstat(descriptor_, &info) == 0 && info.st_size == end) {
      static_cast<void>(::ftruncate(descriptor_, end - static_cast<off_t>(done)) == 0);
    }
    return failure;
  }
  return {};
}

Status LogFile::reopen() {
  std::error_code ignored;  // Somebody may have deleted the folder too; open() says it otherwise.
  std::filesystem::create_directories(path_.parent_path(), ignored);
  const int opened = ::open(path_.c_str(), O_CREAT | O_RDWR | O_APPEND | O_CLOEXEC, 0640);
  if (opened < 0) return system_failure("cannot open", path_);
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = opened;
  looked_at_ = clock_->now();
  day_ = day_of_first_line();
  return {};
}

/// The day on which a file that others began was begun.
std::string LogFile::day_of_first_line() const {
  std::array<char, 64> bytes{};
  const ssize_t count = ::pread(descriptor_, bytes.data(), bytes.size(), 0);
  if (count <= 0) return {};
  return std::string(day_of({bytes.data(), static_cast<std::size_t>(count)}));
}

bool LogFile::is_replaced() const {
  struct stat named{};
  struct stat held{};
  if (::fstat(descriptor_, &held) != 0) return true;
  if (::stat(path_.c_str(), &named) != 0) return errno == ENOENT;
  return named.st_ino != held.st_ino || named.st_dev != held.st_dev;
}

/// What cannot be opened anew is written to where it was: a line in a renamed file is not lost.
void LogFile::follow_rename() {
  const auto now = clock_->now();
  if (now - looked_at_ < kLookEvery) return;
  looked_at_ = now;
  if (is_replaced()) static_cast<void>(reopen());
}

/// Renames the file unless another process did so, and begins a new one. When that fails the file
/// goes on.
void LogFile::rotate(std::string_view today) {
  {
    const RotationLock lock(path_.parent_path());
    if (!is_replaced()) {
      std::error_code ignored;
      std::filesystem::rename(path_, free_name(), ignored);
      delete_old(today);
    }
  }
  static_cast<void>(reopen());
}

/// app-2026-03-01.log, or the first of app-2026-03-01.1.log … that is free.
std::filesystem::path LogFile::free_name() const {
  const std::string stem = path_.stem().string() + "-" + (day_.empty() ? "undated" : day_);
  std::filesystem::path name = path_.parent_path() / (stem + ".log");
  std::error_code ignored;
  for (int i = 1; std::filesystem::exists(name, ignored) && i < 100'000; ++i) {
    name = path_.parent_path() / fmt::format("{}.{}.log", stem, i);
  }
  return name;
}

void LogFile::delete_old(std::string_view today) const {
  const auto now = parse_day(today);
  if (options_.keep_days == 0 || !now) return;
  const std::string begin = path_.stem().string() + "-";
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(path_.parent_path(), ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(begin) || !name.ends_with(".log")) continue;
    const auto day = parse_day(std::string_view(name).substr(begin.size(), kDaySize));
    if (day && *now - *day > std::chrono::days(options_.keep_days)) {
      std::filesystem::remove(entry.path(), ignored);
    }
  }
}

}  // namespace katip::log
