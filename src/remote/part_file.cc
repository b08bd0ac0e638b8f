#include "remote/part_file.h"

#include <cerrno>
#include <charconv>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/atomic_file.h"

// Tested by part_file_test.cc.
namespace katip::remote {
namespace {

// A weak validator ("W/…") promises the same meaning and not the same bytes: useless for ranges.
bool is_strong(std::string_view etag) { return etag.size() > 2 && etag.front() == '"'; }

// "bytes 100-199/200" -> 100.
std::int64_t range_start(std::string_view content_range) {
  constexpr std::string_view kUnit = "bytes ";
  std::int64_t start = -1;
  if (content_range.starts_with(kUnit)) {
    content_range.remove_prefix(kUnit.size());
    std::from_chars(content_range.data(), content_range.data() + content_range.size(), start);
  }
  return start;
}

}  // namespace

Result<PartFile> PartFile::open(const std::filesystem::path& target, bool sum_is_known) {
  const std::filesystem::path path = target.string() + ".part";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (descriptor < 0) {
    return std::unexpected(file_error("write", path, errno));
  }
  PartFile part(target, descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    return fail(ErrorCode::kConflict, "another process is downloading " + target.string());
  }
  part.sum_is_known_ = sum_is_known;
  part.size_ = ::lseek(descriptor, 0, SEEK_END);
  constexpr std::size_t kEtagSizeMax = 1024;
  part.etag_ = read_whole_file(part.etag_path(), kEtagSizeMax).value_or("");
  if (!is_strong(part.etag_) || part.etag_.find_first_of("\r\n") != std::string::npos) {
    part.etag_.clear();
  }
  return part;
}

PartFile::PartFile(std::filesystem::path target, int descriptor)
    : target_(std::move(target)), path_(target_.string() + ".part"), descriptor_(descriptor) {}

PartFile::PartFile(PartFile&& other) noexcept
    : target_(std::move(other.target_)),
      path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_),
      etag_(std::move(other.etag_)),
      sum_is_known_(other.sum_is_known_) {}

PartFile::~PartFile() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

std::filesystem::path PartFile::etag_path() const { return path_.string() + ".etag"; }

std::vector<std::string> PartFile::range_lines() const {
  if (size_ == 0 || (etag_.empty() && !sum_is_known_)) {
    return {};
  }
  std::vector<std::string> lines = {fmt::format("Range: bytes={}-", size_)};
  if (!etag_.empty()) {
    lines.push_back("If-Range: " + etag_);
  }
  return lines;
}

Status PartFile::begin(int status, std::string_view content_range, std::string_view etag) {
  const bool continues = status == 206 && range_start(content_range) == size_ &&
                         (etag_.empty() || etag.empty() || etag == etag_);
  if (status == 206 && !continues) {
    // The rest of another file: what is here is of no use, and neither is what comes.
    KATIP_TRY(restart());
    return fail(ErrorCode::kUnavailable, "the file changed on the server");
  }
  if (!continues) {
    KATIP_TRY(restart());
  }
  if (is_strong(etag) && etag != etag_) {
    etag_ = etag;
    return write_file_atomically(etag_path(), etag_);
  }
  return {};
}

Status PartFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ::pwrite(descriptor_, bytes.data(), bytes.size(), size_);
    if (size < 0 && errno == EINTR) {
      continue;
    }
    if (size < 0) {
      return std::unexpected(file_error("write", path_, errno));
    }
    size_ += size;
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
  return {};
}

Status PartFile::restart() {
  if (::ftruncate(descriptor_, 0) != 0) {
    return std::unexpected(file_error("write", path_, errno));
  }
  size_ = 0;
  etag_.clear();
  ::unlink(etag_path().c_str());
  return {};
}

Status PartFile::keep() {
  if (::fsync(descriptor_) != 0 || ::rename(path_.c_str(), target_.c_str()) != 0) {
    return std::unexpected(file_error("write", target_, errno));
  }
  ::unlink(etag_path().c_str());
  return {};
}

void PartFile::discard() noexcept {
  ::unlink(path_.c_str());
  ::unlink(etag_path().c_str());
}

}  // namespace katip::remote
