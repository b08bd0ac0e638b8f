#include <algorithm>

#include "store/migrate/graph/order.h"
#include "store/migrate/plan/collect.h"
#include "store/migrate/plan/downgrade_target.h"
#include "store/migrate/plan/upgrade_target.h"

/// Tested by plan_test.cc and, against Alembic itself, by alembic_difference_test.cc.
namespace katip::store::migrate {
namespace {

RevisionSet as_set(const Revisions& revisions) { return {revisions.begin(), revisions.end()}; }

Revisions as_list(const RevisionSet& revisions) { return {revisions.begin(), revisions.end()}; }

/// `label@id:` as the lower end keeps only targets on that branch.
GraphResult<Revisions> on_branch_of_lower(const RevisionGraph& graph, const Revisions& targets,
                                          const std::string& lower) {
  const std::size_t at = lower.find('@');
  if (at == lower.npos) return targets;
  std::string branch = lower.substr(0, at);
  const Revision* revision = KATIP_TRY(find_one(graph, branch));
  if (revision != nullptr && revision->id() == branch) {
    if (revision->labels.size() != 1) {
      return graph_fail("revision " + branch + " is not on exactly one labelled branch");
    }
    branch = *revision->labels.begin();
  }
  Revisions kept = targets;
  std::erase_if(kept, [&](const Revision* target) { return !target->labels.contains(branch); });
  return kept;
}

/// The lower end of a range; a number of steps that leads out of the graph from its heads is
/// counted from the upper end.
GraphResult<Revisions> lower_revisions(const RevisionGraph& graph, const End& lower,
                                       const End& upper) {
  const std::vector<Place> places = KATIP_TRY(find_all(graph, lower));
  const auto* text = std::get_if<std::string>(&lower);
  const bool left_graph = !places.empty() && places.front().kind == Place::Kind::kNowhere;
  if (!left_graph || text == nullptr) return find_revisions(graph, lower);
  const DowngradeTarget target = KATIP_TRY(downgrade_target(graph, upper, *text, WalkEdge::kStay));
  if (target.place.kind != Place::Kind::kRevision) return Revisions{};
  return Revisions{target.place.revision};
}

/// All of `revisions` are among `required`.
bool contains_all(const RevisionSet& required, const Revisions& revisions) {
  return std::ranges::all_of(revisions,
                             [&](const Revision* revision) { return required.contains(revision); });
}

}  // namespace

GraphResult<Revisions> upgrade_revisions(const RevisionGraph& graph,
                                         const std::vector<std::string>& rows,
                                         const std::string& target) {
  const Revisions targets = KATIP_TRY(upgrade_targets(graph, rows, target, WalkEdge::kLeave));
  RevisionSet needs = as_set(KATIP_TRY(graph.ancestors_of_separate(targets)));
  const Revisions current = KATIP_TRY(find_revisions(graph, rows));
  const Revisions applied = KATIP_TRY(graph.ancestors_of_separate(current));
  for (const Revision* revision : applied) needs.erase(revision);
  Revisions ordered = KATIP_TRY(in_order(graph, as_list(needs), targets));
  std::ranges::reverse(ordered);
  return ordered;
}

GraphResult<Revisions> revisions_between(const RevisionGraph& graph, const End& from,
                                         const End& to) {
  Revisions targets = KATIP_TRY(upgrade_targets(graph, from, to, WalkEdge::kStay));
  if (const auto* text = std::get_if<std::string>(&from)) {
    targets = KATIP_TRY(on_branch_of_lower(graph, targets, *text));
  }
  const RevisionSet required = as_set(KATIP_TRY(graph.ancestors_of_separate(targets)));
  const Revisions lower = KATIP_TRY(lower_revisions(graph, from, to));
  if (!contains_all(required, lower)) return graph_fail(GraphErrorKind::kNotAncestor, {});
  RevisionSet wanted = required;
  const Revisions below = KATIP_TRY(graph.ancestors_of_separate(lower));
  for (const Revision* revision : below) wanted.erase(revision);
  wanted.insert(lower.begin(), lower.end());
  if (!lower.empty()) {
    const RevisionSet above = as_set(graph.descendants(lower, Edges::kRevises));
    std::erase_if(wanted, [&](const Revision* revision) { return !above.contains(revision); });
  }
  return in_order(graph, as_list(wanted), targets);
}

}  // namespace katip::store::migrate
