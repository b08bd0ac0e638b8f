#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "store/migrate/plan/step.h"

namespace katip::store::migrate {

/// What a command will do, known completely before any of it is done.
///
/// Lifetime: that of the graph.
struct Plan {
  std::vector<Step> steps;
  std::vector<std::string> rows_after;  ///< Of the version table, sorted.
};

/// From the rows of the version table to a target: an id or its beginning, `head`, `heads`, `+N`,
/// `id+N`, `label@head`, `label@+N`.
///
/// Errors:  kNotFound: a target, or a row of the database, that no file has. kConflict: several
///          heads, steps that lead out of the history or are ambiguous, rows that contradict it.
/// Threads: pure; so are the others.
/// Source:  alembic/script/base.py `ScriptDirectory._upgrade_revs`.
Result<Plan> plan_upgrade(const RevisionGraph& graph, const std::vector<std::string>& rows,
                          const std::string& target);

/// Down to a target: `base`, an id, `-N`, `id-N`, `label@base`, `label@-N`.
///
/// Errors: as plan_upgrade(); kConflict when the target is not below the database.
/// Source: alembic/script/base.py `ScriptDirectory._downgrade_revs`.
Result<Plan> plan_downgrade(const RevisionGraph& graph, const std::vector<std::string>& rows,
                            const std::string& target);

/// Makes the rows say that the database is at these targets, without running anything. Rows of
/// branches that no target is on stay.
///
/// Errors: as plan_upgrade().
/// Source: alembic/script/base.py `ScriptDirectory._stamp_revs`.
Result<Plan> plan_stamp(const RevisionGraph& graph, const std::vector<std::string>& rows,
                        const std::vector<std::string>& targets);

}  // namespace katip::store::migrate
