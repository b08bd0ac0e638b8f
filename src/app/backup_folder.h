#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "app/backup_manifest.h"
#include "app/backup_retention.h"
#include "base/clock.h"
#include "base/file_lock.h"
#include "base/result.h"
#include "media/blob_store.h"
#include "store/database_copies.h"
#include "store/packed_file.h"
#include "store/pool.h"

/// The folder of the backups: making them, proving that they can be restored, and letting them go.
///
///   BackupFolder folder = KATIP_TRY(BackupFolder::open(options, clock, rng));
///   const Backup made = KATIP_TRY(folder.create(pool, BackupKind::kDaily, {}, stop));
///   KATIP_TRY(folder.verify(made, {}, stop));
namespace katip::app {

class MediaVault;

struct BackupOptions {
  std::filesystem::path folder;    ///< Under it lies database/daily/ and so on.
  std::filesystem::path data_dir;  ///< Profiles and state are taken from there.
  store::DatabaseUrl url;
  std::optional<store::BackupKey> key = {};  ///< Nothing: they are not encrypted.
  std::string time_zone = "Europe/Istanbul";
  RetentionPolicy retention = {};
  int compression_level = 3;
  std::filesystem::path postgres_programs = {};  ///< Empty: they are looked for.
  std::string katip_version = {};
  std::shared_ptr<media::BlobStore> remote = {};  ///< A second place; null: there is none.
  bool with_media = false;                        ///< The recordings come along.
  std::shared_ptr<media::BlobStore> bucket = {};  ///< Where recordings are; null: the data folder.
};

enum class MediaCheck {
  kSizes,     ///< Of the recordings of a backup only the sizes are looked at.
  kContents,  ///< Every byte of them is read.
};

/// One that is whole: its manifest is there and fits.
struct Backup {
  BackupManifest manifest;
  std::filesystem::path folder;
  std::optional<BackupVerification> verification;  ///< The last try, if it was of these files.

  [[nodiscard]] bool is_verified() const { return verification && verification->is_good; }
};

/// One whose manifest cannot be used.
struct DamagedBackup {
  std::string name;
  Error error;
};

struct BackupList {
  std::vector<Backup> backups;  ///< The newest first.
  std::vector<DamagedBackup> damaged;
};

/// What is told while something runs, for people and logs.
struct BackupObserver {
  /// "copying the database".
  std::function<void(const std::string& what)> on_step = [](const std::string&) {};
  /// Of the step, in bytes.
  std::function<void(std::int64_t done, std::int64_t total)> on_progress = [](auto, auto) {};
};

/// What a verification found when it restored the backup.
struct RestoreProof {
  double seconds = 0;
  store::DatabaseFacts database;
};

/// What became of the recordings of a backup when they were put back.
struct MediaReturn {
  std::int64_t present_count = 0;            ///< Were there, with the right size.
  std::int64_t restored_count = 0;           ///< Were missing and are there again.
  std::int64_t differing_count = 0;          ///< Others have their names: those were left alone.
  std::int64_t failed_count = 0;             ///< Are still missing.
  std::vector<std::string> complaints = {};  ///< Some of what is wrong with the last two.
};

/// One at a time works in a folder, whichever process it is in; others get kOverloaded.
///
/// Errors:   those of the files and the database; kUnavailable when there is not room enough, with
///           how much is needed; kCorruptData for a backup that is not what its manifest says.
/// Threads:  thread-safe.
/// Lifetime: clock and rng outlive it.
class BackupFolder {
 public:
  /// Makes the folder. Errors: kInvalidArgument for a time zone that is none, and a database in
  /// memory.
  static Result<BackupFolder> open(BackupOptions options, const Clock& clock, Rng& rng);

  [[nodiscard]] Result<BackupList> list() const;
  /// By id, name, or path of its manifest, which may lie in any folder.
  ///
  /// Errors: kNotFound; those of parse_backup_manifest().
  [[nodiscard]] Result<Backup> find(const std::string& which) const;

  /// Makes one while others work on the database, and tells `backups` of it. A daily one is not
  /// verified yet, and has no weekly and monthly copies: see verify() and copy_tiers().
  Result<Backup> create(store::Pool& pool, BackupKind kind, const BackupObserver& observer,
                        std::stop_token stop);
  /// Restores it into a database of its own, compares everything with the manifest and writes down
  /// what came of it.
  Result<RestoreProof> verify(const Backup& backup, const BackupObserver& observer,
                              std::stop_token stop, MediaCheck media = MediaCheck::kContents);
  /// The weekly and the monthly copy of a verified daily backup, where it is the time for them:
  /// second names of the same files. Returns what was made.
  Result<std::vector<Backup>> copy_tiers(const Backup& daily);

  [[nodiscard]] Result<std::vector<RetentionDecision>> plan_prune() const;
  /// Deletes what the plan lets go, and parts of backups that were never finished; their names.
  Result<std::vector<std::string>> prune();

  /// Brings the rows of `backups` in line with the files.
  Status record(store::Pool& pool, std::stop_token stop) const;

  [[nodiscard]] const BackupOptions& options() const { return options_; }
  [[nodiscard]] Timestamp now() const { return store::to_timestamp(clock_->calendar()); }
  /// A folder for what is needed for a moment.
  [[nodiscard]] std::filesystem::path scratch_dir() const { return options_.folder / "scratch"; }
  Result<std::unique_ptr<store::DatabaseCopies>> open_copies() const;
  [[nodiscard]] const store::BackupKey* key() const {
    return options_.key ? &*options_.key : nullptr;
  }
  /// Unpacks the database of a backup and loads it as the copy `name`, looked through and compared
  /// with the manifest; on errors there is no such copy.
  Result<store::DatabaseFacts> load(const Backup& backup, store::DatabaseCopies& copies,
                                    const std::string& name, const BackupObserver& observer,
                                    std::stop_token stop) const;
  /// Unpacks its files into an empty folder.
  Status unpack_files(const Backup& backup, const std::filesystem::path& folder,
                      std::stop_token stop) const;
  /// Which recordings belong to it, by their keys; none when it was made without.
  ///
  /// Errors: kUnauthenticated without its key; kCorruptData.
  [[nodiscard]] Result<std::vector<StoredRecording>> recordings_of(const Backup& backup,
                                                                   std::stop_token stop) const;
  /// Puts its recordings where they were, those only that are missing there. What goes wrong with
  /// one of them is no reason to miss the others.
  Result<MediaReturn> put_back_recordings(const Backup& backup, const BackupObserver& observer,
                                          std::stop_token stop) const;

 private:
  BackupFolder(BackupOptions options, const Clock& clock, Rng& rng)
      : options_(std::move(options)), clock_(&clock), rng_(&rng) {}
  [[nodiscard]] std::filesystem::path folder_of(BackupKind kind) const;
  [[nodiscard]] Result<Backup> read(const std::filesystem::path& manifest) const;
  [[nodiscard]] Result<FileLock> lock() const;
  [[nodiscard]] std::string new_name(BackupKind kind, Timestamp at) const;
  Result<BackupManifest> write(store::Pool& pool, store::DatabaseCopies& copies,
                               BackupManifest manifest, const BackupObserver& observer,
                               std::stop_token stop) const;
  Status add_recordings(const std::set<std::string>& keys, const std::filesystem::path& making,
                        BackupManifest& manifest, const BackupObserver& observer,
                        std::stop_token stop) const;
  [[nodiscard]] std::map<std::string, StoredRecording> known_recordings(std::stop_token stop) const;
  Result<store::PackedFile> keep_recording(const std::string& key, const MediaVault& vault,
                                           std::stop_token stop) const;
  Status check_recordings(const Backup& backup, MediaCheck how, const BackupObserver& observer,
                          std::stop_token stop) const;
  Status prune_recordings() const;
  Status pack(const std::filesystem::path& plain, const std::string& role,
              const std::string& suffix, BackupManifest& manifest, const BackupObserver& observer,
              std::stop_token stop) const;
  static Status check_room_for_dump(const std::filesystem::path& folder,
                                    store::DatabaseCopies& copies);
  Result<RestoreProof> prove(const Backup& backup, MediaCheck media, const BackupObserver& observer,
                             std::stop_token stop) const;
  Result<Backup> copy_as(const Backup& daily, BackupKind kind);

  BackupOptions options_;
  const Clock* clock_;
  Rng* rng_;
};

}  // namespace katip::app
