#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "app/backup_folder.h"
#include "base/result.h"
#include "media/blob_store.h"

/// A second place for backups: a bucket, with the same names as the folder has. A backup is there
/// when its manifest is, which is sent last.
namespace katip::app {

/// One that cannot be sent, whatever the bucket says: which recordings it has cannot be read.
struct UnsentBackup {
  std::string name;
  std::string why;  ///< And what to do.
};

struct SentBackups {
  std::vector<std::string> names;
  std::vector<UnsentBackup> unsent;  ///< They keep no others from being sent.
};

/// Sends what is verified and not there yet, the newest first. Copies of a week or a month are sent
/// as files of their own; a recording is sent once for all backups that have it.
///
/// Errors: those of the bucket; what was sent stays.
Result<SentBackups> send_backups(const BackupFolder& folder, media::BlobStore& remote,
                                 std::stop_token stop);

/// Removes what retention let go here: what is there, has a name of ours, is older than the oldest
/// backup of its kind that is still here, and is no longer here. Returns the names. Recordings go
/// when no backup there has them, as far as that can be known from those that are here.
Result<std::vector<std::string>> forget_backups(const BackupFolder& folder,
                                                media::BlobStore& remote, std::stop_token stop);

/// The names of those that are whole there, sorted.
Result<std::vector<std::string>> list_remote_backups(media::BlobStore& remote,
                                                     std::stop_token stop);

struct FetchRequest {
  std::string name;
  bool with_media = true;  ///< Also its recordings, those that the folder does not have.
  BackupObserver observer = {};
};

/// Brings one back into the folder. Its files are not verified yet. What is there already stays,
/// so that one that was interrupted goes on where it was.
///
/// Errors: kNotFound; those of the bucket and the files; those of reading its list of recordings.
Result<Backup> fetch_backup(const BackupFolder& folder, media::BlobStore& remote,
                            const FetchRequest& request, std::stop_token stop);

}  // namespace katip::app
