#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/migrate/graph/revision_graph.h"

/// What `history`, `show`, `heads`, `branches` and `current` print, in the words of Alembic, so
/// that scripts that read them go on working. Each text ends with a newline or is empty.
///
/// Threads: pure.
/// Source:  alembic/script/base.py `Script.log_entry` and `Script.cmd_format`.
namespace katip::store::migrate {

enum class Detail { kBrief, kVerbose };

/// The ids that are to be marked "(current)".
using CurrentIds = std::set<std::string>;

/// A revision with its neighbours, labels, path and message: several lines and an empty one.
std::string entry_text(const Revision& revision, const CurrentIds& current = {});

/// The history between two ends, last first: "001 -> 002 (head), message". `range` is "from:to",
/// either end may be missing, or empty for all; ends are anything that an upgrade or downgrade may
/// name, and `current` for what is in `rows`. With `marked`, rows are marked "(current)".
///
/// Errors: kInvalidArgument when a range has no colon; those of revisions_between().
struct HistoryOptions {
  std::string range = {};
  Detail detail = Detail::kBrief;
  bool marks_current = false;
};
Result<std::string> history_text(const RevisionGraph& graph, const std::vector<std::string>& rows,
                                 const HistoryOptions& options);
/// The revisions of that history.
Result<Revisions> history_revisions(const RevisionGraph& graph,
                                    const std::vector<std::string>& rows, const std::string& range);

/// One line for each head; with `Edges::kAll` those that something depends on are left out.
std::string heads_text(const RevisionGraph& graph, Detail detail, Edges edges);

/// Each branch point with the revisions that it branches into.
Result<std::string> branches_text(const RevisionGraph& graph, Detail detail);

/// Each applied revision that no applied one revises.
///
/// Errors: kNotFound when the database has a revision that no file has.
Result<std::string> current_text(const RevisionGraph& graph, const std::vector<std::string>& rows,
                                 Detail detail);

/// The revisions that a target means. `rows` are for the target "current".
///
/// Errors: kNotFound, kConflict (several heads).
Result<Revisions> shown_revisions(const RevisionGraph& graph, const std::vector<std::string>& rows,
                                  std::string_view target);
/// Each of them as entry_text().
Result<std::string> show_text(const RevisionGraph& graph, const std::vector<std::string>& rows,
                              std::string_view target);

}  // namespace katip::store::migrate
