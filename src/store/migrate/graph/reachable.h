#pragma once

#include <concepts>
#include <set>
#include <vector>

#include "store/migrate/graph/revision_graph.h"

namespace katip::store::migrate {

/// Everything that can be reached from `start` by `edges`, itself included: depth first, the last
/// edge of a revision first, each revision once.
template <std::invocable<const Revision&> EdgesOf>
Revisions reachable(const Revisions& start, EdgesOf&& edges) {
  Revisions found;
  RevisionSet seen;
  for (const Revision* from : start) {
    Revisions todo = {from};
    while (!todo.empty()) {
      const Revision* revision = todo.back();
      todo.pop_back();
      if (!seen.insert(revision).second) continue;
      found.push_back(revision);
      const Revisions more = edges(*revision);
      todo.insert(todo.end(), more.begin(), more.end());
    }
  }
  return found;
}

}  // namespace katip::store::migrate
