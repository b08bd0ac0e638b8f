#include <algorithm>

#include <fmt/format.h>

#include "app/backup/media_list.h"
#include "app/backup/media_vault.h"
#include "app/backup/named_recordings.h"
#include "app/backup/room.h"
#include "app/backup_folder.h"
#include "base/atomic_file.h"
#include "base/uuid.h"
#include "store/cleanup_store.h"

/// Recordings in backups. Each lies once in the vault; a backup has a list of those that its
/// database names. The lists of the backups tell what the vault has, so that a new backup
/// reads the recordings that came since, and looks at the sizes of the others. A recording that is
/// not told of in any list (whoever put it there was killed) is put there again.
///
/// Tested by ../backup_recordings_test.cc.
namespace katip::app {
namespace {

namespace fs = std::filesystem;

constexpr int kPageSize = 1'000;
constexpr std::size_t kComplaintCountMax = 20;

void add_complaint(std::vector<std::string>& complaints, const std::string& key,
                   const std::string& what) {
  if (complaints.size() < kComplaintCountMax) complaints.push_back(key + ": " + what);
}

/// How much more room it takes to keep those that are new, as far as their files are here.
std::int64_t room_for(const std::set<std::string>& keys,
                      const std::map<std::string, StoredRecording>& known, const MediaVault& vault,
                      const fs::path& data_dir) {
  std::int64_t sum = 0;
  for (const std::string& key : keys) {
    if (known.contains(key) || !is_media_key(key)) continue;
    const std::int64_t size = size_of(data_dir / key);
    if (size > 0 && !vault.can_link(data_dir / key)) sum += size;
  }
  return sum;
}

/// Of a backup that may lie in any folder: that of its folder, else that of ours.
fs::path vault_root(const Backup& backup, const fs::path& ours) {
  std::error_code error;
  for (const fs::path& root : {backup.folder, backup.folder.parent_path().parent_path()}) {
    if (fs::is_directory(root / kVaultFolder, error)) return root;
  }
  return ours;
}

}  // namespace

Status add_named_recordings(store::Pool& pool, std::set<std::string>& keys, std::stop_token stop) {
  const store::PooledConnection sql = KATIP_TRY(pool.acquire(std::move(stop)));
  for (std::string after;;) {
    const auto page = KATIP_TRY(store::media_files(*sql, after, kPageSize));
    for (const store::NamedFile& each : page) keys.insert(each.key);
    if (page.size() < static_cast<std::size_t>(kPageSize)) return {};
    after = page.back().id;
  }
}

Result<std::vector<StoredRecording>> BackupFolder::recordings_of(const Backup& backup,
                                                                 std::stop_token stop) const {
  const BackupPart* part = backup.manifest.part("media");
  if (part == nullptr) return std::vector<StoredRecording>();
  KATIP_TRY(check_key(backup.manifest, key()));
  const fs::path list = scratch_dir() / ("list-" + UuidSource(*clock_, *rng_).next());
  KATIP_TRY(store::unpack_file(
      backup.folder / part->file_name, list,
      {.expected = part->packed, .key = backup.manifest.key_id ? key() : nullptr, .stop = stop}));
  auto recordings = read_media_list(list);
  std::error_code ignored;
  fs::remove(list, ignored);
  return recordings;
}

/// By the lists of all backups that are written with our key, as the newest of them tells it: what
/// one of them tells of must not be sealed anew, which changes its bytes.
std::map<std::string, StoredRecording> BackupFolder::known_recordings(std::stop_token stop) const {
  const auto backups = list();
  const std::optional<std::string> key_id =
      key() == nullptr ? std::nullopt : std::optional(key()->id());
  std::map<std::string, StoredRecording> known;
  std::set<std::string> lists;
  if (!backups) return known;
  for (const Backup& backup : backups->backups) {
    const BackupPart* part = backup.manifest.part("media");
    if (part == nullptr || backup.manifest.key_id != key_id) continue;
    if (!lists.insert(part->packed.sha256).second) continue;
    auto recordings = recordings_of(backup, stop);
    if (!recordings) continue;  // It is damaged; verifying it says so.
    for (StoredRecording& each : *recordings) known.emplace(each.key, std::move(each));
  }
  return known;
}

/// Errors: kNotFound when it was deleted.
Result<store::PackedFile> BackupFolder::keep_recording(const std::string& key,
                                                       const MediaVault& vault,
                                                       std::stop_token stop) const {
  if (!is_media_key(key)) return fail(ErrorCode::kNotFound, "it is no recording of ours");
  const fs::path here = options_.data_dir / key;
  std::error_code error;
  if (fs::is_regular_file(here, error)) return vault.keep(key, here, stop);
  if (!options_.bucket) return fail(ErrorCode::kNotFound, "it is no longer there");
  const fs::path fetched = scratch_dir() / "recording";
  KATIP_TRY(options_.bucket->fetch(key, fetched, stop));
  auto packed = vault.keep(key, fetched, stop);
  fs::remove(fetched, error);
  return packed;
}

/// What is wrong with recordings is told in the manifest and fails no backup of the database.
Status BackupFolder::add_recordings(const std::set<std::string>& keys, const fs::path& making,
                                    BackupManifest& manifest, const BackupObserver& observer,
                                    std::stop_token stop) const {
  const MediaVault vault(options_.folder, key());
  std::error_code ignored;
  fs::create_directories(vault.folder(), ignored);
  const auto known = known_recordings(stop);
  BackupMedia media;
  const Status room = check_room(options_.folder, room_for(keys, known, vault, options_.data_dir));
  if (!room) media.problem = room.error().message;
  bool is_hopeless = !room;  // What failed for one will fail for all that are new.
  std::vector<StoredRecording> kept;
  for (const std::string& key : keys) {
    if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "stopped");
    const auto found = known.find(key);
    if (found != known.end() && vault.check(found->second, MediaCheck::kSizes, stop)) {
      kept.push_back(found->second);
      continue;
    }
    if (is_hopeless) continue;
    observer.on_step(fmt::format("keeping the recordings, {} of {}", kept.size(), keys.size()));
    auto packed = keep_recording(key, vault, stop);
    if (packed) {
      kept.push_back({.key = key, .packed = *std::move(packed)});
    } else if (packed.error().code == ErrorCode::kCancelled) {
      return std::unexpected(std::move(packed).error());
    } else if (packed.error().code != ErrorCode::kNotFound) {
      is_hopeless = packed.error().code == ErrorCode::kUnavailable;
      if (media.problem.empty()) media.problem = key + ": " + packed.error().message;
    }
  }
  media.count = static_cast<std::int64_t>(kept.size());
  media.missing_count = static_cast<std::int64_t>(keys.size()) - media.count;
  for (const StoredRecording& each : kept) media.size += each.packed.size;
  sync_folder(vault.folder());
  KATIP_TRY(write_media_list(making / "media", kept));
  KATIP_TRY(pack(making / "media", "media", ".media.jsonl", manifest, {}, stop));
  manifest.media = std::move(media);
  return {};
}

Status BackupFolder::check_recordings(const Backup& backup, MediaCheck how,
                                      const BackupObserver& observer, std::stop_token stop) const {
  if (!backup.manifest.media) return {};
  observer.on_step("looking at the recordings");
  const auto recordings = KATIP_TRY(recordings_of(backup, stop));
  const MediaVault vault = vault_of(vault_root(backup, options_.folder), backup, key());
  std::string first;
  std::int64_t bad_count = 0;
  std::int64_t done = 0;
  for (const StoredRecording& each : recordings) {
    observer.on_progress(done += each.packed.size, backup.manifest.media->size);
    const Status status = vault.check(each, how, stop);
    if (status) continue;
    if (status.error().code != ErrorCode::kCorruptData) return status;
    if (bad_count++ == 0) first = status.error().message;
  }
  if (bad_count == 0) return {};
  return fail(ErrorCode::kCorruptData,
              fmt::format("{} of its {} recordings are missing or damaged in {}: {}", bad_count,
                          recordings.size(), vault.folder().string(), first));
}

Result<MediaReturn> BackupFolder::put_back_recordings(const Backup& backup,
                                                      const BackupObserver& observer,
                                                      std::stop_token stop) const {
  MediaReturn report;
  if (!backup.manifest.media) return report;
  observer.on_step("putting recordings back");
  const auto recordings = KATIP_TRY(recordings_of(backup, stop));
  const MediaVault vault = vault_of(vault_root(backup, options_.folder), backup, key());
  std::int64_t done = 0;
  for (const StoredRecording& each : recordings) {
    observer.on_progress(done += each.packed.size, backup.manifest.media->size);
    std::int64_t size = size_of(options_.data_dir / each.key);
    if (size < 0 && options_.bucket) {
      const auto blob = options_.bucket->find(each.key, stop);
      if (blob && *blob) size = (*blob)->size;
    }
    if (size == each.packed.plain_size) {
      ++report.present_count;
      continue;
    }
    if (size >= 0) {
      ++report.differing_count;
      add_complaint(report.complaints, each.key, "another file has its name, which was left alone");
      continue;
    }
    Status status = vault.put_back(each, options_.data_dir / each.key, stop);
    if (status && options_.bucket) {
      const auto put = options_.bucket->put_file(each.key, options_.data_dir / each.key, {}, stop);
      if (!put) status = std::unexpected(put.error());
    }
    if (!status && status.error().code == ErrorCode::kCancelled) {
      return std::unexpected(status.error());
    }
    if (!status) add_complaint(report.complaints, each.key, status.error().message);
    ++(status ? report.restored_count : report.failed_count);
  }
  return report;
}

/// While one list cannot be read nobody knows what it names, and everything stays.
Status BackupFolder::prune_recordings() const {
  std::error_code error;
  const fs::path root = options_.folder / kVaultFolder;
  if (!fs::is_directory(root, error)) return {};
  const BackupList known = KATIP_TRY(list());
  if (!known.damaged.empty()) return {};
  std::set<std::string> lists;  // The copies of a week and a month have the same ones.
  std::set<fs::path> named;
  std::set<std::string> sealed;  // With keys that are not at hand.
  for (const Backup& backup : known.backups) {
    const BackupPart* part = backup.manifest.part("media");
    if (part == nullptr || !lists.insert(part->packed.sha256).second) continue;
    if (!check_key(backup.manifest, key())) {
      sealed.insert(backup.manifest.key_id.value_or(""));
      continue;
    }
    const auto recordings = recordings_of(backup, {});
    if (!recordings) return {};
    const MediaVault vault = vault_of(options_.folder, backup, key());
    for (const StoredRecording& each : *recordings) named.insert(vault.path_of(each.key));
  }
  std::vector<fs::path> unnamed;
  for (const auto& entry : fs::recursive_directory_iterator(root, error)) {
    const std::string tag = *entry.path().lexically_relative(root).begin();
    const bool is_file = entry.is_regular_file(error) && !entry.is_symlink(error);
    if (is_file && !sealed.contains(tag) && !named.contains(entry.path())) {
      unnamed.push_back(entry.path());
    }
  }
  for (const fs::path& path : unnamed) fs::remove(path, error);
  return {};
}

}  // namespace katip::app
