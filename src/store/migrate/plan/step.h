#pragma once

#include <string>
#include <vector>

#include "store/migrate/graph/revision_graph.h"

namespace katip::store::migrate {

enum class RowChangeKind { kInsert, kDelete, kUpdate };

/// One change of the version table.
struct RowChange {
  RowChangeKind kind = RowChangeKind::kInsert;
  std::string from;  ///< The row that goes; empty for kInsert.
  std::string to;    ///< The row that comes; empty for kDelete.

  static RowChange insert(std::string to) { return {RowChangeKind::kInsert, {}, std::move(to)}; }
  static RowChange remove(std::string from) {
    return {RowChangeKind::kDelete, std::move(from), {}};
  }
  static RowChange update(std::string from, std::string to) {
    return {RowChangeKind::kUpdate, std::move(from), std::move(to)};
  }
  friend bool operator==(const RowChange&, const RowChange&) = default;
};

enum class StepKind {
  kUpgrade,
  kDowngrade,
  kStampUp,      ///< Rows change as if upgraded; nothing is run.
  kStampDown,    ///< As if downgraded.
  kStampBranch,  ///< A row for a branch that had none.
  kStampDelete,  ///< A row goes and none comes.
};

/// One revision to run, or one change of the version table alone.
///
/// Lifetime: that of the graph.
struct Step {
  StepKind kind = StepKind::kUpgrade;
  const Revision* revision = nullptr;  ///< Null for stamps.
  std::vector<std::string> from;       ///< Along the versioned line, as people are told.
  std::vector<std::string> to;
  std::vector<RowChange> changes;
};

bool is_stamp(StepKind kind);

/// "upgrade 001 -> 002", "downgrade 001 -> ", "stamp_revision 001 -> 002": what scripts and logs
/// say behind "Running".
std::string short_text(const Step& step);
/// The same with the message behind a comma.
std::string long_text(const Step& step);

}  // namespace katip::store::migrate
