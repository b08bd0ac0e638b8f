#include "store/migrate/plan/plan.h"

#include <algorithm>

#include <fmt/format.h>

#include "store/migrate/plan/collect.h"
#include "store/migrate/plan/version_rows.h"

/// Tested by plan_test.cc and, against Alembic itself, by alembic_difference_test.cc.
namespace katip::store::migrate {
namespace {

Step step_of(StepKind kind, const Revision& revision) {
  Step step{.kind = kind, .revision = &revision, .from = {}, .to = {}, .changes = {}};
  (kind == StepKind::kUpgrade ? step.from : step.to) = ids_of(revision.revises);
  (kind == StepKind::kUpgrade ? step.to : step.from) = {revision.id()};
  return step;
}

Result<Plan> with_row_changes(const RevisionGraph& graph, const std::vector<std::string>& rows,
                              std::vector<Step> steps) {
  VersionRows version_rows(graph, rows);
  for (Step& step : steps) {
    step.changes = KATIP_TRY(explained(version_rows.take(step)));
  }
  return Plan{.steps = std::move(steps),
              .rows_after = {version_rows.rows().begin(), version_rows.rows().end()}};
}

Result<Plan> plan_of(const RevisionGraph& graph, const std::vector<std::string>& rows,
                     const Revisions& revisions, StepKind kind) {
  std::vector<Step> steps;
  for (const Revision* revision : revisions) steps.push_back(step_of(kind, *revision));
  return with_row_changes(graph, rows, std::move(steps));
}

Step stamp(StepKind kind, std::vector<std::string> from, std::vector<std::string> to) {
  return {.kind = kind,
          .revision = nullptr,
          .from = std::move(from),
          .to = std::move(to),
          .changes = {}};
}

/// The rows that share a line with some target, dependencies included.
GraphResult<Revisions> rows_on_lines(const RevisionGraph& graph, const Revisions& rows,
                                     const std::vector<std::string>& targets) {
  Revisions found;
  for (const std::string& target : targets) {
    const Revisions some = KATIP_TRY(on_lineage(graph, rows, target, Edges::kAll));
    for (const Revision* row : some) {
      if (std::ranges::find(found, row) == found.end()) found.push_back(row);
    }
  }
  return found;
}

bool share_any(const Revisions& some, const Revisions& others) {
  return std::ranges::any_of(some, [&](const Revision* revision) {
    return std::ranges::find(others, revision) != others.end();
  });
}

GraphResult<std::vector<Step>> stamp_steps(const RevisionGraph& graph,
                                           const std::vector<std::string>& rows,
                                           const std::vector<std::string>& targets) {
  const Revisions heads = KATIP_TRY(find_revisions(graph, rows));
  const Revisions touched = KATIP_TRY(rows_on_lines(graph, heads, targets));
  const Revisions goals = KATIP_TRY(find_revisions(graph, targets));
  std::vector<Step> steps;
  if (goals.empty()) {
    for (const Revision* row : touched) {
      steps.push_back(stamp(StepKind::kStampDelete, {row->id()}, {}));
    }
  }
  for (const Revision* goal : goals) {
    if (std::ranges::find(touched, goal) != touched.end()) continue;
    const bool is_below = share_any(graph.descendants({goal}, Edges::kAll), touched);
    const bool is_above = share_any(graph.ancestors({goal}, Edges::kAll), touched);
    if (is_below && is_above) {
      return graph_fail(
          fmt::format("revision {} is between rows of the version table: stamp with "
                      "--purge",
                      goal->id()));
    }
    const StepKind kind = is_below   ? StepKind::kStampDown
                          : is_above ? StepKind::kStampUp
                                     : StepKind::kStampBranch;
    std::vector<std::string> from;
    if (kind != StepKind::kStampBranch) from = ids_of(touched);
    steps.push_back(stamp(kind, std::move(from), {goal->id()}));
  }
  return steps;
}

}  // namespace

Result<Plan> plan_upgrade(const RevisionGraph& graph, const std::vector<std::string>& rows,
                          const std::string& target) {
  const GraphErrorWording wording{
      .not_ancestor =
          fmt::format("Destination {} is not a valid upgrade target from current head(s)", target),
      .multiple_heads = {},
      .target = target};
  const Revisions revisions = KATIP_TRY(explained(upgrade_revisions(graph, rows, target), wording));
  return plan_of(graph, rows, revisions, StepKind::kUpgrade);
}

Result<Plan> plan_downgrade(const RevisionGraph& graph, const std::vector<std::string>& rows,
                            const std::string& target) {
  const GraphErrorWording wording{
      .not_ancestor = fmt::format(
          "Destination {} is not a valid downgrade target from current head(s)", target),
      .multiple_heads = {},
      .target = target};
  const Revisions revisions =
      KATIP_TRY(explained(downgrade_revisions(graph, rows, target), wording));
  return plan_of(graph, rows, revisions, StepKind::kDowngrade);
}

Result<Plan> plan_stamp(const RevisionGraph& graph, const std::vector<std::string>& rows,
                        const std::vector<std::string>& targets) {
  const GraphErrorWording wording{
      .not_ancestor = {},
      .multiple_heads = "Multiple heads are present; please specify a single target revision",
      .target = {}};
  auto steps = KATIP_TRY(explained(stamp_steps(graph, rows, targets), wording));
  return with_row_changes(graph, rows, std::move(steps));
}

}  // namespace katip::store::migrate
