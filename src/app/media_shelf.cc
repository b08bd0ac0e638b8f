#include "app/media_shelf.h"

#include <algorithm>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "app/media_name.h"
#include "base/atomic_file.h"

/// Tested by media_shelf_test.cc.
namespace katip::app {
namespace {

namespace fs = std::filesystem;

/// A file that was used so recently may be about to be opened.
constexpr std::chrono::minutes kUnusedMin{10};

struct Copy {
  fs::path path;
  std::int64_t size = 0;
  fs::file_time_type used_at;
};

std::vector<Copy> copies_in(const fs::path& folder) {
  std::vector<Copy> copies;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    std::error_code ignored;
    if (!entry.is_regular_file(ignored) || entry.path().extension() == ".tmp") continue;
    Copy copy{.path = entry.path(),
              .size = static_cast<std::int64_t>(entry.file_size(ignored)),
              .used_at = entry.last_write_time(ignored)};
    if (!ignored) copies.push_back(std::move(copy));
  }
  return copies;
}

}  // namespace

Status MediaShelf::keep(std::string_view key, const std::optional<std::string>& media_type,
                        std::stop_token stop) const {
  if (bucket_ == nullptr) return {};
  media::PutOptions options;
  if (media_type) options.media_type = *media_type;
  KATIP_TRY(bucket_->put_file(key, path_of(key), options, stop));
  trim(stop);
  return {};
}

Result<fs::path> MediaShelf::find(std::string_view key, std::stop_token stop) const {
  const fs::path path = path_of(key);
  std::error_code error;
  if (fs::is_regular_file(path, error)) {
    // What was used last is kept longest.
    if (bucket_ != nullptr) fs::last_write_time(path, fs::file_time_type::clock::now(), error);
    return path;
  }
  if (bucket_ == nullptr) {
    return fail(ErrorCode::kNotFound, fmt::format("the recording {} is no longer there", key));
  }
  KATIP_TRY(make_folder(path.parent_path()));
  KATIP_TRY(bucket_->fetch(key, path, stop));
  trim(stop);
  return path;
}

Status MediaShelf::remove(std::string_view key, std::stop_token stop) const {
  if (bucket_ != nullptr) KATIP_TRY(bucket_->remove(key, std::move(stop)));
  std::error_code error;
  fs::remove(path_of(key), error);
  if (!error) return {};
  return fail(ErrorCode::kInternal, fmt::format("cannot delete {}: {}", key, error.message()));
}

bool MediaShelf::sends_browsers_away() const {
  return bucket_ != nullptr && options_.delivery == MediaDelivery::kRedirect;
}

Result<std::optional<std::string>> MediaShelf::download_url(std::string_view key,
                                                            const media::DownloadLink& link) const {
  if (!sends_browsers_away()) return std::optional<std::string>();
  return bucket_->download_url(key, link);
}

std::optional<std::string> MediaShelf::download_origin() const {
  return sends_browsers_away() ? bucket_->download_origin() : std::nullopt;
}

/// Deletes the copies that were not used for longest, and of them only those that the bucket has: a
/// recording from before there was a bucket exists nowhere else.
void MediaShelf::trim(const std::stop_token& stop) const {
  std::vector<Copy> copies = copies_in(data_dir_ / "media");
  std::int64_t size = 0;
  for (const Copy& copy : copies) size += copy.size;
  if (size <= options_.cache_size_max) return;
  std::ranges::sort(copies, {}, &Copy::used_at);
  const auto newest = fs::file_time_type::clock::now() - kUnusedMin;
  for (const Copy& copy : copies) {
    if (size <= options_.cache_size_max || copy.used_at > newest || stop.stop_requested()) return;
    const auto kept = bucket_->find("media/" + copy.path.filename().string(), stop);
    if (!kept) return;  // The bucket is away; later then.
    if (!*kept || (*kept)->size != copy.size) continue;
    std::error_code ignored;
    fs::remove(copy.path, ignored);
    size -= copy.size;
  }
}

}  // namespace katip::app
