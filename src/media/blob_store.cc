#include "media/blob_store.h"

#include <algorithm>
#include <cerrno>
#include <memory>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic_file.h"

/// Tested by conformance_test.cc.
namespace katip::media {
namespace {

namespace fs = std::filesystem;

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

bool is_part(std::string_view part) {
  return !part.empty() && part.front() != '.' && std::ranges::all_of(part, is_plain);
}

/// A file that is open for reading. Threads: one thread.
class OpenFile {
 public:
  static Result<std::unique_ptr<OpenFile>> open(const fs::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return std::unexpected(file_error("open", path, errno));
    return std::unique_ptr<OpenFile>(new OpenFile(path, descriptor));
  }
  ~OpenFile() { ::close(descriptor_); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  [[nodiscard]] Result<std::int64_t> size() const {
    struct stat info{};
    if (::fstat(descriptor_, &info) != 0) {
      return std::unexpected(file_error("read", path_, errno));
    }
    if (!S_ISREG(info.st_mode)) {
      return fail(ErrorCode::kInvalidArgument, path_.string() + " is no file");
    }
    return info.st_size;
  }
  [[nodiscard]] Result<std::size_t> read(std::span<char> buffer) const {
    for (;;) {
      const ssize_t count = ::read(descriptor_, buffer.data(), buffer.size());
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) return std::unexpected(file_error("read", path_, errno));
    }
  }

 private:
  OpenFile(fs::path path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  const fs::path path_;
  const int descriptor_;
};

}  // namespace

Status check_key(std::string_view key) {
  bool is_key = !key.empty() && key.size() <= kKeySizeMax;
  for (std::string_view rest = key; is_key;) {
    const std::size_t slash = rest.find('/');
    is_key = is_part(rest.substr(0, slash));
    if (slash == rest.npos) break;
    rest.remove_prefix(slash + 1);
  }
  if (is_key) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("a key of a blob is up to {} of A-Z a-z 0-9 . _ - and /, and none of its "
                          "parts is empty or begins with a dot",
                          kKeySizeMax));
}

Status check_range(const ByteRange& range, std::int64_t size) {
  const bool is_whole = range.first == 0 && size == 0;
  if (range.first < 0 || range.count.value_or(1) < 1 || (range.first >= size && !is_whole)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("there are no such bytes in a blob of {}", size));
  }
  return {};
}

std::unexpected<Error> no_such_blob(std::string_view key) {
  return fail(ErrorCode::kNotFound, fmt::format("there is no blob {}", key));
}

Result<std::size_t> fill(const BlobSource& source, std::span<char> buffer) {
  std::size_t done = 0;
  while (done < buffer.size()) {
    const std::size_t count = KATIP_TRY(source(buffer.subspan(done)));
    if (count == 0) break;
    done += count;
  }
  return done;
}

Result<BlobInfo> BlobStore::put_file(std::string_view key, const fs::path& file,
                                     const PutOptions& options, std::stop_token stop) {
  const auto opened = KATIP_TRY(OpenFile::open(file));
  PutOptions sized = options;
  sized.size = KATIP_TRY(opened->size());
  const auto source = [&opened](std::span<char> buffer) { return opened->read(buffer); };
  return put(key, source, sized, std::move(stop));
}

Result<BlobInfo> BlobStore::fetch(std::string_view key, const fs::path& target,
                                  std::stop_token stop) {
  AtomicFile file = KATIP_TRY(AtomicFile::create(target));
  const auto sink = [&file](std::string_view bytes) { return file.write(bytes); };
  BlobInfo info = KATIP_TRY(read(key, {}, sink, std::move(stop)));
  KATIP_TRY(file.commit());
  return info;
}

}  // namespace katip::media
