#pragma once

#include <string>

#include "store/migrate/graph/lookup.h"

namespace katip::store::migrate {

enum class WalkEdge {
  kLeave,  ///< A walk beyond the ends of the graph ends nowhere.
  kStay,   ///< It ends at the last place.
};

struct WalkOptions {
  int steps = 0;       ///< Up when positive, down when negative.
  std::string branch;  ///< Going up, only revisions on this branch count; empty: all.
  WalkEdge edge = WalkEdge::kLeave;
};

/// Goes so many steps along `revises`. From kNowhere, up begins before the bases and down behind
/// the heads; one step down from a base is the base place.
///
/// Errors: kOther "Ambiguous walk" where a step has several ways.
/// Source: alembic/script/revision.py `RevisionMap._walk`.
GraphResult<Place> walk(const RevisionGraph& graph, Place start, const WalkOptions& options);

}  // namespace katip::store::migrate
