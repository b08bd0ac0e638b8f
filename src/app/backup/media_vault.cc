#include "app/backup/media_vault.h"

#include <fstream>

#include <fmt/format.h>
#include <sys/stat.h>

#include "base/atomic_file.h"
#include "base/sha256.h"

/// A recording never changes under its name: that is why a second name of its file is as good as a
/// copy, and why what the vault has need not be looked at again. It is put there under a name for
/// the moment and renamed when it is whole.
///
/// Tested by media_vault_test.cc.
namespace katip::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPieceSize = std::size_t{1} << 20;
constexpr int kLevel = 1;  ///< Sound is compressed already; this is for what is not.

Status rename_over(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  return error ? std::unexpected(file_error("move", from, error.value())) : Status{};
}

/// Copies, and tells what the bytes were.
Result<std::string> copy_file(const fs::path& from, const fs::path& to,
                              const std::stop_token& stop) {
  std::ifstream source(from, std::ios::binary);
  if (!source) return std::unexpected(file_error("read", from, ENOENT));
  AtomicFile target = KATIP_TRY(AtomicFile::create(to));
  Sha256 sum;
  std::string buffer(kPieceSize, '\0');
  while (source) {
    if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "stopped");
    source.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    const std::string_view piece(buffer.data(), static_cast<std::size_t>(source.gcount()));
    sum.update(piece);
    KATIP_TRY(target.write(piece));
  }
  if (source.bad()) return std::unexpected(file_error("read", from, EIO));
  KATIP_TRY(target.commit());
  return sum.finish();
}

/// A second name for the same bytes. False: the file system has none there.
bool link_file(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_hard_link(from, to, error);
  return !error;
}

}  // namespace

MediaVault::MediaVault(const fs::path& backup_folder, const store::BackupKey* key)
    : tag_(key == nullptr ? kPlainTag : key->id()),
      folder_(backup_folder / kVaultFolder / tag_),
      key_(key) {}

MediaVault vault_of(const fs::path& backup_folder, const Backup& backup,
                    const store::BackupKey* key) {
  return {backup_folder, backup.manifest.key_id ? key : nullptr};
}

std::string MediaVault::name_of(const std::string& key) const {
  const std::string_view name = std::string_view(key).substr(std::string_view("media/").size());
  return fmt::format("{}/{}/{}{}", kVaultFolder, tag_, name, key_ == nullptr ? "" : ".zst.sealed");
}

fs::path MediaVault::path_of(const std::string& key) const {
  return folder_.parent_path().parent_path() / name_of(key);
}

bool MediaVault::can_link(const fs::path& source) const {
  struct stat here{};
  struct stat there{};
  return key_ == nullptr && ::stat(folder_.c_str(), &here) == 0 &&
         ::stat(source.c_str(), &there) == 0 && here.st_dev == there.st_dev;
}

Result<store::PackedFile> MediaVault::keep(const std::string& key, const fs::path& source,
                                           std::stop_token stop) const {
  const fs::path target = path_of(key);
  KATIP_TRY(make_folder(target.parent_path()));
  const fs::path making = target.string() + ".tmp";
  std::error_code ignored;
  fs::remove(making, ignored);
  store::PackedFile packed;
  if (key_ != nullptr) {
    packed =
        KATIP_TRY(store::pack_file(source, making, {.level = kLevel, .key = key_, .stop = stop}));
  } else {
    packed.sha256 = KATIP_TRY(link_file(source, making) ? sha256_of_file(making, stop)
                                                        : copy_file(source, making, stop));
    packed.size = packed.plain_size = size_of(making);
  }
  KATIP_TRY(rename_over(making, target));
  // Where both are names of one file already, a rename does nothing at all.
  fs::remove(making, ignored);
  return packed;
}

Status MediaVault::check(const StoredRecording& recording, MediaCheck how,
                         std::stop_token stop) const {
  const fs::path path = path_of(recording.key);
  const std::int64_t size = size_of(path);
  if (size < 0) return fail(ErrorCode::kCorruptData, path.filename().string() + " is missing");
  if (size != recording.packed.size) {
    return fail(ErrorCode::kCorruptData,
                fmt::format("{} has {} bytes instead of {}", path.filename().string(), size,
                            recording.packed.size));
  }
  if (how == MediaCheck::kSizes) return {};
  if (key_ != nullptr) {
    return store::unpack_file(path, std::nullopt,
                              {.expected = recording.packed, .key = key_, .stop = stop});
  }
  if (KATIP_TRY(sha256_of_file(path, stop)) == recording.packed.sha256) return {};
  return fail(ErrorCode::kCorruptData,
              path.filename().string() + " is damaged: its bytes are others than they were");
}

Status MediaVault::put_back(const StoredRecording& recording, const fs::path& target,
                            std::stop_token stop) const {
  const fs::path path = path_of(recording.key);
  KATIP_TRY(make_folder(target.parent_path()));
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(target, ignored))) {
    return fail(ErrorCode::kConflict, target.filename().string() + " is there already");
  }
  if (key_ == nullptr) {
    KATIP_TRY(check(recording, MediaCheck::kContents, stop));
    if (!link_file(path, target)) KATIP_TRY(copy_file(path, target, stop));
  } else {
    KATIP_TRY(check(recording, MediaCheck::kSizes, stop));
    const fs::path making = target.string() + ".tmp";
    fs::remove(making, ignored);
    KATIP_TRY(store::unpack_file(path, making,
                                 {.expected = recording.packed, .key = key_, .stop = stop}));
    KATIP_TRY(rename_over(making, target));
  }
  sync_folder(target.parent_path());
  return {};
}

}  // namespace katip::app
