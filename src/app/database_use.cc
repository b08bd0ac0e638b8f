#include "app/database_use.h"

#include <fmt/format.h>

#include "app/backup/restore_journal.h"
#include "store/database_copies.h"

/// Tested by backup_restore_test.cc.
namespace katip::app {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kLookInterval(100);
constexpr std::chrono::seconds kSettleWait(10);

fs::path beside(const DatabasePlace& place, const char* suffix) {
  if (place.url.dialect() == store::Dialect::kSqlite) {
    fs::path path = place.url.path();
    return path += suffix;
  }
  return place.data_dir / (std::string("database") + suffix);
}

/// Takes the lock, looking again until the time is over; nothing: somebody has it all the time.
Result<std::optional<FileLock>> wait_for_lock(const DatabasePlace& place, FileLockKind kind,
                                              std::chrono::milliseconds wait_max,
                                              const Clock& clock, const std::stop_token& stop) {
  const auto deadline = clock.now() + wait_max;
  while (true) {
    auto lock = KATIP_TRY(FileLock::try_take(place.lock_file(), kind));
    if (lock || clock.now() >= deadline) return lock;
    if (!clock.sleep_for(kLookInterval, stop)) return fail(ErrorCode::kCancelled, "stopped");
  }
}

std::unexpected<Error> is_restored() {
  return fail(ErrorCode::kUnavailable,
              "the database is being restored from a backup: try again when that is done");
}

}  // namespace

fs::path DatabasePlace::lock_file() const { return beside(*this, ".use.lock"); }
fs::path DatabasePlace::journal_file() const { return beside(*this, ".restore.json"); }

Result<std::optional<FileLock>> use_database(const DatabasePlace& place, const Clock& clock,
                                             std::stop_token stop) {
  if (place.url.dialect() == store::Dialect::kSqlite && place.url.is_memory()) {
    return std::optional<FileLock>();
  }
  std::error_code error;
  if (fs::exists(place.journal_file(), error)) {
    const auto alone =
        KATIP_TRY(wait_for_lock(place, FileLockKind::kExclusive, kSettleWait, clock, stop));
    if (!alone) return is_restored();
    KATIP_TRY(settle_restore(place));
  }
  auto lock = KATIP_TRY(wait_for_lock(place, FileLockKind::kShared, kSettleWait, clock, stop));
  if (!lock) return is_restored();
  return lock;
}

Result<FileLock> take_database(const DatabasePlace& place, std::chrono::seconds wait_max,
                               const Clock& clock, std::stop_token stop) {
  auto lock = KATIP_TRY(wait_for_lock(place, FileLockKind::kExclusive, wait_max, clock, stop));
  if (lock) return *std::move(lock);
  return fail(ErrorCode::kConflict,
              "somebody works on this database: stop `katip serve`, `katip worker` and other "
              "commands of katip first (--wait 60 waits a minute for them to end)");
}

Result<std::optional<SettledRestore>> settle_restore(const DatabasePlace& place) {
  const auto journal = KATIP_TRY(read_journal(place));
  if (!journal) return std::optional<SettledRestore>();
  const auto copies =
      KATIP_TRY(store::DatabaseCopies::open(place.url, {.scratch_dir = place.data_dir}));
  // The copy is gone when, and only when, it has become the live database.
  const bool is_new = journal->is_swapping && !KATIP_TRY(copies->has(kRestoredCopy));
  if (is_new) {
    if (journal->replaces_files) KATIP_TRY(move_files(place.data_dir));
  } else if (journal->is_swapping) {
    KATIP_TRY(copies->undo_put(kReplacedCopy));
  }
  KATIP_TRY(remove_leftovers(place, *copies));
  KATIP_TRY(remove_journal(place));
  return std::optional(is_new ? SettledRestore::kNew : SettledRestore::kOld);
}

}  // namespace katip::app
