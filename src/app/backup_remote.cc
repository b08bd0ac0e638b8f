#include "app/backup_remote.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

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

/// All keys there, by the names of their backups.
Result<std::map<std::string, std::vector<std::string>>> keys_by_name(media::BlobStore& remote,
                                                                     const std::stop_token& stop) {
  std::map<std::string, std::vector<std::string>> found;
  std::string after;
  while (true) {
    const media::BlobPage page = KATIP_TRY(remote.list(kPrefix, after, media::kListCountMax, stop));
    for (const media::BlobInfo& blob : page.blobs) {
      after = blob.key;
      const std::string file_name = fs::path(blob.key).filename();
      found[file_name.substr(0, file_name.find('.'))].push_back(blob.key);
    }
    if (!page.has_more || page.blobs.empty()) return found;
  }
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

}  // namespace

Result<std::vector<std::string>> send_backups(const BackupFolder& folder, media::BlobStore& remote,
                                              std::stop_token stop) {
  const auto there = KATIP_TRY(keys_by_name(remote, stop));
  const BackupList known = KATIP_TRY(folder.list());
  std::vector<std::string> sent;
  for (const Backup& backup : known.backups) {
    const auto found = there.find(backup.manifest.name);
    const bool is_there = found != there.end() && is_whole(found->second);
    if (!backup.is_verified() || is_there) continue;
    KATIP_TRY(send(backup, remote, stop));
    sent.push_back(backup.manifest.name);
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
                            const std::string& name, std::stop_token stop) {
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
    KATIP_TRY(remote.fetch(each, folder.options().folder / each, stop));
  }
  return folder.find(name);
}

}  // namespace katip::app
