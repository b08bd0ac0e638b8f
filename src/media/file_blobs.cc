#include "media/file_blobs.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic_file.h"

/// Tested by conformance_test.cc.
namespace katip::media {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPieceSize = 256 << 10;

struct Descriptor {
  explicit Descriptor(int opened) : number(opened) {}
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  const int number;
};

/// What is being written is no blob yet.
bool is_temporary(const fs::path& path) { return path.extension() == ".tmp"; }

BlobInfo info_of(std::string_view key, const struct stat& file) {
  const std::int64_t changed_ns =
      std::int64_t{file.st_mtim.tv_sec} * 1'000'000'000 + file.st_mtim.tv_nsec;
  return {.key = std::string(key),
          .size = file.st_size,
          // Another file under the same name has another number, even within one tick.
          .version = fmt::format("{:x}-{:x}-{:x}", file.st_ino, changed_ns, file.st_size),
          .modified_at = std::chrono::system_clock::time_point(
              std::chrono::duration_cast<std::chrono::system_clock::duration>(
                  std::chrono::nanoseconds(changed_ns)))};
}

std::optional<BlobInfo> info_of(std::string_view key, const fs::path& path) {
  struct stat file{};
  const bool is_file = ::stat(path.c_str(), &file) == 0 && S_ISREG(file.st_mode);
  return is_file ? std::optional(info_of(key, file)) : std::nullopt;
}

/// The keys of a folder and those below it that lie behind `after`; at most one more than asked.
Status collect(const fs::path& root, std::string_view prefix, std::string_view after,
               std::vector<std::string>& keys) {
  std::error_code error;
  fs::recursive_directory_iterator files(root, fs::directory_options::skip_permission_denied,
                                         error);
  for (; !error && files != fs::recursive_directory_iterator(); files.increment(error)) {
    std::error_code ignored;
    std::string key = files->path().lexically_relative(root).generic_string();
    if (files->is_directory(ignored)) {
      // A folder that holds nothing with this beginning is not entered.
      const std::string begin = key + "/";
      const std::size_t size = std::min(begin.size(), prefix.size());
      if (begin.compare(0, size, prefix, 0, size) != 0) files.disable_recursion_pending();
      continue;
    }
    const bool is_blob =
        files->is_regular_file(ignored) && !is_temporary(files->path()) && check_key(key);
    if (is_blob && key.starts_with(prefix) && key > after) keys.push_back(std::move(key));
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("cannot read {}: {}", root.string(), error.message()));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<FileBlobs>> FileBlobs::open(const fs::path& folder) {
  KATIP_TRY(make_folder(folder));
  return std::unique_ptr<FileBlobs>(new FileBlobs(folder));
}

Result<BlobInfo> FileBlobs::put(std::string_view key, const BlobSource& source,
                                const PutOptions& options, std::stop_token stop) {
  KATIP_TRY(check_key(key));
  const fs::path path = folder_ / key;
  if (is_temporary(path)) {
    return fail(ErrorCode::kInvalidArgument, "a key of a blob does not end with .tmp");
  }
  KATIP_TRY(make_folder(path.parent_path()));
  AtomicFile file = KATIP_TRY(AtomicFile::create(path));
  std::vector<char> buffer(kPieceSize);
  std::int64_t size = 0;
  for (;;) {
    if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "stopped while writing");
    const std::size_t count = KATIP_TRY(source(buffer));
    if (count == 0) break;
    size += static_cast<std::int64_t>(count);
    KATIP_TRY(file.write(std::string_view(buffer.data(), count)));
  }
  if (options.size && *options.size != size) {
    return fail(ErrorCode::kCorruptData,
                fmt::format("{} bytes came for {} and not {}", size, key, *options.size));
  }
  KATIP_TRY(file.commit());
  auto info = info_of(key, path);
  // Somebody may delete it at once; it was there.
  return info ? *std::move(info) : BlobInfo{.key = std::string(key), .size = size};
}

Result<BlobInfo> FileBlobs::read(std::string_view key, ByteRange range, const BlobSink& sink,
                                 std::stop_token stop) {
  KATIP_TRY(check_key(key));
  const fs::path path = folder_ / key;
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number < 0 && (errno == ENOENT || errno == ENOTDIR)) return no_such_blob(key);
  struct stat info{};
  if (file.number < 0 || ::fstat(file.number, &info) != 0) {
    return std::unexpected(own_file_error("read", path, errno));
  }
  if (!S_ISREG(info.st_mode)) return no_such_blob(key);
  KATIP_TRY(check_range(range, info.st_size));
  std::int64_t rest = std::min(range.count.value_or(INT64_MAX), info.st_size - range.first);
  std::vector<char> buffer(kPieceSize);
  for (std::int64_t at = range.first; rest > 0;) {
    if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "stopped while reading");
    const auto wanted = std::min<std::int64_t>(rest, static_cast<std::int64_t>(buffer.size()));
    const ssize_t count = ::pread(file.number, buffer.data(), static_cast<std::size_t>(wanted), at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::unexpected(own_file_error("read", path, errno));
    if (count == 0) return fail(ErrorCode::kConflict, "the file became shorter while it was read");
    KATIP_TRY(sink(std::string_view(buffer.data(), static_cast<std::size_t>(count))));
    at += count;
    rest -= count;
  }
  return info_of(key, info);
}

Result<std::optional<BlobInfo>> FileBlobs::find(std::string_view key, std::stop_token) {
  KATIP_TRY(check_key(key));
  return info_of(key, folder_ / key);
}

Status FileBlobs::remove(std::string_view key, std::stop_token) {
  KATIP_TRY(check_key(key));
  const fs::path path = folder_ / key;
  if (::unlink(path.c_str()) == 0) {
    sync_folder(path.parent_path());
    return {};
  }
  const bool is_absent = errno == ENOENT || errno == ENOTDIR || errno == EISDIR;
  if (is_absent) return {};
  return std::unexpected(own_file_error("delete", path, errno));
}

Result<BlobPage> FileBlobs::list(std::string_view prefix, std::string_view after, int count_max,
                                 std::stop_token) {
  if (count_max < 1 || count_max > kListCountMax) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("a list has 1 to {} blobs", kListCountMax));
  }
  std::vector<std::string> keys;
  KATIP_TRY(collect(folder_, prefix, after, keys));
  std::ranges::sort(keys);
  BlobPage page;
  for (const std::string& key : keys) {
    auto info = info_of(key, folder_ / key);
    if (!info) continue;  // Deleted in the meantime.
    if (page.blobs.size() == static_cast<std::size_t>(count_max)) {
      page.has_more = true;
      break;
    }
    page.blobs.push_back(*std::move(info));
  }
  return page;
}

Result<std::optional<std::string>> FileBlobs::download_url(std::string_view key,
                                                           const DownloadLink&) {
  KATIP_TRY(check_key(key));
  return std::optional<std::string>();
}

std::optional<std::string> FileBlobs::download_origin() const { return std::nullopt; }

std::optional<fs::path> FileBlobs::local_path(std::string_view key) const {
  return check_key(key) ? std::optional(folder_ / key) : std::nullopt;
}

std::string FileBlobs::description() const { return "files in " + folder_.string(); }

}  // namespace katip::media
