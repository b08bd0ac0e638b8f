#pragma once

#include "store/migrate/graph/graph_error.h"
#include "store/migrate/graph/revision_graph.h"

namespace katip::store::migrate {

/// The revisions from last to first: each stands before everything that it revises or depends on.
/// One line is followed as long as possible; ties go to the order of the files. `heads` are where
/// to begin; those that are not among the revisions are left out.
///
/// Errors:  kOther when some revision is not before any of the heads.
/// Threads: pure.
/// Source:  alembic/script/revision.py `RevisionMap._topological_sort`.
GraphResult<Revisions> in_order(const RevisionGraph& graph, const Revisions& revisions,
                                const Revisions& heads);

}  // namespace katip::store::migrate
