#pragma once

#include <set>
#include <string>
#include <vector>

#include "store/migrate/graph/graph_error.h"
#include "store/migrate/plan/step.h"

namespace katip::store::migrate {

/// What becomes of the rows of the version table, step after step: one row for each head of what is
/// applied, where what another row implies as a dependency has none.
///
/// Threads: one thread.
/// Source:  alembic/runtime/migration.py `HeadMaintainer`, `RevisionStep`, `StampStep`.
class VersionRows {
 public:
  VersionRows(const RevisionGraph& graph, const std::vector<std::string>& rows)
      : graph_(graph), rows_(rows.begin(), rows.end()) {}

  /// The changes of one step, in the order in which they are to be made.
  ///
  /// Errors: kOther when the rows do not allow the step, as after a change by hand.
  GraphResult<std::vector<RowChange>> take(const Step& step);

  [[nodiscard]] const std::set<std::string>& rows() const { return rows_; }

 private:
  GraphResult<std::vector<RowChange>> changes_of_upgrade(const Revision& revision) const;
  GraphResult<std::vector<RowChange>> changes_of_downgrade(const Revision& revision) const;
  [[nodiscard]] std::vector<RowChange> changes_of_stamp(const Step& step) const;

  /// The ids of `revisions` that no row but `but` implies.
  GraphResult<std::vector<std::string>> not_implied(const Revisions& revisions,
                                                    const std::set<std::string>& but) const;
  GraphResult<std::vector<std::string>> left_after_undoing(const Revision& revision) const;
  Status apply(const RowChange& change);

  const RevisionGraph& graph_;
  std::set<std::string> rows_;
};

}  // namespace katip::store::migrate
