#include <algorithm>
#include <set>

#include "app/backup/calendar.h"
#include "app/backup_folder.h"
#include "base/atomic_file.h"

/// The manifest goes first: whoever looks meanwhile sees a whole backup or none.
///
/// Tested by ../backup_folder_test.cc.
namespace katip::app {
namespace {

namespace fs = std::filesystem;

Status remove_file(const fs::path& path) {
  std::error_code error;
  fs::remove(path, error);
  return error ? std::unexpected(file_error("delete", path, error.value())) : Status{};
}

Status remove_backup(const Backup& backup) {
  const std::string& name = backup.manifest.name;
  KATIP_TRY(remove_file(backup.folder / (name + ".manifest.json")));
  sync_folder(backup.folder);
  KATIP_TRY(remove_file(backup.folder / (name + ".verification.json")));
  for (const BackupPart& part : backup.manifest.parts) {
    KATIP_TRY(remove_file(backup.folder / part.file_name));
  }
  return {};
}

/// Parts whose backup was killed before it had a manifest: "katip_daily_… .sqlite.zst".
std::vector<fs::path> strays_of(const fs::path& folder) {
  std::set<std::string> names;
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string file_name = entry.path().filename();
    if (!file_name.starts_with("katip_") || !entry.is_regular_file(error)) continue;
    const std::string name = file_name.substr(0, file_name.find('.'));
    if (file_name == name + ".manifest.json") names.insert(name);
    files.push_back(entry.path());
  }
  std::erase_if(files, [&](const fs::path& path) {
    const std::string file_name = path.filename();
    return names.contains(file_name.substr(0, file_name.find('.')));
  });
  return files;
}

}  // namespace

Result<std::vector<RetentionDecision>> BackupFolder::plan_prune() const {
  const BackupList known = KATIP_TRY(list());
  std::vector<RetainedBackup> backups;
  for (const Backup& each : known.backups) {
    backups.push_back({.name = each.manifest.name,
                       .kind = each.manifest.kind,
                       .created_at = each.manifest.created_at,
                       .day = local_moment(each.manifest.created_at, options_.time_zone).day,
                       .is_verified = each.is_verified()});
  }
  return plan_retention(backups, options_.retention, now());
}

Result<std::vector<std::string>> BackupFolder::prune() {
  const FileLock lock = KATIP_TRY(this->lock());
  const auto plan = KATIP_TRY(plan_prune());
  const BackupList known = KATIP_TRY(list());
  std::vector<std::string> removed;
  for (const RetentionDecision& decision : plan) {
    if (decision.is_kept) continue;
    const auto backup = std::ranges::find(known.backups, decision.name,
                                          [](const Backup& each) { return each.manifest.name; });
    if (backup == known.backups.end()) continue;
    KATIP_TRY(remove_backup(*backup));
    removed.push_back(decision.name);
  }
  for (const BackupKind kind : kBackupKinds) {
    for (const fs::path& stray : strays_of(folder_of(kind))) {
      KATIP_TRY(remove_file(stray));
      removed.push_back(stray.filename());
    }
  }
  KATIP_TRY(prune_recordings());
  return removed;
}

}  // namespace katip::app
