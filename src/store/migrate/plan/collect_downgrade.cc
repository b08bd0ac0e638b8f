#include <algorithm>

#include "store/migrate/graph/order.h"
#include "store/migrate/plan/collect.h"
#include "store/migrate/plan/downgrade_target.h"

/// Tested by plan_test.cc and, against Alembic itself, by alembic_difference_test.cc.
namespace katip::store::migrate {
namespace {

/// The revisions directly after the target: they and what stands on them are undone. A base with
/// labels counts once for each of its names, as in the map of Alembic, which decides whether there
/// is anything to choose from.
Revisions roots_of(const RevisionGraph& graph, const Place& target) {
  if (target.kind == Place::Kind::kRevision) return target.revision->next;
  Revisions roots;
  for (const auto& [key, revision] : graph.keys()) {
    if (revision->is_base()) roots.push_back(revision);
  }
  return roots;
}

GraphResult<Revisions> keep_branch(const RevisionGraph& graph, const Revisions& roots,
                                   const std::string& branch) {
  const Revision* tip = KATIP_TRY(find_branch(graph, branch));
  const Revisions line = graph.ancestors({tip}, Edges::kRevises);
  Revisions kept;
  for (const Revision* root : roots) {
    const bool is_on_line = std::ranges::find(line, root) != line.end();
    if (is_on_line && std::ranges::find(kept, root) == kept.end()) kept.push_back(root);
  }
  if (kept.empty()) return graph_fail("Not a valid downgrade target from current heads");
  return kept;
}

}  // namespace

GraphResult<Revisions> downgrade_revisions(const RevisionGraph& graph,
                                           const std::vector<std::string>& rows,
                                           const std::string& target) {
  const DowngradeTarget end = KATIP_TRY(downgrade_target(graph, rows, target, WalkEdge::kLeave));
  Revisions roots = roots_of(graph, end.place);
  if (!end.branch.empty() && roots.size() > 1) {
    roots = KATIP_TRY(keep_branch(graph, roots, end.branch));
  }
  const Revisions heads = KATIP_TRY(find_revisions(graph, rows));
  const Revisions applied = graph.ancestors(heads, Edges::kAll);
  const RevisionSet active(applied.begin(), applied.end());
  Revisions undone = graph.descendants(roots, Edges::kAll);
  std::erase_if(undone, [&](const Revision* revision) { return !active.contains(revision); });
  const bool is_at_target = end.place.kind != Place::Kind::kRevision ||
                            std::ranges::find(heads, end.place.revision) != heads.end();
  if (undone.empty() && !is_at_target) return graph_fail(GraphErrorKind::kNotAncestor, {});
  return in_order(graph, undone, heads);
}

}  // namespace katip::store::migrate
