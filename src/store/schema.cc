#include "store/schema.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "store/migrate/embedded/embedded_revisions.h"
#include "store/migrate/run/runner.h"
#include "store/migrate/run/version_table.h"

/// Tested by schema_test.cc.
namespace katip::store {
namespace {

using migrate::RevisionGraph;

/// The one target that means "everything", whether the history has one head or several.
constexpr const char* kAll = "heads";

bool knows_all(const RevisionGraph& graph, const std::vector<std::string>& rows) {
  return std::ranges::all_of(rows,
                             [&](const std::string& row) { return graph.find(row) != nullptr; });
}

Result<SchemaStatus> status_of(Connection& connection, const RevisionGraph& graph) {
  SchemaStatus status;
  const auto table = KATIP_TRY(migrate::VersionTable::of(connection, migrate::kVersionTable));
  status.applied = KATIP_TRY(table.rows());
  status.heads = migrate::ids_of(graph.heads_of_all());
  std::ranges::sort(status.heads);
  if (!knows_all(graph, status.applied)) {
    status.state = SchemaState::kAhead;
    return status;
  }
  const migrate::Plan plan = KATIP_TRY(migrate::plan_upgrade(graph, status.applied, kAll));
  for (const migrate::Step& step : plan.steps) status.pending.push_back(step.revision->id());
  status.state = status.pending.empty()   ? SchemaState::kCurrent
                 : status.applied.empty() ? SchemaState::kEmpty
                                          : SchemaState::kBehind;
  return status;
}

/// No limit while this lives; the old one afterwards.
class NoStatementTimeout {
 public:
  static Result<NoStatementTimeout> on(Connection& connection) {
    const auto before = connection.options().statement_timeout;
    KATIP_TRY(connection.set_statement_timeout(std::chrono::milliseconds(0)));
    return NoStatementTimeout(connection, before);
  }
  // A connection that is lost cannot be asked, and need not be.
  ~NoStatementTimeout() {
    if (connection_ != nullptr) {
      static_cast<void>(connection_->set_statement_timeout(before_));
    }
  }
  NoStatementTimeout(NoStatementTimeout&& other) noexcept
      : connection_(std::exchange(other.connection_, nullptr)), before_(other.before_) {}
  NoStatementTimeout& operator=(NoStatementTimeout&&) = delete;

 private:
  NoStatementTimeout(Connection& connection, std::chrono::milliseconds before)
      : connection_(&connection), before_(before) {}

  Connection* connection_;
  std::chrono::milliseconds before_;
};

}  // namespace

Result<SchemaStatus> schema_status(Connection& connection) {
  const RevisionGraph graph = KATIP_TRY(migrate::embedded_revisions());
  return status_of(connection, graph);
}

Result<bool> knows_schema(const std::vector<std::string>& applied) {
  const RevisionGraph graph = KATIP_TRY(migrate::embedded_revisions());
  return knows_all(graph, applied);
}

std::string schema_advice(const SchemaStatus& status) {
  switch (status.state) {
    case SchemaState::kCurrent:
      return {};
    case SchemaState::kAhead:
      return fmt::format(
          "the database is at revision {}, which this program does not know: it was upgraded by a "
          "newer katip; run that one, or restore a backup from before",
          fmt::join(status.applied, ", "));
    case SchemaState::kEmpty:
      return fmt::format(
          "the database has no tables of katip yet ({} revisions to apply): run "
          "`katip migrate upgrade head`",
          status.pending.size());
    case SchemaState::kBehind:
      return fmt::format(
          "the schema of the database is old: {} revisions are missing, the first "
          "is {}: back it up and run `katip migrate upgrade head`",
          status.pending.size(), status.pending.front());
  }
  return {};
}

Result<std::size_t> upgrade_to_head(Connection& connection, const SchemaUpgradeOptions& options) {
  const RevisionGraph graph = KATIP_TRY(migrate::embedded_revisions());
  const SchemaStatus status = KATIP_TRY(status_of(connection, graph));
  if (status.state == SchemaState::kCurrent) return std::size_t{0};
  if (status.state == SchemaState::kAhead) {
    return fail(ErrorCode::kConflict, schema_advice(status));
  }
  const NoStatementTimeout unlimited = KATIP_TRY(NoStatementTimeout::on(connection));
  migrate::RunnerOptions running{
      .lock_timeout = options.lock_timeout,
      .migrant = {.person = options.applied_by, .version = options.app_version},
      .on_step = [&](const migrate::Step& step) { options.on_step(migrate::long_text(step)); },
      .stop = options.stop};
  if (options.backup) {
    running.prepare = [&](const std::vector<std::string>& rows) -> Status {
      KATIP_TRY(back_up_before_upgrade(connection, rows, *options.backup, options.stop));
      return {};
    };
  }
  migrate::Runner runner(connection, graph, std::move(running));
  const migrate::Plan plan = KATIP_TRY(runner.upgrade(kAll));
  return plan.steps.size();
}

std::string_view declared_schema(Dialect dialect) { return migrate::embedded_schema(dialect); }

}  // namespace katip::store
