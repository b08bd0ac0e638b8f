#include "app/backups.h"

#include <algorithm>

#include <boost/json.hpp>

#include "app/backup_tasks.h"
#include "jobs/cron.h"
#include "store/schedule_store.h"

/// Tested by backups_test.cc on both databases.
namespace katip::app {
namespace {

constexpr int kRowCountMax = 1'000;

Status check(const Principal& who) {
  if (who.may(Permission::kOperate)) return {};
  return fail(ErrorCode::kPermissionDenied, "this is for operators: it needs the scope `operate`");
}

}  // namespace

Result<std::vector<BackupRow>> Backups::list(const Principal& who, const BackupQuery& query,
                                             std::stop_token stop) {
  KATIP_TRY(check(who));
  if (query.count_max < 1 || query.count_max > kRowCountMax) {
    return fail(ErrorCode::kInvalidArgument, "limit: 1 to 1,000");
  }
  const store::PooledConnection sql = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  std::vector<BackupRow> rows = KATIP_TRY(store::list_backups(*sql, kRowCountMax));
  std::erase_if(rows, [&](const BackupRow& row) {
    return (query.kind && row.kind != name(*query.kind)) ||
           (query.status && row.status != *query.status);
  });
  rows.resize(std::min(rows.size(), static_cast<std::size_t>(query.count_max)));
  return rows;
}

Result<BackupRow> Backups::find(const Principal& who, const std::string& id, std::stop_token stop) {
  KATIP_TRY(check(who));
  const store::PooledConnection sql = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  auto row = KATIP_TRY(store::find_backup(*sql, id));
  if (!row) return fail(ErrorCode::kNotFound, "there is no backup of this id");
  return *std::move(row);
}

Result<jobs::Enqueued> Backups::create(const Principal& who, const std::string& request_id,
                                       std::stop_token stop) {
  KATIP_TRY(check(who));
  jobs::TaskRequest request{.kind = kBackupCreateKind, .unique_key = kBackupCreateKind};
  if (!request_id.empty()) request.request_id = request_id;
  return queue_.enqueue(request, std::move(stop));
}

Result<jobs::Enqueued> Backups::verify(const Principal& who, const std::string& id,
                                       const std::string& request_id, std::stop_token stop) {
  const BackupRow row = KATIP_TRY(find(who, id, stop));
  jobs::TaskRequest request{.kind = kBackupVerifyKind,
                            .args = boost::json::serialize(boost::json::object{{"id", row.id}}),
                            .unique_key = std::string(kBackupVerifyKind) + "." + row.id};
  if (!request_id.empty()) request.request_id = request_id;
  return queue_.enqueue(request, std::move(stop));
}

Result<BackupStats> Backups::stats(const Principal& who, std::stop_token stop) {
  KATIP_TRY(check(who));
  const store::PooledConnection sql = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  BackupStats stats{.figures = KATIP_TRY(backup_figures(*sql)), .retention = retention_};
  const Timestamp now = queue_.now();
  stats.is_overdue = stats.figures.is_overdue(now, kBackupAgeMax);
  if (stats.figures.last_success_at) {
    stats.last_success_age_s =
        std::chrono::duration<double>(now - *stats.figures.last_success_at).count();
  }
  for (const store::ScheduleRecord& each : KATIP_TRY(store::ScheduleStore(*sql).list())) {
    if (each.kind != kBackupCreateKind || !each.is_active) continue;
    const auto cron = jobs::Cron::parse(each.cron, each.time_zone);
    if (cron) stats.next_at = cron->next_after(now);
  }
  return stats;
}

}  // namespace katip::app
