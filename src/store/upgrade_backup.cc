#include "store/upgrade_backup.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/atomic_file.h"
#include "base/disk_room.h"
#include "store/sqlite/file_copy.h"

/// Tested by upgrade_backup_test.cc.
namespace katip::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMark = ".before-upgrade.";
/// While it is made. Never taken for a backup: it may be half of one.
constexpr std::string_view kUnfinished = ".unfinished";
constexpr std::int64_t kSpare = std::int64_t{16} << 20;  ///< For the upgrade itself.
constexpr std::size_t kRevisionsSizeMax = 100;           ///< Of a name, which may have 255 bytes.

std::string prefix_of(const fs::path& database) {
  return database.filename().string() + std::string(kMark);
}

/// "8c41d7e2a05f" of "katip.db.before-upgrade.20261122T113700Z.8c41d7e2a05f".
std::string revision_of(const fs::path& backup) {
  const std::string name = backup.filename().string();
  return name.substr(name.rfind('.') + 1);
}

/// "20261122T113700Z": it sorts as the time does, and is a plain file name everywhere.
std::string stamp_of(std::chrono::system_clock::time_point time) {
  std::string text = utc_timestamp(time);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

fs::path path_for(const fs::path& database, const std::vector<std::string>& revisions,
                  std::chrono::system_clock::time_point now) {
  std::string at = revisions.empty() ? "none" : fmt::format("{}", fmt::join(revisions, "_"));
  // Ids are hexadecimal, unless somebody chose others.
  std::ranges::replace_if(at, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  fs::path path = database;
  path += fmt::format("{}{}.{}", kMark, stamp_of(now), at.substr(0, kRevisionsSizeMax));
  return path;
}

/// Whether there is anything to lose: tables beside those that migrations keep for themselves.
Result<bool> has_tables(Connection& database) {
  const Rows rows = KATIP_TRY(
      database.query("select 1 from sqlite_master where type = 'table' and name not like "
                     "'sqlite\\_%' escape '\\' and name not like 'katip\\_migration\\_%' escape "
                     "'\\' and name <> 'alembic_version' limit 1"));
  return !rows.empty();
}

Status check_room(const fs::path& folder, std::int64_t size, const UpgradeBackupOptions& options) {
  if (options.has_room) return options.has_room(folder, size + kSpare);
  return check_disk_room(folder, size + kSpare, "make room");
}

/// What a process that was killed meanwhile has left.
void remove_unfinished(const fs::path& database) {
  const std::string prefix = prefix_of(database);
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(database.parent_path(), ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && name.contains(kUnfinished)) fs::remove(entry.path(), ignored);
  }
}

void remove_old(const fs::path& database, std::size_t count_max) {
  std::set<std::string> kept;
  for (const fs::path& backup : upgrade_backups_of(database)) {
    const bool is_kept = kept.size() < count_max && kept.insert(revision_of(backup)).second;
    // One that cannot be removed now is tried again by the next upgrade.
    if (!is_kept) static_cast<void>(sqlite::remove_database(backup));
  }
}

Status make(Connection& database, const fs::path& file, const UpgradeBackup& backup,
            const UpgradeBackupOptions& options, const std::stop_token& stop) {
  KATIP_TRY(check_room(file.parent_path(), backup.size, options));
  remove_unfinished(file);
  options.on_begin(backup);
  fs::path unfinished = backup.path;
  unfinished += kUnfinished;
  KATIP_TRY(sqlite::copy_to(file, unfinished, stop));
  if (Status sound = sqlite::check_copy(database, unfinished, stop); !sound) {
    static_cast<void>(sqlite::remove_database(unfinished));
    return sound;
  }
  // To look through it has changed a page of it: how its log is kept.
  KATIP_TRY(sync_file(unfinished));
  if (std::rename(unfinished.c_str(), backup.path.c_str()) != 0) {
    return std::unexpected(file_error("rename", unfinished, errno));
  }
  sync_folder(file.parent_path());
  return {};
}

}  // namespace

Result<std::optional<UpgradeBackup>> back_up_before_upgrade(
    Connection& database, const std::vector<std::string>& revisions,
    const UpgradeBackupOptions& options, std::stop_token stop) {
  if (database.dialect() != Dialect::kSqlite) return std::optional<UpgradeBackup>();
  const auto file = KATIP_TRY(sqlite::file_of(database));
  if (!file) return std::optional<UpgradeBackup>();
  if (!KATIP_TRY(has_tables(database))) return std::optional<UpgradeBackup>();
  UpgradeBackup backup{.path = path_for(*file, revisions, database.options().clock->calendar()),
                       .size = KATIP_TRY(sqlite::copy_size(database))};
  Status made = make(database, *file, backup, options, stop);
  if (!made && made.error().code == ErrorCode::kCancelled) return std::unexpected(made.error());
  if (!made) {
    return fail(made.error().code,
                fmt::format("the database cannot be copied before its schema changes, so nothing "
                            "was changed: {}. To go on without a copy: --no-backup of `katip "
                            "migrate`, or KATIP_MIGRATE_BACKUP=off",
                            made.error().message));
  }
  std::error_code ignored;
  const auto size = fs::file_size(backup.path, ignored);
  if (!ignored) backup.size = static_cast<std::int64_t>(size);
  remove_old(*file, std::max<std::size_t>(options.count_max, 1));
  options.on_made(backup);
  return backup;
}

std::vector<fs::path> upgrade_backups_of(const fs::path& database) {
  const std::string prefix = prefix_of(database);
  std::vector<fs::path> found;
  std::error_code ignored;
  const fs::path folder = database.parent_path().empty() ? "." : database.parent_path();
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    const std::string rest = name.starts_with(prefix) ? name.substr(prefix.size()) : "";
    // Neither an unfinished one nor the log of one that somebody looks at.
    if (std::ranges::count(rest, '.') == 1 && !rest.ends_with("-wal") && !rest.ends_with("-shm")) {
      found.push_back(entry.path());
    }
  }
  std::ranges::sort(found, std::ranges::greater());
  return found;
}

}  // namespace katip::store
