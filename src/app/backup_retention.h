#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/timestamp.h"
#include "base/result.h"

/// Which backups stay. Pure: what is decided follows from the list alone.
namespace katip::app {

enum class BackupKind { kDaily, kWeekly, kMonthly, kManual, kSafety };
inline constexpr BackupKind kBackupKinds[] = {BackupKind::kDaily, BackupKind::kWeekly,
                                              BackupKind::kMonthly, BackupKind::kManual,
                                              BackupKind::kSafety};
/// "daily" …
std::string_view name(BackupKind kind);
std::optional<BackupKind> parse_backup_kind(std::string_view text);

/// How many of each kind stay: days, weeks (Monday to Sunday) and months that have a verified
/// backup, and so many of the other kinds.
struct RetentionPolicy {
  int daily = 30;
  int weekly = 12;
  int monthly = 12;
  int manual = 10;
  int safety = 3;
};

/// Whether the daily backup of this day becomes the copy of its week: on Sundays, and when the
/// newest copy is a week old because nobody was there on Sunday.
bool is_weekly_due(std::chrono::sys_days day, std::optional<std::chrono::sys_days> newest);
/// The same for its month: on the first, or the first day on which somebody is there.
bool is_monthly_due(std::chrono::sys_days day, std::optional<std::chrono::sys_days> newest);

struct RetainedBackup {
  std::string name;
  BackupKind kind = BackupKind::kDaily;
  Timestamp created_at;
  std::chrono::sys_days day;  ///< The day that the calendar of the schedule's time zone showed.
  bool is_verified = false;
};

struct RetentionDecision {
  std::string name;
  bool is_kept = true;
  /// Why it stays, all that holds ("daily 3 of 30", "newest verified"); or why it goes.
  std::vector<std::string> reasons;
};

/// One decision for each, in the same order. Only verified backups count, so that the store never
/// runs empty when backups stop or fail: the newest of each bucket is kept, for as many buckets as
/// the policy says. The newest verified one and the newest safety backup stay always. One that is
/// not verified stays while it may still become it: as long as it is newer than every verified one,
/// and for a week. What lies in the future is kept and not counted.
///
/// Errors: kInvalidArgument for a policy that keeps nothing, and for negative numbers.
Result<std::vector<RetentionDecision>> plan_retention(std::span<const RetainedBackup> backups,
                                                      const RetentionPolicy& policy, Timestamp now);

}  // namespace katip::app
