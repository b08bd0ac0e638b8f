#include "store/migrate/plan/downgrade_target.h"

#include <cstdlib>

#include <fmt/format.h>

#include "store/migrate/graph/relative_target.h"

/// Tested by plan_test.cc and, against Alembic itself, by alembic_difference_test.cc.
namespace katip::store::migrate {
namespace {

std::unexpected<GraphError> too_few(const RelativeTarget& target) {
  return graph_fail(fmt::format("Relative revision {} didn't produce {} migrations",
                                target.step_text, std::abs(target.steps)));
}

/// The one row of the database on a branch; when none is, since the branch's head is only a
/// dependency of a row, the one last applied revision on it.
GraphResult<std::string> current_on(const RevisionGraph& graph,
                                    const std::vector<std::string>& rows,
                                    const std::string& branch) {
  Revisions revisions;
  for (const std::string& row : rows) {
    revisions.push_back(KATIP_TRY(find_by_identifier(graph, row)));
  }
  Revisions found = KATIP_TRY(on_lineage(graph, revisions, branch));
  if (found.empty()) {
    const Revisions current = KATIP_TRY(all_current(graph, rows));
    found = KATIP_TRY(on_lineage(graph, current, branch));
  }
  if (found.size() != 1) {
    return graph_fail(
        fmt::format("the database is at {} revisions on branch '{}', so that counting steps down "
                    "from there is ambiguous: name the revision to go to",
                    found.size(), branch));
  }
  return found.front()->id();
}

GraphResult<DowngradeTarget> down_from(const RevisionGraph& graph, const RelativeTarget& target,
                                       const std::string& symbol, const std::string& branch,
                                       WalkEdge edge) {
  const Revision* start =
      KATIP_TRY(find_one(graph, branch.empty() ? symbol : fmt::format("{}@{}", branch, symbol)));
  const Place place =
      KATIP_TRY(walk(graph, Place::of(start), {.steps = target.steps, .branch = {}, .edge = edge}));
  if (place.kind == Place::Kind::kNowhere) {
    if (!target.symbol) return too_few(target);
    return graph_fail("Walked too far");
  }
  return DowngradeTarget{.branch = branch, .place = place};
}

GraphResult<DowngradeTarget> down_from_database(const RevisionGraph& graph, const End& current,
                                                const RelativeTarget& target, WalkEdge edge) {
  const std::vector<std::string> rows = as_list(current);
  if (target.branch) {
    const std::string symbol = KATIP_TRY(current_on(graph, rows, *target.branch));
    return down_from(graph, target, symbol, *target.branch, edge);
  }
  if (rows.empty()) return too_few(target);
  // Several heads: the first one is meant, and only its own branch.
  return down_from(graph, target, rows.front(), rows.front(), edge);
}

/// `id+2` as the end of a downgrade.
GraphResult<DowngradeTarget> up_from_symbol(const RevisionGraph& graph,
                                            const RelativeTarget& target, WalkEdge edge) {
  if (!target.symbol) return too_few(target);
  const Revision* start = KATIP_TRY(find_one(graph, *target.symbol));
  const std::string branch = target.branch.value_or("");
  const Place place = KATIP_TRY(
      walk(graph, Place::of(start), {.steps = target.steps, .branch = branch, .edge = edge}));
  if (place.kind == Place::Kind::kNowhere) return graph_fail("Walked too far");
  return DowngradeTarget{.branch = branch, .place = place};
}

}  // namespace

GraphResult<DowngradeTarget> downgrade_target(const RevisionGraph& graph, const End& current,
                                              const std::string& target, WalkEdge edge) {
  if (const auto relative = parse_relative_target(target)) {
    if (relative->steps >= 0) return up_from_symbol(graph, *relative, edge);
    if (!relative->symbol) return down_from_database(graph, current, *relative, edge);
    return down_from(graph, *relative, *relative->symbol, relative->branch.value_or(""), edge);
  }
  const std::size_t at = target.rfind('@');
  const std::string symbol = at == target.npos ? target : target.substr(at + 1);
  const Revision* revision = KATIP_TRY(find_one(graph, symbol));
  return DowngradeTarget{.branch = at == target.npos ? "" : target.substr(0, at),
                         .place = revision == nullptr ? Place::base() : Place::of(revision)};
}

}  // namespace katip::store::migrate
