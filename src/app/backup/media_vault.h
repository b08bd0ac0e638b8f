#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>

#include "app/backup_folder.h"
#include "base/result.h"
#include "store/packed_file.h"

namespace katip::app {

/// The recordings of all backups of a folder: each lies there once, and backups tell of it in
/// their lists. Those of a key lie in a folder of that key, sealed; without one they are second
/// names of the files of the data folder, or copies where the file system has none.
///
///   media/plain/0190….mp4
///   media/1f3870be274f6c49/0190….mp4.zst.sealed
///
/// Errors:  those of the files; kUnavailable when the disk is full; kCancelled.
/// Threads: one at a time works in a vault.
class MediaVault {
 public:
  /// The key outlives it. Null: nothing is sealed.
  MediaVault(const std::filesystem::path& backup_folder, const store::BackupKey* key);

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  /// Where a recording lies, or would lie; the key is one of is_media_key().
  [[nodiscard]] std::filesystem::path path_of(const std::string& key) const;
  /// The same within the folder of the backups, as second places have it.
  [[nodiscard]] std::string name_of(const std::string& key) const;
  /// Whether to keep one of these files takes no room.
  [[nodiscard]] bool can_link(const std::filesystem::path& source) const;

  /// What lies there under this key already is replaced as a whole.
  Result<store::PackedFile> keep(const std::string& key, const std::filesystem::path& source,
                                 std::stop_token stop) const;
  /// Errors: kCorruptData when it is missing or another one.
  Status check(const StoredRecording& recording, MediaCheck how, std::stop_token stop) const;
  /// Makes the target, which does not exist; every byte is compared first.
  ///
  /// Errors: kCorruptData when it is missing or another one.
  Status put_back(const StoredRecording& recording, const std::filesystem::path& target,
                  std::stop_token stop) const;

 private:
  std::string tag_;  ///< Of the key.
  std::filesystem::path folder_;
  const store::BackupKey* key_;
};

/// Where the recordings of a backup lie, when it lies in that folder; the key outlives it.
MediaVault vault_of(const std::filesystem::path& backup_folder, const Backup& backup,
                    const store::BackupKey* key);

/// The folder in that of the backups.
inline constexpr const char* kVaultFolder = "media";
/// The folder in that, of what is not sealed.
inline constexpr const char* kPlainTag = "plain";

}  // namespace katip::app
