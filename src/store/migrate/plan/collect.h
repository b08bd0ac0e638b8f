#pragma once

#include <string>
#include <vector>

#include "store/migrate/graph/lookup.h"

namespace katip::store::migrate {

/// What an upgrade from the version rows to the target has to run, first to run first.
///
/// Errors: as upgrade_targets(); kOther when rows or targets are ancestors of each other.
/// Source: alembic/script/revision.py `RevisionMap._collect_upgrade_revisions`.
GraphResult<Revisions> upgrade_revisions(const RevisionGraph& graph,
                                         const std::vector<std::string>& rows,
                                         const std::string& target);

/// What a downgrade from the version rows to the target has to undo, first to undo first.
///
/// Errors: as downgrade_target(); kNotAncestor when the target is not below the rows.
/// Source: alembic/script/revision.py `RevisionMap._collect_downgrade_revisions`.
GraphResult<Revisions> downgrade_revisions(const RevisionGraph& graph,
                                           const std::vector<std::string>& rows,
                                           const std::string& target);

/// The revisions of a range, both ends included, last first: what `history -r from:to` lists.
///
/// Errors: as upgrade_targets(); kNotAncestor when `from` is not before `to`.
/// Source: alembic/script/base.py `ScriptDirectory.walk_revisions`.
GraphResult<Revisions> revisions_between(const RevisionGraph& graph, const End& from,
                                         const End& to);

}  // namespace katip::store::migrate
