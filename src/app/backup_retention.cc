#include "app/backup_retention.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

/// Tested by backup_retention_test.cc, over five years of days and on random stores.
///
/// Source: the buckets are those of restic's `forget --keep-daily --keep-weekly --keep-monthly`.
namespace katip::app {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr std::chrono::hours kUnverifiedKept(7 * 24);

/// A number that is the same for all backups of one bucket.
long long bucket_of(const RetainedBackup& backup, std::size_t index) {
  const long long day = backup.day.time_since_epoch().count();
  const std::chrono::year_month_day date(backup.day);
  switch (backup.kind) {
    case BackupKind::kDaily:
      return day;
    case BackupKind::kWeekly:
      // The first day of the epoch was a Thursday. Floored, so that weeks before it are whole too.
      return std::chrono::floor<std::chrono::weeks>(sys_days(days(day + 3)))
          .time_since_epoch()
          .count();
    case BackupKind::kMonthly:
      return int{date.year()} * 12LL + unsigned{date.month()};
    case BackupKind::kManual:
    case BackupKind::kSafety:
      return static_cast<long long>(index);
  }
  return 0;
}

int count_of(const RetentionPolicy& policy, BackupKind kind) {
  switch (kind) {
    case BackupKind::kDaily:
      return policy.daily;
    case BackupKind::kWeekly:
      return policy.weekly;
    case BackupKind::kMonthly:
      return policy.monthly;
    case BackupKind::kManual:
      return policy.manual;
    case BackupKind::kSafety:
      return policy.safety;
  }
  return 0;
}

Status check(const RetentionPolicy& policy) {
  int sum = 0;
  for (const BackupKind kind : {BackupKind::kDaily, BackupKind::kWeekly, BackupKind::kMonthly}) {
    sum += std::max(count_of(policy, kind), 0);
  }
  for (const BackupKind kind : kBackupKinds) {
    if (count_of(policy, kind) < 0) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("backup.keep_{} must not be negative", name(kind)));
    }
  }
  if (sum > 0) return {};
  return fail(ErrorCode::kInvalidArgument,
              "this policy keeps no daily, weekly or monthly backup at all; set one of "
              "backup.keep_daily, keep_weekly and keep_monthly");
}

class Planner {
 public:
  Planner(std::span<const RetainedBackup> backups, const RetentionPolicy& policy, Timestamp now)
      : backups_(backups), policy_(policy), now_(now), decisions_(backups.size()) {
    for (std::size_t i = 0; i < backups.size(); ++i) {
      decisions_[i] = {.name = backups[i].name, .is_kept = false, .reasons = {}};
      newest_first_.push_back(i);
    }
    std::ranges::sort(newest_first_, [&](std::size_t a, std::size_t b) {
      return std::pair(backups_[a].created_at, b) > std::pair(backups_[b].created_at, a);
    });
  }

  std::vector<RetentionDecision> run() {
    keep_future();
    for (const BackupKind kind : kBackupKinds) keep_buckets(kind);
    keep_newest();
    keep_unverified();
    for (std::size_t i = 0; i < backups_.size(); ++i) {
      if (!decisions_[i].is_kept && decisions_[i].reasons.empty()) {
        decisions_[i].reasons.push_back(
            fmt::format("older than the {} that are kept", name(backups_[i].kind)));
      }
    }
    return std::move(decisions_);
  }

 private:
  [[nodiscard]] bool counts(std::size_t i) const {
    return backups_[i].is_verified && backups_[i].created_at <= now_;
  }
  void keep(std::size_t i, std::string reason) {
    decisions_[i].is_kept = true;
    decisions_[i].reasons.push_back(std::move(reason));
  }

  void keep_future() {
    for (std::size_t i = 0; i < backups_.size(); ++i) {
      if (backups_[i].created_at > now_) keep(i, "lies in the future");
    }
  }

  void keep_buckets(BackupKind kind) {
    const int count = count_of(policy_, kind);
    std::set<long long> buckets;
    for (const std::size_t i : newest_first_) {
      if (backups_[i].kind != kind || !counts(i)) continue;
      if (static_cast<int>(buckets.size()) >= count) break;
      if (buckets.insert(bucket_of(backups_[i], i)).second) {
        keep(i, fmt::format("{} {} of {}", name(kind), buckets.size(), count));
      }
    }
  }

  void keep_newest() {
    bool has_any = false;
    bool has_safety = false;
    for (const std::size_t i : newest_first_) {
      if (!counts(i)) continue;
      if (!std::exchange(has_any, true)) keep(i, "newest verified");
      if (backups_[i].kind == BackupKind::kSafety && !std::exchange(has_safety, true)) {
        keep(i, "newest safety backup");
      }
    }
  }

  void keep_unverified() {
    bool has_newer = false;  // Is there a verified one that is newer?
    for (const std::size_t i : newest_first_) {
      if (backups_[i].created_at > now_) continue;
      if (backups_[i].is_verified) {
        has_newer = true;
      } else if (!has_newer) {
        keep(i, "no newer one is verified");
      } else if (now_ - backups_[i].created_at < kUnverifiedKept) {
        keep(i, "not verified yet");
      } else {
        decisions_[i].reasons.emplace_back("was not verified in a week");
      }
    }
  }

  std::span<const RetainedBackup> backups_;
  const RetentionPolicy& policy_;
  Timestamp now_;
  std::vector<RetentionDecision> decisions_;
  std::vector<std::size_t> newest_first_;
};

}  // namespace

std::string_view name(BackupKind kind) {
  switch (kind) {
    case BackupKind::kDaily:
      return "daily";
    case BackupKind::kWeekly:
      return "weekly";
    case BackupKind::kMonthly:
      return "monthly";
    case BackupKind::kManual:
      return "manual";
    case BackupKind::kSafety:
      return "safety";
  }
  return "";
}

std::optional<BackupKind> parse_backup_kind(std::string_view text) {
  for (const BackupKind kind : kBackupKinds) {
    if (text == name(kind)) return kind;
  }
  return std::nullopt;
}

bool is_weekly_due(sys_days day, std::optional<sys_days> newest) {
  if (!newest || day - *newest >= days(7)) return true;
  return std::chrono::weekday(day) == std::chrono::Sunday && *newest < day;
}

bool is_monthly_due(sys_days day, std::optional<sys_days> newest) {
  if (!newest) return true;
  const std::chrono::year_month_day today(day);
  const std::chrono::year_month_day before(*newest);
  return before.year() / before.month() < today.year() / today.month();
}

Result<std::vector<RetentionDecision>> plan_retention(std::span<const RetainedBackup> backups,
                                                      const RetentionPolicy& policy,
                                                      Timestamp now) {
  KATIP_TRY(check(policy));
  return Planner(backups, policy, now).run();
}

}  // namespace katip::app
