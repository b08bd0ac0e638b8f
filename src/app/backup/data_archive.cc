#include "app/backup/data_archive.h"

#include <algorithm>
#include <fstream>
#include <memory>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include "base/atomic_file.h"

/// Each file is read whole before it is written: one that somebody replaces meanwhile is in the
/// archive as it was or as it is, never half of both.
///
/// Tested by data_archive_test.cc.
namespace katip::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFileSizeMax = std::size_t{1} << 30;
constexpr std::int64_t kUnpackedSizeMax = std::int64_t{16} << 30;
constexpr std::size_t kBlockSize = std::size_t{64} << 10;
constexpr mode_t kFileMode = 0600;

using Writer = std::unique_ptr<archive, decltype(&archive_write_free)>;
using Reader = std::unique_ptr<archive, decltype(&archive_read_free)>;
using Entry = std::unique_ptr<archive_entry, decltype(&archive_entry_free)>;

std::unexpected<Error> cannot_write(archive* target, const fs::path& path) {
  return std::unexpected(file_error("write", path, archive_errno(target)));
}

Status add_file(archive* target, const fs::path& data_dir, const fs::path& path) {
  const auto text = read_whole_file(path, kFileSizeMax);
  if (!text && text.error().code == ErrorCode::kNotFound) return {};  // Deleted meanwhile.
  if (!text) return std::unexpected(text.error());
  const Entry entry(archive_entry_new(), &archive_entry_free);
  archive_entry_set_pathname(entry.get(), path.lexically_relative(data_dir).c_str());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), kFileMode);
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(text->size()));
  const bool is_written = archive_write_header(target, entry.get()) == ARCHIVE_OK &&
                          archive_write_data(target, text->data(), text->size()) ==
                              static_cast<la_ssize_t>(text->size());
  return is_written ? Status{} : Status(cannot_write(target, path));
}

/// In the order of their names. Temporary files and locks of others are none of ours.
std::vector<fs::path> files_of(const fs::path& data_dir) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const char* name : kDataEntries) {
    const fs::path path = data_dir / name;
    if (fs::is_regular_file(fs::symlink_status(path, error))) files.push_back(path);
    if (!fs::is_directory(fs::symlink_status(path, error))) continue;
    for (const auto& entry : fs::recursive_directory_iterator(path, error)) {
      const std::string file_name = entry.path().filename();
      if (entry.is_regular_file(error) && !entry.is_symlink(error) && !file_name.starts_with('.') &&
          !file_name.ends_with(".tmp")) {
        files.push_back(entry.path());
      }
    }
  }
  std::ranges::sort(files);
  return files;
}

std::unexpected<Error> refused(std::string_view what) {
  return fail(ErrorCode::kCorruptData, fmt::format("the archive of files {}", what));
}

/// Where an entry goes; an error for one that is none of ours.
Result<fs::path> place_of(const fs::path& folder, const char* name) {
  const fs::path path = name == nullptr ? "" : name;
  if (path.empty() || path.is_absolute() ||
      std::ranges::any_of(path, [](const fs::path& part) { return part == ".." || part == "."; })) {
    return refused("holds a name that leads out of it");
  }
  const std::string first = path.begin()->string();
  if (std::ranges::find(kDataEntries, first) == std::end(kDataEntries)) {
    return refused("holds something that katip does not write");
  }
  return folder / path;
}

Status write_entry(archive* source, const fs::path& path, std::int64_t& size_left) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (fs::exists(path, error)) return refused("holds a file twice");
  std::ofstream file(path, std::ios::binary);
  std::vector<char> block(kBlockSize);
  while (true) {
    const la_ssize_t size = archive_read_data(source, block.data(), block.size());
    if (size < 0) return refused("is damaged");
    if (size == 0) break;
    size_left -= size;
    if (size_left < 0) return refused("unpacks to more than 16 GiB");
    file.write(block.data(), size);
  }
  file.close();
  return file ? Status{} : Status(std::unexpected(file_error("write", path, ENOSPC)));
}

}  // namespace

Status write_data_archive(const fs::path& data_dir, const fs::path& target, std::stop_token stop) {
  const Writer writer(archive_write_new(), &archive_write_free);
  archive_write_set_format_pax_restricted(writer.get());
  if (archive_write_open_filename(writer.get(), target.c_str()) != ARCHIVE_OK) {
    return cannot_write(writer.get(), target);
  }
  for (const fs::path& file : files_of(data_dir)) {
    if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "stopped");
    KATIP_TRY(add_file(writer.get(), data_dir, file));
  }
  return archive_write_close(writer.get()) == ARCHIVE_OK
             ? Status{}
             : Status(cannot_write(writer.get(), target));
}

Status read_data_archive(const fs::path& archive_file, const fs::path& folder,
                         std::stop_token stop) {
  const Reader reader(archive_read_new(), &archive_read_free);
  archive_read_support_format_tar(reader.get());
  archive_read_support_format_empty(reader.get());
  if (archive_read_open_filename(reader.get(), archive_file.c_str(), kBlockSize) != ARCHIVE_OK) {
    return refused("cannot be read");
  }
  std::int64_t size_left = kUnpackedSizeMax;
  archive_entry* entry = nullptr;
  int state = ARCHIVE_OK;
  while ((state = archive_read_next_header(reader.get(), &entry)) == ARCHIVE_OK) {
    if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "stopped");
    const bool is_link = archive_entry_hardlink(entry) != nullptr;
    if (archive_entry_filetype(entry) != AE_IFREG || is_link) {
      return refused("holds something that is no file");
    }
    const fs::path path = KATIP_TRY(place_of(folder, archive_entry_pathname(entry)));
    KATIP_TRY(write_entry(reader.get(), path, size_left));
  }
  return state == ARCHIVE_EOF ? Status{} : Status(refused("is damaged"));
}

}  // namespace katip::app
