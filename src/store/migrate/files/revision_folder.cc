#include "store/migrate/files/revision_folder.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/atomic_file.h"

/// Tested by revision_folder_test.cc.
namespace katip::store::migrate {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFileSizeMax = std::size_t{16} << 20;
constexpr int kDepthMax = 32;  // a folder that contains itself by a link ends here

bool is_revision_name(const fs::path& path) {
  const std::string name = path.filename().string();
  const bool declares_schema = name == "schema.sqlite.sql" || name == "schema.postgres.sql";
  return path.extension() == ".sql" && !name.starts_with('.') && !declares_schema;
}

std::unexpected<Error> unreadable(const fs::path& folder, const std::error_code& error) {
  return std::unexpected(file_error("read", folder, error.value()));
}

/// The files of one folder, sorted; then those of its sub-folders, sorted.
Status list_folder(const fs::path& folder, Depth depth, int level, std::vector<fs::path>& found) {
  std::vector<fs::path> folders;
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;  // a broken link is neither
    if (entry->is_directory(ignored)) folders.push_back(entry->path());
    if (entry->is_regular_file(ignored) && is_revision_name(entry->path())) {
      files.push_back(entry->path());
    }
  }
  if (error) return unreadable(folder, error);
  std::ranges::sort(files);
  std::ranges::sort(folders);
  found.insert(found.end(), files.begin(), files.end());
  if (depth == Depth::kFlat || level >= kDepthMax) return {};
  for (const fs::path& sub : folders) KATIP_TRY(list_folder(sub, depth, level + 1, found));
  return {};
}

}  // namespace

Result<std::vector<RevisionFile>> read_revision_folders(const std::vector<fs::path>& folders,
                                                        Depth depth) {
  std::vector<fs::path> paths;
  for (const fs::path& folder : folders) {
    std::error_code error;
    if (!fs::is_directory(folder, error)) {
      return fail(
          ErrorCode::kNotFound,
          fmt::format("there is no folder {}: 'katip migrate init' makes one", folder.string()));
    }
    KATIP_TRY(list_folder(folder, depth, 0, paths));
  }
  std::vector<RevisionFile> files;
  std::set<fs::path> seen;
  for (const fs::path& path : paths) {
    std::error_code error;
    if (!seen.insert(fs::weakly_canonical(path, error)).second) continue;
    const std::string text = KATIP_TRY(read_whole_file(path, kFileSizeMax));
    files.push_back(KATIP_TRY(parse_revision_file(text, path)));
  }
  return files;
}

}  // namespace katip::store::migrate
