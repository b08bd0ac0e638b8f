#include "app/backup_folder.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/backup/calendar.h"
#include "app/backup/row.h"
#include "base/atomic_file.h"
#include "base/readable.h"
#include "base/uuid.h"
#include "store/backup_store.h"

/// Finding backups, and what they have in common. They are made in backup/making.cc, proved in
/// backup/proving.cc and let go in backup/letting_go.cc.
///
/// Tested by backup_folder_test.cc.
namespace katip::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kManifestSizeMax = std::size_t{4} << 20;
constexpr int kRowCountMax = 1'000;
constexpr std::chrono::days kFailedKept(30);
constexpr const char* kManifestSuffix = ".manifest.json";

/// Whether the row says what the files say.
bool is_same(const store::BackupRecord& row, const store::BackupRecord& wanted) {
  return row.status == wanted.status && row.size == wanted.size &&
         row.verified_at == wanted.verified_at && row.error == wanted.error &&
         row.media_count == wanted.media_count && row.media_size == wanted.media_size;
}

}  // namespace

Result<BackupFolder> BackupFolder::open(BackupOptions options, const Clock& clock, Rng& rng) {
  KATIP_TRY(check_time_zone(options.time_zone));
  if (options.url.dialect() == store::Dialect::kSqlite && options.url.is_memory()) {
    return fail(ErrorCode::kInvalidArgument, "a database in memory cannot be backed up");
  }
  BackupFolder folder(std::move(options), clock, rng);
  std::vector<fs::path> paths = {folder.scratch_dir()};
  for (const BackupKind kind : kBackupKinds) paths.push_back(folder.folder_of(kind));
  for (const fs::path& path : paths) {
    std::error_code error;
    fs::create_directories(path, error);
    if (error) return std::unexpected(file_error("make the folder", path, error.value()));
  }
  std::error_code ignored;  // Backups are as private as the database; the rest is up to its owner.
  fs::permissions(folder.options_.folder, fs::perms::owner_all, ignored);
  return folder;
}

fs::path BackupFolder::folder_of(BackupKind kind) const {
  return options_.folder / "database" / name(kind);
}

Result<FileLock> BackupFolder::lock() const {
  auto taken =
      KATIP_TRY(FileLock::try_take(options_.folder / "work.lock", FileLockKind::kExclusive));
  if (taken) return *std::move(taken);
  return fail(
      ErrorCode::kOverloaded,
      "a backup is being made, verified or deleted here already: try again when it is done");
}

Result<std::unique_ptr<store::DatabaseCopies>> BackupFolder::open_copies() const {
  return store::DatabaseCopies::open(
      options_.url,
      {.scratch_dir = scratch_dir(), .postgres_programs = options_.postgres_programs});
}

Result<Backup> BackupFolder::read(const fs::path& path) const {
  const std::string text = KATIP_TRY(read_whole_file(path, kManifestSizeMax));
  Backup backup{.manifest = KATIP_TRY(parse_backup_manifest(text)),
                .folder = path.parent_path(),
                .verification = std::nullopt};
  if (path.filename() != backup.manifest.name + kManifestSuffix) {
    return fail(ErrorCode::kCorruptData, "the manifest is that of another backup");
  }
  const auto tried = read_whole_file(backup.folder / (backup.manifest.name + ".verification.json"),
                                     kManifestSizeMax);
  if (!tried) return backup;
  auto verification = parse_verification(*tried);
  if (verification && verification->manifest_checksum == backup.manifest.checksum) {
    backup.verification = *std::move(verification);
  }
  return backup;
}

Result<BackupList> BackupFolder::list() const {
  BackupList list;
  for (const BackupKind kind : kBackupKinds) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder_of(kind), error)) {
      const std::string file_name = entry.path().filename();
      if (!file_name.ends_with(kManifestSuffix)) continue;
      auto backup = read(entry.path());
      if (backup) {
        list.backups.push_back(*std::move(backup));
      } else if (backup.error().code != ErrorCode::kNotFound) {  // Else it was just deleted.
        list.damaged.push_back(
            {.name = file_name.substr(0, file_name.size() - std::string(kManifestSuffix).size()),
             .error = std::move(backup).error()});
      }
    }
    if (error) return std::unexpected(file_error("read", folder_of(kind), error.value()));
  }
  std::ranges::sort(list.backups, [](const Backup& a, const Backup& b) {
    return std::pair(a.manifest.created_at, a.manifest.name) >
           std::pair(b.manifest.created_at, b.manifest.name);
  });
  return list;
}

Result<Backup> BackupFolder::find(const std::string& which) const {
  if (which.ends_with(kManifestSuffix)) return read(fs::absolute(which));
  const BackupList known = KATIP_TRY(list());
  for (const Backup& backup : known.backups) {
    if (backup.manifest.id == which || backup.manifest.name == which) return backup;
  }
  for (const DamagedBackup& damaged : known.damaged) {
    if (damaged.name == which) return std::unexpected(damaged.error);
  }
  return fail(ErrorCode::kNotFound,
              fmt::format("there is no backup `{}` in {}; `katip backup list` "
                          "shows those that are there",
                          which.substr(0, 200), options_.folder.string()));
}

Status BackupFolder::record(store::Pool& pool, std::stop_token stop) const {
  const BackupList known = KATIP_TRY(list());
  const store::PooledConnection sql = KATIP_TRY(pool.acquire(stop));
  const auto rows = KATIP_TRY(store::list_backups(*sql, kRowCountMax));
  for (const Backup& backup : known.backups) {
    const store::BackupRecord wanted = backup_row(backup);
    const auto row = std::ranges::find(rows, wanted.id, &store::BackupRecord::id);
    if (row == rows.end() || !is_same(*row, wanted)) KATIP_TRY(store::put_backup(*sql, wanted));
  }
  for (store::BackupRecord row : rows) {
    const bool has_files = std::ranges::any_of(
        known.backups, [&](const Backup& each) { return each.manifest.id == row.id; });
    if (has_files) continue;
    if (row.status == "running") {
      row.status = "failed";
      row.error = "it was interrupted";
      KATIP_TRY(store::put_backup(*sql, row));
    } else if (row.status != "failed" || now() - row.started_at > kFailedKept) {
      KATIP_TRY(store::delete_backup(*sql, row.id));
    }
  }
  return {};
}

store::BackupRecord backup_row(const Backup& backup) {
  const BackupManifest& manifest = backup.manifest;
  boost::json::object counts;
  for (const auto& [table, count] : manifest.database.row_counts) counts[table] = count;
  store::BackupRecord row{
      .id = manifest.id,
      .kind = std::string(name(manifest.kind)),
      .status = "completed",
      .database_kind = manifest.database_kind,
      .file_name = manifest.name,
      .size = manifest.size(),
      .sha256 = manifest.part("database")->packed.sha256,
      .schema_head = fmt::format("{}", fmt::join(manifest.database.schema_heads, ",")),
      .is_encrypted = manifest.key_id.has_value(),
      .started_at = manifest.created_at,
      .completed_at = manifest.completed_at,
      .row_counts = boost::json::serialize(counts)};
  if (row.schema_head->empty()) row.schema_head.reset();
  if (manifest.media) {
    row.media_count = manifest.media->count;
    row.media_size = manifest.media->size;
  }
  if (!backup.verification) return row;
  if (backup.verification->is_good) {
    row.status = "verified";
    row.verified_at = backup.verification->verified_at;
  } else {
    row.status = "failed";
    row.error = row_error(backup.verification->error);
  }
  return row;
}

std::string row_error(const std::string& message) {
  constexpr std::size_t kErrorSizeMax = 1'000;  // In bytes; the row has room for more characters.
  return message.empty() ? "unknown" : message.substr(0, kErrorSizeMax);
}

}  // namespace katip::app
