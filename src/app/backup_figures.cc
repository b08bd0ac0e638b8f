#include "app/backup_figures.h"

#include <set>

#include <boost/json.hpp>

#include "app/backup_retention.h"
#include "app/backup_tasks.h"
#include "store/backup_store.h"
#include "store/task_store.h"

/// Tested by backups_test.cc.
namespace katip::app {
namespace {

namespace json = boost::json;

constexpr int kRowCountMax = 1'000;

bool has_files(const store::BackupRecord& row) { return row.sha256.has_value(); }

void count(const store::BackupRecord& row, BackupFigures& figures, std::set<std::string>& known) {
  BackupKindFigures& kind = figures.kinds[row.kind];
  if (has_files(row)) {
    ++kind.count;
    if (known.insert(*row.sha256).second) figures.size += row.size.value_or(0);
  }
  if (row.status != "verified") return;
  ++kind.verified_count;
  if (!kind.newest_at) kind.newest_at = row.started_at;
  // A copy of a week or a month has the times of the daily one that it is a copy of.
  if (figures.last_success_at) return;
  figures.last_success_at = row.started_at;
  figures.last_size = row.size.value_or(0);
  if (row.completed_at) {
    figures.last_duration_s =
        std::chrono::duration<double>(*row.completed_at - row.started_at).count();
  }
}

Result<std::optional<BackupDrill>> newest_drill(store::Connection& sql) {
  std::optional<BackupDrill> drill;
  store::TaskStore tasks(sql);
  for (const char* state : {"completed", "discarded"}) {
    const auto found = KATIP_TRY(tasks.final_tasks(state, kBackupDrillKind, 1));
    if (found.empty() || !found[0].finished_at) continue;
    if (drill && drill->at > *found[0].finished_at) continue;
    drill = BackupDrill{.at = *found[0].finished_at, .is_good = found[0].state == "completed"};
    boost::system::error_code error;
    const json::value result = json::parse(found[0].result.value_or("{}"), error);
    if (!error && result.is_object()) {
      const json::value* seconds = result.get_object().if_contains("seconds");
      if (seconds != nullptr && seconds->is_number()) drill->seconds = seconds->to_number<double>();
    }
    if (!drill->is_good) drill->error = "its task failed; see the task's errors";
  }
  return drill;
}

}  // namespace

Result<BackupFigures> backup_figures(store::Connection& sql) {
  BackupFigures figures;
  for (const BackupKind kind : kBackupKinds) figures.kinds[std::string(name(kind))] = {};
  std::set<std::string> known;
  bool has_ended = false;
  for (const store::BackupRecord& row : KATIP_TRY(store::list_backups(sql, kRowCountMax))) {
    count(row, figures, known);
    if (row.status == "running") continue;
    if (!std::exchange(has_ended, true)) figures.is_last_good = row.status != "failed";
    if (row.status == "failed" && !figures.last_failure_at) {
      figures.last_failure_at = row.started_at;
      figures.last_failure = row.error.value_or("");
    }
  }
  figures.drill = KATIP_TRY(newest_drill(sql));
  return figures;
}

}  // namespace katip::app
