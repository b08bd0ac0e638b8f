#pragma once

#include "store/migrate/graph/lookup.h"
#include "store/migrate/graph/walk.h"

namespace katip::store::migrate {

/// The revisions that an upgrade from `current` to `target` has to reach: `head`, `heads`, ids,
/// `+2` from the database, `id+2`, `label@+1`, `label@head` and so on. None for `base`.
///
/// Errors: kNotFound, kMultipleHeads; kOther when steps are ambiguous or leave the graph.
/// Source: alembic/script/revision.py `RevisionMap._parse_upgrade_target`.
GraphResult<Revisions> upgrade_targets(const RevisionGraph& graph, const End& current,
                                       const End& target, WalkEdge edge);

}  // namespace katip::store::migrate
