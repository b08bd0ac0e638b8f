#include <algorithm>

#include <fmt/format.h>

#include "app/backup/data_archive.h"
#include "app/backup/room.h"
#include "app/backup_folder.h"
#include "base/atomic_file.h"
#include "store/backup_store.h"

/// A backup is good when it was restored: its database was loaded as one of its own, is sound, has
/// the rows that the manifest tells of, and among them the one that was written last.
///
/// Tested by ../backup_folder_test.cc.
namespace katip::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCopyName = "verify";

/// The first thing that differs.
Status compare(const store::DatabaseFacts& found, const store::DatabaseFacts& expected) {
  if (found.schema_heads != expected.schema_heads) {
    return fail(ErrorCode::kCorruptData, "the restored schema is not that of the manifest");
  }
  for (const auto& [table, count] : expected.row_counts) {
    const auto row = found.row_counts.find(table);
    const std::int64_t restored = row == found.row_counts.end() ? -1 : row->second;
    if (restored == count) continue;
    return fail(ErrorCode::kCorruptData,
                restored < 0
                    ? fmt::format("the table {} is missing in the restored database", table)
                    : fmt::format("the table {} has {} rows in the restored database, and "
                                  "{} by the manifest",
                                  table, restored, count));
  }
  return found.row_counts.size() == expected.row_counts.size()
             ? Status{}
             : fail(ErrorCode::kCorruptData,
                    "the restored database has tables that the manifest "
                    "does not tell of");
}

Status find_sentinel(const store::DatabaseUrl& url, const std::string& id) {
  const auto copy = KATIP_TRY(store::Connection::open(url, {}));
  if (KATIP_TRY(store::find_backup(*copy, id))) return {};
  return fail(ErrorCode::kCorruptData,
              "the row that was written just before the backup is not in it: what was committed "
              "last is missing");
}

}  // namespace

Result<store::DatabaseFacts> BackupFolder::load(const Backup& backup, store::DatabaseCopies& copies,
                                                const std::string& name,
                                                const BackupObserver& observer,
                                                std::stop_token stop) const {
  const BackupManifest& manifest = backup.manifest;
  KATIP_TRY(check_key(manifest, key()));
  if (manifest.database_kind != store::name(copies.dialect())) {
    return fail(ErrorCode::kConflict,
                fmt::format("{} is a backup of {}, and the database here is {}; `katip data "
                            "migrate` goes from one to the other",
                            manifest.name, manifest.database_kind, store::name(copies.dialect())));
  }
  const BackupPart& part = *manifest.part("database");
  const fs::path target = copies.load_path(name);
  KATIP_TRY(copies.drop(name));
  KATIP_TRY(check_room(target.parent_path(),
                       part.packed.plain_size / 10 * 11 + (std::int64_t{16} << 20)));
  const auto run = [&]() -> Result<store::DatabaseFacts> {
    observer.on_step("unpacking the database");
    KATIP_TRY(store::unpack_file(
        backup.folder / part.file_name, target,
        {.expected = part.packed,
         .key = manifest.key_id ? key() : nullptr,
         .on_progress =
             [&](std::int64_t done) { observer.on_progress(done, part.packed.plain_size); },
         .stop = stop}));
    observer.on_step("restoring the database");
    KATIP_TRY(copies.load(name, stop));
    observer.on_step("looking through the restored database");
    auto facts = KATIP_TRY(copies.check(name, stop));
    KATIP_TRY(compare(facts, manifest.database));
    KATIP_TRY(find_sentinel(copies.url_of(name), manifest.sentinel_id));
    return facts;
  };
  auto facts = run();
  if (!facts) {
    std::error_code ignored;
    fs::remove(target, ignored);
    static_cast<void>(copies.drop(name));  // The first error is the one that counts.
  }
  return facts;
}

Status BackupFolder::unpack_files(const Backup& backup, const fs::path& folder,
                                  std::stop_token stop) const {
  const BackupPart* part = backup.manifest.part("files");
  if (part == nullptr) return {};
  std::error_code error;
  fs::create_directories(folder, error);
  const fs::path archive = folder.string() + ".tar";
  fs::remove(archive, error);
  KATIP_TRY(store::unpack_file(
      backup.folder / part->file_name, archive,
      {.expected = part->packed, .key = backup.manifest.key_id ? key() : nullptr, .stop = stop}));
  const Status read = read_data_archive(archive, folder, stop);
  fs::remove(archive, error);
  return read;
}

Result<RestoreProof> BackupFolder::prove(const Backup& backup, MediaCheck media,
                                         const BackupObserver& observer,
                                         std::stop_token stop) const {
  const auto begin = clock_->now();
  const auto copies = KATIP_TRY(open_copies());
  RestoreProof proof;
  proof.database = KATIP_TRY(load(backup, *copies, kCopyName, observer, stop));
  KATIP_TRY(copies->drop(kCopyName));
  observer.on_step("unpacking profiles and state");
  const fs::path files = scratch_dir() / "verify_files";
  std::error_code ignored;
  fs::remove_all(files, ignored);
  const Status unpacked = unpack_files(backup, files, stop);
  fs::remove_all(files, ignored);
  KATIP_TRY(unpacked);
  KATIP_TRY(check_recordings(backup, media, observer, stop));
  proof.seconds = std::chrono::duration<double>(clock_->now() - begin).count();
  return proof;
}

Result<RestoreProof> BackupFolder::verify(const Backup& backup, const BackupObserver& observer,
                                          std::stop_token stop, MediaCheck media) {
  const FileLock lock = KATIP_TRY(this->lock());
  auto proof = prove(backup, media, observer, std::move(stop));
  // Only what is wrong with the backup itself is held against it.
  if (!proof && proof.error().code != ErrorCode::kCorruptData) return proof;
  const BackupVerification verification{.manifest_checksum = backup.manifest.checksum,
                                        .is_good = proof.has_value(),
                                        .error = proof ? "" : proof.error().message,
                                        .verified_at = now(),
                                        .seconds = proof ? proof->seconds : 0,
                                        .katip_version = options_.katip_version};
  KATIP_TRY(write_file_atomically(backup.folder / (backup.manifest.name + ".verification.json"),
                                  verification_text(verification)));
  return proof;
}

}  // namespace katip::app
