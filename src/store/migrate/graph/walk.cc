#include "store/migrate/graph/walk.h"

#include <cstdlib>

/// Tested by plan_test.cc and alembic_difference_test.cc.
namespace katip::store::migrate {
namespace {

std::vector<Place> places_of(const Revisions& revisions) {
  std::vector<Place> places;
  for (const Revision* revision : revisions) places.push_back(Place::of(revision));
  return places;
}

GraphResult<std::vector<Place>> above(const RevisionGraph& graph, const Place& place,
                                      const std::string& branch) {
  Revisions next = place.kind == Place::Kind::kRevision ? place.revision->next : graph.bases();
  if (!branch.empty()) next = KATIP_TRY(on_lineage(graph, next, branch));
  return places_of(next);
}

std::vector<Place> below(const RevisionGraph& graph, const Place& place) {
  if (place.kind == Place::Kind::kBase) return {};
  const Revisions& down =
      place.kind == Place::Kind::kNowhere ? graph.heads() : place.revision->revises;
  if (down.empty()) return {Place::base()};
  return places_of(down);
}

}  // namespace

GraphResult<Place> walk(const RevisionGraph& graph, Place start, const WalkOptions& options) {
  Place place = start;
  for (int left = std::abs(options.steps); left > 0; --left) {
    const std::vector<Place> ways =
        options.steps > 0 ? KATIP_TRY(above(graph, place, options.branch)) : below(graph, place);
    if (ways.empty()) return options.edge == WalkEdge::kLeave ? Place{} : place;
    if (ways.size() > 1) return graph_fail("Ambiguous walk: the history branches on the way");
    place = ways.front();
  }
  return place;
}

}  // namespace katip::store::migrate
