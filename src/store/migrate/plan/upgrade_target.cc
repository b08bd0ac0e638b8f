#include "store/migrate/plan/upgrade_target.h"

#include <algorithm>
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

/// The last applied revisions on a branch of which no head is in the database.
GraphResult<Revisions> last_applied_on(const RevisionGraph& graph, const Revisions& current,
                                       const std::string& branch) {
  const Revisions active =
      KATIP_TRY(on_lineage(graph, graph.ancestors(current, Edges::kAll), branch));
  RevisionSet below;
  for (const Revision* revision : active) {
    for (const Revision* down : revision->down_needed()) below.insert(down);
  }
  Revisions last = active;
  std::erase_if(last, [&](const Revision* revision) { return below.contains(revision); });
  return last;
}

/// Where `+N` begins to count; a null revision is before the first.
GraphResult<Revisions> starts_of(const RevisionGraph& graph, const End& current,
                                 const RelativeTarget& target) {
  Revisions starts;
  if (!target.branch) {
    for (const std::string& row : as_list(current)) {
      starts.push_back(KATIP_TRY(find_one(graph, row)));
    }
  } else {
    const Revisions rows = KATIP_TRY(find_revisions(graph, current));
    starts = KATIP_TRY(on_lineage(graph, rows, *target.branch));
    if (starts.empty()) starts = KATIP_TRY(last_applied_on(graph, rows, *target.branch));
  }
  if (starts.empty()) starts.push_back(nullptr);
  return starts;
}

GraphResult<Place> up_from_database(const RevisionGraph& graph, const End& current,
                                    const RelativeTarget& target, WalkEdge edge) {
  const Revisions starts = KATIP_TRY(starts_of(graph, current, target));
  if (starts.size() > 1) {
    return graph_fail("Ambiguous upgrade from multiple current revisions");
  }
  return walk(graph, Place::of(starts.front()),
              {.steps = target.steps, .branch = target.branch.value_or(""), .edge = edge});
}

GraphResult<Place> from_symbol(const RevisionGraph& graph, const RelativeTarget& target,
                               WalkEdge edge) {
  // Going down, the branch says which revision is meant; going up, which way to go.
  const bool names_branch = target.steps <= 0 && target.branch;
  const std::string symbol =
      names_branch ? fmt::format("{}@{}", *target.branch, *target.symbol) : *target.symbol;
  const Revision* start = KATIP_TRY(find_one(graph, symbol));
  return walk(graph, Place::of(start),
              {.steps = target.steps,
               .branch = target.steps > 0 ? target.branch.value_or("") : "",
               .edge = edge});
}

}  // namespace

GraphResult<Revisions> upgrade_targets(const RevisionGraph& graph, const End& current,
                                       const End& target, WalkEdge edge) {
  const auto* text = std::get_if<std::string>(&target);
  const auto relative = text == nullptr ? std::nullopt : parse_relative_target(*text);
  if (!relative) return find_revisions(graph, target);
  if (!relative->symbol && relative->steps <= 0) {
    // As Alembic writes it: the number, not what was typed.
    return graph_fail(fmt::format("Relative revision {} didn't produce {} migrations",
                                  relative->steps, std::abs(relative->steps)));
  }
  const Place place = relative->symbol
                          ? KATIP_TRY(from_symbol(graph, *relative, edge))
                          : KATIP_TRY(up_from_database(graph, current, *relative, edge));
  if (place.kind != Place::Kind::kRevision) return too_few(*relative);
  return Revisions{place.revision};
}

}  // namespace katip::store::migrate
