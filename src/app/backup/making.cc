#include <algorithm>

#include <fmt/format.h>

#include "app/backup/calendar.h"
#include "app/backup/data_archive.h"
#include "app/backup/named_recordings.h"
#include "app/backup/room.h"
#include "app/backup/row.h"
#include "app/backup_folder.h"
#include "base/atomic_file.h"
#include "base/scratch_folder.h"
#include "base/uuid.h"
#include "store/backup_store.h"

/// A backup is written into a folder `.making-…` and moved when it is whole, its manifest last:
/// what has no manifest is none.
///
/// Tested by ../backup_folder_test.cc.
namespace katip::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMakingPrefix = ".making-";

/// What others left who were killed.
void remove_unfinished(const fs::path& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string file_name = entry.path().filename();
    std::error_code ignored;
    if (file_name.starts_with(kMakingPrefix)) fs::remove_all(entry.path(), ignored);
  }
}

Status move_file(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  return error ? std::unexpected(file_error("move", from, error.value())) : Status{};
}

/// A second name for the same bytes; where the file system has none, a copy of them.
Status link_or_copy(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_hard_link(from, to, error);
  if (!error) return {};
  fs::copy_file(from, to, error);
  return error ? std::unexpected(file_error("copy", from, error.value())) : Status{};
}

/// The row that says what becomes of it; the backup holds it as it was at the beginning.
store::BackupRecord first_row(const BackupManifest& manifest) {
  return {.id = manifest.id,
          .kind = std::string(name(manifest.kind)),
          .status = "running",
          .database_kind = manifest.database_kind,
          .file_name = manifest.name,
          .is_encrypted = manifest.key_id.has_value(),
          .started_at = manifest.created_at};
}

Status put_row(store::Pool& pool, const store::BackupRecord& row, std::stop_token stop) {
  const store::PooledConnection sql = KATIP_TRY(pool.acquire(std::move(stop)));
  return store::put_backup(*sql, row);
}

}  // namespace

std::string BackupFolder::new_name(BackupKind kind, Timestamp at) const {
  // Two of one second, and hours that a clock shows twice, get different names.
  for (Timestamp time = at;; time += std::chrono::seconds(1)) {
    std::string file_name =
        fmt::format("katip_{}_{}", name(kind), local_moment(time, options_.time_zone).stamp);
    std::error_code error;
    if (!fs::exists(folder_of(kind) / (file_name + ".manifest.json"), error)) return file_name;
  }
}

/// The dump, which is as large as the database, and beside it what it is packed into.
Status BackupFolder::check_room_for_dump(const fs::path& folder, store::DatabaseCopies& copies) {
  const std::int64_t size = KATIP_TRY(copies.size());
  return check_room(folder, size / 5 * 11 + (std::int64_t{16} << 20));
}

Status BackupFolder::pack(const fs::path& plain, const std::string& role, const std::string& suffix,
                          BackupManifest& manifest, const BackupObserver& observer,
                          std::stop_token stop) const {
  const std::string file_name =
      manifest.name + suffix + ".zst" + (key() == nullptr ? "" : ".sealed");
  std::error_code error;
  const auto total = static_cast<std::int64_t>(fs::file_size(plain, error));
  const store::PackedFile packed = KATIP_TRY(store::pack_file(
      plain, plain.parent_path() / file_name,
      {.level = options_.compression_level,
       .key = key(),
       .on_progress = [&](std::int64_t done) { observer.on_progress(done, total); },
       .stop = stop}));
  fs::remove(plain, error);
  manifest.parts.push_back({.role = role, .file_name = file_name, .packed = packed});
  return {};
}

Result<BackupManifest> BackupFolder::write(store::Pool& pool, store::DatabaseCopies& copies,
                                           BackupManifest manifest, const BackupObserver& observer,
                                           std::stop_token stop) const {
  const auto making = KATIP_TRY(ScratchFolder::make(options_.folder, kMakingPrefix));
  // What is named before or after the copy is named in it, and of what goes meanwhile is told.
  std::set<std::string> recordings;
  if (options_.with_media) KATIP_TRY(add_named_recordings(pool, recordings, stop));
  observer.on_step("copying the database");
  manifest.database = KATIP_TRY(copies.dump(making.path() / "database", stop));
  observer.on_step("packing the database");
  const bool is_sqlite = copies.dialect() == store::Dialect::kSqlite;
  KATIP_TRY(pack(making.path() / "database", "database", is_sqlite ? ".sqlite" : ".pgdump",
                 manifest, observer, stop));
  observer.on_step("packing profiles and state");
  KATIP_TRY(write_data_archive(options_.data_dir, making.path() / "files", stop));
  KATIP_TRY(pack(making.path() / "files", "files", ".files.tar", manifest, observer, stop));
  if (options_.with_media) {
    KATIP_TRY(add_named_recordings(pool, recordings, stop));
    KATIP_TRY(add_recordings(recordings, making.path(), manifest, observer, stop));
  }
  manifest.completed_at = now();
  const fs::path folder = folder_of(manifest.kind);
  for (const BackupPart& part : manifest.parts) {
    KATIP_TRY(move_file(making.path() / part.file_name, folder / part.file_name));
  }
  sync_folder(folder);
  const std::string text = manifest_text(manifest, key());
  KATIP_TRY(write_file_atomically(folder / (manifest.name + ".manifest.json"), text));
  return manifest;
}

Result<Backup> BackupFolder::create(store::Pool& pool, BackupKind kind,
                                    const BackupObserver& observer, std::stop_token stop) {
  const FileLock lock = KATIP_TRY(this->lock());
  remove_unfinished(options_.folder);
  const auto copies = KATIP_TRY(open_copies());
  KATIP_TRY(check_room_for_dump(options_.folder, *copies));
  BackupManifest manifest{
      .id = UuidSource(*clock_, *rng_).next(),
      .name = new_name(kind, now()),
      .kind = kind,
      .created_at = now(),
      .katip_version = options_.katip_version,
      .database_kind = std::string(store::name(copies->dialect())),
  };
  manifest.sentinel_id = manifest.id;
  if (key() != nullptr) manifest.key_id = key()->id();
  store::BackupRecord row = first_row(manifest);
  KATIP_TRY(put_row(pool, row, stop));
  Result<BackupManifest> written = write(pool, *copies, std::move(manifest), observer, stop);
  if (!written) {
    row.status = "failed";
    row.error = row_error(written.error().message);
    static_cast<void>(put_row(pool, row, {}));  // The error itself is what has to be told.
    return std::unexpected(std::move(written).error());
  }
  const fs::path folder = folder_of(kind);
  Backup made{.manifest = *std::move(written), .folder = folder, .verification = std::nullopt};
  KATIP_TRY(put_row(pool, backup_row(made), stop));
  return made;
}

Result<Backup> BackupFolder::copy_as(const Backup& daily, BackupKind kind) {
  Backup copy{.manifest = daily.manifest, .folder = folder_of(kind), .verification = std::nullopt};
  BackupManifest& manifest = copy.manifest;
  manifest.id = UuidSource(*clock_, *rng_).next();
  manifest.name = new_name(kind, manifest.created_at);
  manifest.kind = kind;
  manifest.copy_of = daily.manifest.name;
  for (BackupPart& part : manifest.parts) {
    const std::string source = part.file_name;
    part.file_name = manifest.name + source.substr(daily.manifest.name.size());
    std::error_code ignored;
    fs::remove(copy.folder / part.file_name, ignored);
    KATIP_TRY(link_or_copy(daily.folder / source, copy.folder / part.file_name));
    KATIP_TRY(store::unpack_file(copy.folder / part.file_name, std::nullopt,
                                 {.expected = part.packed, .key = key()}));
  }
  sync_folder(copy.folder);
  const std::string text = manifest_text(manifest, key());
  copy.verification = daily.verification;
  copy.verification->manifest_checksum = manifest.checksum;
  KATIP_TRY(write_file_atomically(copy.folder / (manifest.name + ".verification.json"),
                                  verification_text(*copy.verification)));
  KATIP_TRY(write_file_atomically(copy.folder / (manifest.name + ".manifest.json"), text));
  return copy;
}

Result<std::vector<Backup>> BackupFolder::copy_tiers(const Backup& daily) {
  std::vector<Backup> made;
  if (daily.manifest.kind != BackupKind::kDaily || !daily.is_verified()) return made;
  const FileLock lock = KATIP_TRY(this->lock());
  const BackupList known = KATIP_TRY(list());
  const auto day_of = [&](const Backup& backup) {
    return local_moment(backup.manifest.created_at, options_.time_zone).day;
  };
  const auto newest = [&](BackupKind kind) -> std::optional<std::chrono::sys_days> {
    const auto found = std::ranges::find(known.backups, kind,
                                         [](const Backup& each) { return each.manifest.kind; });
    return found == known.backups.end() ? std::nullopt : std::optional(day_of(*found));
  };
  if (is_weekly_due(day_of(daily), newest(BackupKind::kWeekly))) {
    made.push_back(KATIP_TRY(copy_as(daily, BackupKind::kWeekly)));
  }
  if (is_monthly_due(day_of(daily), newest(BackupKind::kMonthly))) {
    made.push_back(KATIP_TRY(copy_as(daily, BackupKind::kMonthly)));
  }
  return made;
}

}  // namespace katip::app
