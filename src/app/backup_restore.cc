#include "app/backup_restore.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/backup/restore_journal.h"
#include "app/backup_tasks.h"
#include "app/database_use.h"
#include "base/atomic_file.h"
#include "store/pool.h"
#include "store/schema.h"

/// Everything that may fail happens before the live database is touched: the backup is loaded
/// beside it, looked through, compared with its manifest and upgraded; what is live becomes a
/// backup. Then comes one step that happens or does not, and after it only what can be done again
/// and again. The journal says which half of this a killed restore was in.
///
/// Tested by backup_restore_test.cc, which kills it everywhere.
namespace katip::app {
namespace {

namespace fs = std::filesystem;

/// Of a restore, what its steps have in common.
class Restore {
 public:
  Restore(BackupFolder& folder, const RestoreRequest& request, const Clock& clock,
          std::stop_token stop)
      : folder_(folder),
        request_(request),
        clock_(clock),
        stop_(std::move(stop)),
        place_{.url = folder.options().url, .data_dir = folder.options().data_dir} {}

  Result<RestoreReport> run();

 private:
  Status check() const;
  Result<RestoreReport> run_taken();
  Status prepare(store::DatabaseCopies& copies, RestoreReport& report);
  Status upgrade(store::DatabaseCopies& copies, RestoreReport& report);
  Status save_live(store::DatabaseCopies& copies, RestoreReport& report);
  Status swap(store::DatabaseCopies& copies);
  Status tell() const;
  [[nodiscard]] RestoreJournal journal(bool is_swapping) const {
    return {.backup = request_.backup.manifest.name,
            .is_swapping = is_swapping,
            .replaces_files = request_.backup.manifest.part("files") != nullptr};
  }
  void at(RestoreStep step) const { request_.on_step(step); }

  BackupFolder& folder_;
  const RestoreRequest& request_;
  const Clock& clock_;
  std::stop_token stop_;
  DatabasePlace place_;
};

/// What can be said without reading more than the manifest.
Status Restore::check() const {
  const BackupManifest& manifest = request_.backup.manifest;
  KATIP_TRY(check_key(manifest, folder_.key()));
  if (KATIP_TRY(store::knows_schema(manifest.database.schema_heads))) return {};
  return fail(ErrorCode::kConflict,
              fmt::format("{} has the schema {} of katip {}, which is newer than this one: install "
                          "that katip, and restore with it",
                          manifest.name, fmt::join(manifest.database.schema_heads, ", "),
                          manifest.katip_version));
}

Status Restore::upgrade(store::DatabaseCopies& copies, RestoreReport& report) {
  const auto copy = KATIP_TRY(store::Connection::open(copies.url_of(kRestoredCopy), {}));
  report.upgraded_count = KATIP_TRY(store::upgrade_to_head(*copy, {.stop = stop_}));
  return {};
}

Status Restore::save_live(store::DatabaseCopies& copies, RestoreReport& report) {
  if (!request_.with_safety_backup || !KATIP_TRY(copies.exists())) return {};
  const auto pool = KATIP_TRY(store::Pool::create(place_.url, {}, {.connection_count_max = 2}));
  const auto made = folder_.create(*pool, BackupKind::kSafety, request_.observer, stop_);
  const auto proof = made ? folder_.verify(*made, request_.observer, stop_, MediaCheck::kSizes)
                          : Result<RestoreProof>(std::unexpected(made.error()));
  if (!proof) {
    return fail(
        "what is live now cannot be backed up, so nothing was changed "
        "(--no-safety-backup restores nevertheless)",
        proof.error());
  }
  report.safety_backup = made->manifest.name;
  return {};
}

/// Beside the live ones; nothing of this is missed when it is thrown away.
Status Restore::prepare(store::DatabaseCopies& copies, RestoreReport& report) {
  report.database =
      KATIP_TRY(folder_.load(request_.backup, copies, kRestoredCopy, request_.observer, stop_));
  at(RestoreStep::kLoaded);
  KATIP_TRY(upgrade(copies, report));
  at(RestoreStep::kUpgraded);
  KATIP_TRY(folder_.unpack_files(request_.backup, place_.data_dir / kRestoredFiles, stop_));
  KATIP_TRY(mark_absent(place_.data_dir));
  at(RestoreStep::kUnpacked);
  KATIP_TRY(save_live(copies, report));
  if (request_.with_media && request_.backup.manifest.media) {
    auto media = folder_.put_back_recordings(request_.backup, request_.observer, stop_);
    if (!media) {
      return fail("the recordings cannot be put back (--no-media restores without them)",
                  std::move(media).error());
    }
    report.media = *std::move(media);
  }
  at(RestoreStep::kSafe);
  return {};
}

Status Restore::swap(store::DatabaseCopies& copies) {
  request_.observer.on_step("putting the backup in place");
  KATIP_TRY(write_journal(place_, journal(true)));
  at(RestoreStep::kReady);
  KATIP_TRY(copies.put_in_place(kRestoredCopy, kReplacedCopy));
  at(RestoreStep::kSwapped);
  if (journal(true).replaces_files) KATIP_TRY(move_files(place_.data_dir));
  at(RestoreStep::kFilesMoved);
  KATIP_TRY(remove_leftovers(place_, copies));
  at(RestoreStep::kCleaned);
  return remove_journal(place_);
}

/// The restored database knows neither its own backup nor those that came after it.
Status Restore::tell() const {
  const auto pool = KATIP_TRY(store::Pool::create(place_.url, {}, {.connection_count_max = 1}));
  return folder_.record(*pool, {});
}

Result<RestoreReport> Restore::run_taken() {
  RestoreReport report{.name = request_.backup.manifest.name,
                       .safety_backup = std::nullopt,
                       .upgraded_count = 0,
                       .database = {},
                       .media = std::nullopt,
                       .seconds = 0};
  const auto begin = clock_.now();
  const auto copies = KATIP_TRY(folder_.open_copies());
  KATIP_TRY(write_journal(place_, journal(false)));
  Status done = remove_leftovers(place_, *copies);
  if (done) done = prepare(*copies, report);
  if (done) done = swap(*copies);
  if (!done) {
    // The first error is the one to tell; what cannot be settled now is settled at the next start.
    static_cast<void>(settle_restore(place_));
    return std::unexpected(std::move(done).error());
  }
  KATIP_TRY(tell());
  report.seconds = std::chrono::duration<double>(clock_.now() - begin).count();
  return report;
}

Result<RestoreReport> Restore::run() {
  KATIP_TRY(check());
  if (request_.is_dry_run) {
    const RestoreProof proof =
        KATIP_TRY(folder_.verify(request_.backup, request_.observer, stop_,
                                 request_.with_media ? MediaCheck::kContents : MediaCheck::kSizes));
    return RestoreReport{.name = request_.backup.manifest.name,
                         .safety_backup = std::nullopt,
                         .upgraded_count = 0,
                         .database = proof.database,
                         .media = std::nullopt,
                         .seconds = proof.seconds};
  }
  std::error_code error;
  fs::create_directories(place_.data_dir, error);
  if (place_.url.dialect() == store::Dialect::kSqlite) {
    fs::create_directories(place_.url.path().parent_path(), error);
  }
  const FileLock taken = KATIP_TRY(take_database(place_, request_.wait_max, clock_, stop_));
  KATIP_TRY(settle_restore(place_));
  at(RestoreStep::kTaken);
  return run_taken();
}

}  // namespace

std::string_view name(RestoreStep step) {
  switch (step) {
    case RestoreStep::kTaken:
      return "taken";
    case RestoreStep::kLoaded:
      return "loaded";
    case RestoreStep::kUpgraded:
      return "upgraded";
    case RestoreStep::kUnpacked:
      return "unpacked";
    case RestoreStep::kSafe:
      return "safe";
    case RestoreStep::kReady:
      return "ready";
    case RestoreStep::kSwapped:
      return "swapped";
    case RestoreStep::kFilesMoved:
      return "files_moved";
    case RestoreStep::kCleaned:
      return "cleaned";
  }
  return "";
}

Result<RestoreReport> restore_backup(BackupFolder& folder, const RestoreRequest& request,
                                     const Clock& clock, std::stop_token stop) {
  return Restore(folder, request, clock, std::move(stop)).run();
}

}  // namespace katip::app
