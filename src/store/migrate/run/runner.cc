#include "store/migrate/run/runner.h"

#include <fmt/format.h>

#include "store/migrate/run/checksums.h"
#include "store/migrate/run/foreign_keys.h"
#include "store/migrate/run/script.h"
#include "store/migrate/run/version_table.h"
#include "store/session_lock.h"
#include "store/transaction.h"

/// Tested by runner_test.cc on both databases.
namespace katip::store::migrate {
namespace {

constexpr std::string_view kLockName = "migrate";

Direction direction_of(const Step& step) {
  return step.kind == StepKind::kUpgrade ? Direction::kUpgrade : Direction::kDowngrade;
}

}  // namespace

Result<std::vector<std::string>> Runner::rows() {
  const VersionTable table = KATIP_TRY(VersionTable::of(connection_, options_.version_table));
  return table.rows();
}

Status Runner::ensure_version_table() {
  const SessionLock lock =
      KATIP_TRY(SessionLock::acquire(connection_, kLockName, options_.lock_timeout, options_.stop));
  VersionTable table = KATIP_TRY(VersionTable::of(connection_, options_.version_table));
  return table.create_if_missing();
}

Result<Plan> Runner::upgrade(const std::string& target) {
  return run([&](const auto& rows) { return plan_upgrade(graph_, rows, target); });
}

Result<Plan> Runner::downgrade(const std::string& target) {
  return run([&](const auto& rows) { return plan_downgrade(graph_, rows, target); });
}

Result<Plan> Runner::stamp(const std::vector<std::string>& targets) {
  return stamp_all(targets, false);
}

Result<Plan> Runner::stamp_purged(const std::vector<std::string>& targets) {
  return stamp_all(targets, true);
}

Result<Plan> Runner::run(const Planner& planner) {
  const SessionLock lock =
      KATIP_TRY(SessionLock::acquire(connection_, kLockName, options_.lock_timeout, options_.stop));
  const UnenforcedForeignKeys unenforced = KATIP_TRY(UnenforcedForeignKeys::on(connection_));
  return run_locked(planner);
}

Result<Plan> Runner::run_locked(const Planner& planner) {
  const std::vector<std::string> before = KATIP_TRY(rows());
  Plan plan = KATIP_TRY(planner(before));
  KATIP_TRY(options_.check(plan));
  if (!plan.steps.empty()) KATIP_TRY(options_.prepare(before));
  VersionTable table = KATIP_TRY(VersionTable::of(connection_, options_.version_table));
  KATIP_TRY(table.create_if_missing());
  if (!plan.steps.empty()) KATIP_TRY(MigrationLog(connection_).create_if_missing());
  for (const Step& step : plan.steps) {
    if (options_.stop.stop_requested()) {
      return fail(ErrorCode::kCancelled, "stopped before " + short_text(step));
    }
    KATIP_TRY(run_step(step));
  }
  return plan;
}

/// Trying again is safe: what an attempt has done in transactions is taken back or written down.
Status Runner::run_step(const Step& step) {
  options_.on_step(step);
  const Clock& clock = *connection_.options().clock;
  const auto deadline = clock.now() + options_.retry.time_max;
  for (int attempt = 1;; ++attempt) {
    Status status = try_step(step);
    if (status || status.error().code != ErrorCode::kOverloaded ||
        attempt >= options_.retry.attempt_count_max || clock.now() >= deadline) {
      return status;
    }
    const auto pause = jittered_backoff(options_.retry, attempt, *connection_.options().rng);
    if (!clock.sleep_for(pause, options_.stop)) {
      return fail(ErrorCode::kCancelled, "stopped before another attempt at " + short_text(step));
    }
  }
}

Status Runner::try_step(const Step& step) {
  const auto begin = connection_.options().clock->now();
  Script script = KATIP_TRY(Script::of(connection_, step.revision->file, direction_of(step)));
  return script.run([&]() -> Status {
    KATIP_TRY(change_rows(step));
    return log_step(step, begin);
  });
}

Status Runner::change_rows(const Step& step) {
  VersionTable table = KATIP_TRY(VersionTable::of(connection_, options_.version_table));
  for (const RowChange& change : step.changes) KATIP_TRY(table.apply(change));
  return {};
}

Status Runner::log_step(const Step& step, std::chrono::steady_clock::time_point begin) {
  MigrationLog log(connection_);
  if (step.kind == StepKind::kDowngrade) return log.remove(step.revision->id());
  const auto duration = connection_.options().clock->now() - begin;
  return log.add(step.revision->file,
                 std::chrono::duration_cast<std::chrono::milliseconds>(duration), options_.migrant);
}

Result<Plan> Runner::stamp_all(const std::vector<std::string>& targets, bool purges) {
  const SessionLock lock =
      KATIP_TRY(SessionLock::acquire(connection_, kLockName, options_.lock_timeout, options_.stop));
  Transaction transaction = KATIP_TRY(Transaction::begin(connection_));
  VersionTable table = KATIP_TRY(VersionTable::of(connection_, options_.version_table));
  KATIP_TRY(table.create_if_missing());
  if (purges) KATIP_TRY(table.remove_all_rows());
  const std::vector<std::string> before = KATIP_TRY(table.rows());
  Plan plan = KATIP_TRY(plan_stamp(graph_, before, targets));
  for (const Step& step : plan.steps) {
    options_.on_step(step);
    KATIP_TRY(change_rows(step));
  }
  KATIP_TRY(transaction.commit());
  return plan;
}

}  // namespace katip::store::migrate
