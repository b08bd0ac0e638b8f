#include "store/migrator.h"

#include <fmt/format.h>

#include "store/migrate/lint/lint.h"
#include "store/migrate/run/checksums.h"
#include "store/migrate/run/runner.h"

/// Tested by migrator_test.cc; the parts have tests of their own.
namespace katip::store {
namespace {

using migrate::Plan;
using migrate::Step;

migrate::Direction direction_of(const Step& step) {
  return step.kind == migrate::StepKind::kUpgrade ? migrate::Direction::kUpgrade
                                                  : migrate::Direction::kDowngrade;
}

/// Refuses a plan with statements that lose data and that nobody has allowed.
Status refuse_data_loss(const Plan& plan, Dialect dialect) {
  for (const Step& step : plan.steps) {
    if (step.revision == nullptr) continue;
    const auto findings =
        KATIP_TRY(migrate::lint_revision(step.revision->file, direction_of(step), dialect));
    for (const LintFinding& finding : findings) {
      if (!finding.loses_data) continue;
      return fail(ErrorCode::kConflict,
                  fmt::format("{}:{}: {} ({}). Nothing was run. If that is meant, use "
                              "--allow-destructive, or write '-- katip: allow {}' before the "
                              "statement",
                              finding.path.string(), finding.line, finding.message, finding.rule,
                              finding.rule));
    }
  }
  return {};
}

migrate::RunnerOptions runner_options(const MigratorOptions& options, Connection& connection) {
  const Dialect dialect = connection.dialect();
  migrate::RunnerOptions result{
      .version_table = options.version_table,
      .lock_timeout = options.lock_timeout,
      .migrant = {.person = options.applied_by, .version = options.app_version},
      .on_step = [&options](const Step& step) { options.on_step(migrate::long_text(step)); },
      .stop = options.stop};
  if (!options.allows_data_loss) {
    result.check = [dialect](const Plan& plan) { return refuse_data_loss(plan, dialect); };
  }
  if (options.backup) {
    result.prepare = [&connection, &options](const std::vector<std::string>& rows) -> Status {
      KATIP_TRY(back_up_before_upgrade(connection, rows, *options.backup, options.stop));
      return {};
    };
  }
  return result;
}

MigrationReport report_of(const Plan& plan) {
  MigrationReport report{.steps = {}, .rows = plan.rows_after};
  for (const Step& step : plan.steps) report.steps.push_back(migrate::long_text(step));
  return report;
}

}  // namespace

Result<MigrationReport> Migrator::upgrade(const std::string& target) {
  migrate::Runner runner(connection_, migrations_.graph(), runner_options(options_, connection_));
  return report_of(KATIP_TRY(runner.upgrade(target)));
}

Result<MigrationReport> Migrator::downgrade(const std::string& target) {
  migrate::Runner runner(connection_, migrations_.graph(), runner_options(options_, connection_));
  return report_of(KATIP_TRY(runner.downgrade(target)));
}

Result<MigrationReport> Migrator::stamp(const std::vector<std::string>& targets) {
  migrate::Runner runner(connection_, migrations_.graph(), runner_options(options_, connection_));
  return report_of(KATIP_TRY(runner.stamp(targets)));
}

Result<MigrationReport> Migrator::stamp_purged(const std::vector<std::string>& targets) {
  migrate::Runner runner(connection_, migrations_.graph(), runner_options(options_, connection_));
  return report_of(KATIP_TRY(runner.stamp_purged(targets)));
}

Status Migrator::ensure_version_table() {
  migrate::Runner runner(connection_, migrations_.graph(), runner_options(options_, connection_));
  return runner.ensure_version_table();
}

Result<std::vector<std::string>> Migrator::applied() {
  migrate::Runner runner(connection_, migrations_.graph(), runner_options(options_, connection_));
  return runner.rows();
}

Result<std::map<std::string, AppliedRevision>> Migrator::log() {
  return migrate::MigrationLog(connection_).entries();
}

Result<std::vector<std::string>> Migrator::verify() {
  const std::vector<std::string> rows = KATIP_TRY(applied());
  return migrate::MigrationLog(connection_).differences(migrations_.graph(), rows);
}

}  // namespace katip::store
