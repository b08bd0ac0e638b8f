#include "app/backup_remote.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include <fmt/format.h>

#include "app/backup/media_vault.h"

/// Tested by backup_remote_test.cc, on a folder of blobs; src/media is tested against a real
/// server.
namespace katip::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPrefix = "database/";
constexpr const char* kManifestSuffix = ".manifest.json";

/// "katip_daily_20260301_030000" -> "database/daily/katip_daily_20260301_030000"; nothing for names
/// that are none of ours.
std::optional<std::string> key_of(const std::string& name) {
  for (const BackupKind kind : kBackupKinds) {
    if (name.starts_with(fmt::format("katip_{}_", app::name(kind))) && !name.contains('/')) {
      return fmt::format("{}{}/{}", kPrefix, app::name(kind), name);
    }
  }
  return std::nullopt;
}

/// All blobs whose keys begin so, with their sizes.
Result<std::map<std::string, std::int64_t>> blobs_in(media::BlobStore& remote,
                                                     std::string_view prefix,
                                                     const std::stop_token& stop) {
  std::map<std::string, std::int64_t> found;
  std::string after;
  while (true) {
    const media::BlobPage page = KATIP_TRY(remote.list(prefix, after, media::kListCountMax, stop));
    for (const media::BlobInfo& blob : page.blobs) {
      after = blob.key;
      found[blob.key] = blob.size;
    }
    if (!page.has_more || page.blobs.empty()) return found;
  }
}

/// All keys there, by the names of their backups.
Result<std::map<std::string, std::vector<std::string>>> keys_by_name(media::BlobStore& remote,
                                                                     const std::stop_token& stop) {
  std::map<std::string, std::vector<std::string>> found;
  for (const auto& [key, size] : KATIP_TRY(blobs_in(remote, kPrefix, stop))) {
    const std::string file_name = fs::path(key).filename();
    found[file_name.substr(0, file_name.find('.'))].push_back(key);
  }
  return found;
}

/// Those of the recordings.
Result<std::map<std::string, std::int64_t>> recordings_in(media::BlobStore& remote,
                                                          const std::stop_token& stop) {
  return blobs_in(remote, fmt::format("{}/", kVaultFolder), stop);
}

MediaVault vault_of(const BackupFolder& folder, const Backup& backup) {
  return app::vault_of(folder.options().folder, backup, folder.key());
}

/// Those that are not there yet, or not as a whole; `there` knows them afterwards.
Status send_recordings(const MediaVault& vault, std::span<const StoredRecording> recordings,
                       media::BlobStore& remote, std::map<std::string, std::int64_t>& there,
                       const std::stop_token& stop) {
  for (const StoredRecording& each : recordings) {
    const std::string key = vault.name_of(each.key);
    const auto found = there.find(key);
    if (found != there.end() && found->second == each.packed.size) continue;
    KATIP_TRY(remote.put_file(key, vault.path_of(each.key), {}, stop));
    there[key] = each.packed.size;
  }
  return {};
}

/// While one backup there is not here as well, or its list cannot be read, all of them stay.
Status forget_recordings(const BackupFolder& folder, const BackupList& known,
                         media::BlobStore& remote, const std::stop_token& stop) {
  const auto there = KATIP_TRY(recordings_in(remote, stop));
  if (there.empty()) return {};
  std::set<std::string> named;
  for (const auto& [name, keys] : KATIP_TRY(keys_by_name(remote, stop))) {
    const auto backup = std::ranges::find(known.backups, name,
                                          [](const Backup& each) { return each.manifest.name; });
    if (backup == known.backups.end()) return {};
    const auto recordings = folder.recordings_of(*backup, stop);
    if (!recordings) return {};
    const MediaVault vault = vault_of(folder, *backup);
    for (const StoredRecording& each : *recordings) named.insert(vault.name_of(each.key));
  }
  for (const auto& [key, size] : there) {
    if (!named.contains(key)) KATIP_TRY(remote.remove(key, stop));
  }
  return {};
}

Status fetch_recordings(const BackupFolder& folder, const Backup& backup, media::BlobStore& remote,
                        const FetchRequest& request, const std::stop_token& stop) {
  const auto recordings = KATIP_TRY(folder.recordings_of(backup, stop));
  const MediaVault vault = vault_of(folder, backup);
  std::int64_t count = 0;
  for (const StoredRecording& each : recordings) {
    ++count;
    if (vault.check(each, MediaCheck::kSizes, stop)) continue;
    request.observer.on_step(fmt::format("fetching recording {} of {}", count, recordings.size()));
    const fs::path target = vault.path_of(each.key);
    std::error_code error;
    fs::create_directories(target.parent_path(), error);
    KATIP_TRY(remote.fetch(vault.name_of(each.key), target, stop));
  }
  return {};
}

bool is_whole(const std::vector<std::string>& keys) {
  return std::ranges::any_of(keys,
                             [](const std::string& key) { return key.ends_with(kManifestSuffix); });
}

Status send(const Backup& backup, media::BlobStore& remote, const std::stop_token& stop) {
  const std::string& name = backup.manifest.name;
  const auto key = key_of(name);
  if (!key) return fail(ErrorCode::kInternal, name + " is no name of a backup");
  std::vector<std::string> suffixes;
  for (const BackupPart& part : backup.manifest.parts) {
    suffixes.push_back(part.file_name.substr(name.size()));
  }
  suffixes.insert(suffixes.end(), {".verification.json", kManifestSuffix});
  for (const std::string& suffix : suffixes) {
    KATIP_TRY(remote.put_file(*key + suffix, backup.folder / (name + suffix), {}, stop));
  }
  return {};
}

/// Nothing for an error that is not about this backup alone.
std::optional<UnsentBackup> unsent(const Backup& backup, const Error& error) {
  const std::string& name = backup.manifest.name;
  switch (error.code) {
    case ErrorCode::kUnauthenticated:
      return UnsentBackup{.name = name,
                          .why = error.message + ". With that key `katip backup send` sends it"};
    case ErrorCode::kCorruptData:
    case ErrorCode::kNotFound:
      return UnsentBackup{.name = name,
                          .why = fmt::format("its list of recordings cannot be read: {}. `katip "
                                             "backup verify {}` says more; make another backup",
                                             error.message, name)};
    default:
      return std::nullopt;
  }
}

}  // namespace

Result<SentBackups> send_backups(const BackupFolder& folder, media::BlobStore& remote,
                                 std::stop_token stop) {
  const auto there = KATIP_TRY(keys_by_name(remote, stop));
  const BackupList known = KATIP_TRY(folder.list());
  std::optional<std::map<std::string, std::int64_t>> there_already;  // Asked for when one has some.
  SentBackups sent;
  for (const Backup& backup : known.backups) {
    const auto found = there.find(backup.manifest.name);
    const bool is_there = found != there.end() && is_whole(found->second);
    if (!backup.is_verified() || is_there) continue;
    if (backup.manifest.media) {
      const auto recordings = folder.recordings_of(backup, stop);
      if (!recordings) {
        auto left = unsent(backup, recordings.error());
        if (!left) return std::unexpected(recordings.error());
        sent.unsent.push_back(*std::move(left));
        continue;
      }
      if (!there_already) there_already = KATIP_TRY(recordings_in(remote, stop));
      KATIP_TRY(
          send_recordings(vault_of(folder, backup), *recordings, remote, *there_already, stop));
    }
    KATIP_TRY(send(backup, remote, stop));
    sent.names.push_back(backup.manifest.name);
  }
  return sent;
}

Result<std::vector<std::string>> forget_backups(const BackupFolder& folder,
                                                media::BlobStore& remote, std::stop_token stop) {
  const BackupList known = KATIP_TRY(folder.list());
  std::map<BackupKind, std::string> oldest;  // Names of one kind are ordered as their times.
  std::set<std::string> here;
  for (const Backup& each : known.backups) {
    std::string& name = oldest[each.manifest.kind];
    if (name.empty() || each.manifest.name < name) name = each.manifest.name;
    here.insert(each.manifest.name);
  }
  std::vector<std::string> forgotten;
  for (auto& [name, keys] : KATIP_TRY(keys_by_name(remote, stop))) {
    const bool is_old = std::ranges::any_of(oldest, [&](const auto& entry) {
      const std::string prefix = fmt::format("katip_{}_", app::name(entry.first));
      return name.starts_with(prefix) && name < entry.second;
    });
    if (!is_old || here.contains(name)) continue;
    // The manifest first: what has none is no backup.
    std::ranges::partition(keys,
                           [](const std::string& key) { return key.ends_with(kManifestSuffix); });
    for (const std::string& key : keys) KATIP_TRY(remote.remove(key, stop));
    forgotten.push_back(name);
  }
  if (!forgotten.empty()) KATIP_TRY(forget_recordings(folder, known, remote, stop));
  return forgotten;
}

Result<std::vector<std::string>> list_remote_backups(media::BlobStore& remote,
                                                     std::stop_token stop) {
  std::vector<std::string> names;
  for (const auto& [name, keys] : KATIP_TRY(keys_by_name(remote, stop))) {
    if (is_whole(keys)) names.push_back(name);
  }
  return names;
}

Result<Backup> fetch_backup(const BackupFolder& folder, media::BlobStore& remote,
                            const FetchRequest& request, std::stop_token stop) {
  const std::string& name = request.name;
  const auto key = key_of(name);
  const auto there = KATIP_TRY(keys_by_name(remote, stop));
  const auto found = there.find(name);
  if (!key || found == there.end() || !is_whole(found->second)) {
    return fail(ErrorCode::kNotFound,
                fmt::format("there is no backup `{}` in {}; `katip backup list --remote` shows "
                            "those that are there",
                            name.substr(0, 200), remote.description()));
  }
  std::vector<std::string> keys = found->second;
  std::ranges::partition(keys,
                         [](const std::string& each) { return !each.ends_with(kManifestSuffix); });
  for (const std::string& each : keys) {
    request.observer.on_step("fetching " + fs::path(each).filename().string());
    KATIP_TRY(remote.fetch(each, folder.options().folder / each, stop));
  }
  Backup backup = KATIP_TRY(folder.find(name));
  if (request.with_media && backup.manifest.media) {
    KATIP_TRY(fetch_recordings(folder, backup, remote, request, stop));
  }
  return backup;
}

}  // namespace katip::app
