#pragma once

#include <string>

#include "store/migrate/graph/lookup.h"
#include "store/migrate/graph/walk.h"

namespace katip::store::migrate {

struct DowngradeTarget {
  /// What the operator, or the database, says the branch is; may be an id. Empty: all branches.
  std::string branch;
  Place place;  ///< kBase or kRevision.
};

/// Where a downgrade ends: `base`, ids, `-2` from the database, `id-1`, `label@base` and so on.
///
/// Errors: kNotFound, kMultipleHeads; kOther when steps are ambiguous or leave the graph.
/// Source: alembic/script/revision.py `RevisionMap._parse_downgrade_target`.
GraphResult<DowngradeTarget> downgrade_target(const RevisionGraph& graph, const End& current,
                                              const std::string& target, WalkEdge edge);

}  // namespace katip::store::migrate
