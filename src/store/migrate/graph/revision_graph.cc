#include "store/migrate/graph/revision_graph.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "store/migrate/graph/reachable.h"

/// Tested by revision_graph_test.cc.
namespace katip::store::migrate {
namespace {

Revisions joined(const Revisions& first, const Revisions& second) {
  Revisions all = first;
  for (const Revision* revision : second) {
    if (std::ranges::find(all, revision) == all.end()) all.push_back(revision);
  }
  return all;
}

}  // namespace

Revisions Revision::down_all() const { return joined(revises, depends_on); }
Revisions Revision::down_needed() const { return joined(revises, depends_on_needed); }

const Revision* RevisionGraph::find(std::string_view key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : found->second;
}

Revisions RevisionGraph::ancestors(const Revisions& of, Edges edges) const {
  return reachable(of, [edges](const Revision& revision) {
    return edges == Edges::kAll ? revision.down_needed() : revision.revises;
  });
}

Revisions RevisionGraph::descendants(const Revisions& of, Edges edges) const {
  return reachable(of, [edges](const Revision& revision) {
    return edges == Edges::kAll ? revision.next_all : revision.next;
  });
}

GraphResult<Revisions> RevisionGraph::ancestors_of_separate(const Revisions& of) const {
  for (const Revision* revision : of) {
    std::vector<std::string> overlaps;
    for (const Revision* below : ancestors({revision}, Edges::kAll)) {
      const bool is_other = below != revision && std::ranges::find(of, below) != of.end();
      if (is_other) overlaps.push_back(below->id());
    }
    if (!overlaps.empty()) {
      return graph_fail(
          fmt::format("Requested revision {} overlaps with other requested revisions {}",
                      revision->id(), fmt::join(overlaps, ", ")));
    }
  }
  return ancestors(of, Edges::kAll);
}

std::vector<std::string> ids_of(const Revisions& revisions) {
  std::vector<std::string> ids;
  ids.reserve(revisions.size());
  for (const Revision* revision : revisions) ids.push_back(revision->id());
  return ids;
}

}  // namespace katip::store::migrate
