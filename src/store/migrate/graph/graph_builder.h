#pragma once

#include <vector>

#include "base/result.h"
#include "store/migrate/graph/revision_graph.h"

namespace katip::store::migrate {

/// The steps of RevisionGraph::build(), in their order.
///
/// Threads: one thread; used once.
class GraphBuilder {
 public:
  Result<RevisionGraph> build(std::vector<RevisionFile> files);

 private:
  Status check_loops() const;  ///< Revisions that name themselves.
  Status add_ids();
  Status add_labels();
  Status link();
  void find_ends();
  Status check_cycles() const;
  /// What an ancestor depends on already is no longer needed as an edge.
  void drop_implied_dependencies();
  void spread_labels();

  Result<const Revision*> target_of(const Revision& revision, std::string_view verb,
                                    const std::string& key) const;

  RevisionGraph graph_;
};

}  // namespace katip::store::migrate
