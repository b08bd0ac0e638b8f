#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "store/migrate/graph/graph_error.h"
#include "store/migrate/graph/revision_graph.h"

/// From what an operator types, or a version table holds, to revisions: whole ids, beginnings of
/// ids (any length, ids of four characters and more, one match), labels, `head`, `heads`, `base`,
/// and any of these after `label@`.
///
/// Errors:  of all: kNotFound and kMultipleHeads as described in graph_error.h.
/// Threads: pure.
/// Source:  alembic/script/revision.py, the methods named at each function.
namespace katip::store::migrate {

/// A revision, the base (before the first one), or nothing at all (walked out of the graph).
struct Place {
  enum class Kind { kNowhere, kBase, kRevision };
  Kind kind = Kind::kNowhere;
  const Revision* revision = nullptr;  ///< Set for kRevision only.

  static Place of(const Revision* revision) {
    return revision == nullptr ? Place{} : Place{Kind::kRevision, revision};
  }
  static Place base() { return {Kind::kBase, nullptr}; }
  friend bool operator==(const Place&, const Place&) = default;
};

/// One end of a range: nothing (the base), something typed, or the rows of a version table.
using End = std::variant<std::monostate, std::string, std::vector<std::string>>;

/// The end as a list of ids or symbols.
std::vector<std::string> as_list(const End& end);

/// The only head of the branch (of the graph when `branch` is empty), or null when there is none.
/// `get_current_head`.
GraphResult<const Revision*> only_head(const RevisionGraph& graph, std::string_view branch);

/// All revisions that an end means: none for "base", several for "heads"; "label@-2" walks down
/// from the heads. kNowhere stands for a walk that left the graph. `get_revisions`.
GraphResult<std::vector<Place>> find_all(const RevisionGraph& graph, const End& end);
/// As find_all(); a walk that left the graph is an error.
GraphResult<Revisions> find_revisions(const RevisionGraph& graph, const End& end);

/// The one revision that a text means; null for "base". `get_revision`.
GraphResult<const Revision*> find_one(const RevisionGraph& graph, std::string_view text);

/// By id, beginning of an id, or label; with `branch` only on that branch. `_revision_for_ident`.
GraphResult<const Revision*> find_by_identifier(const RevisionGraph& graph,
                                                std::string_view identifier,
                                                std::string_view branch = {});

/// The revision that stands for a branch: that of the label, or of an id. `_resolve_branch`.
GraphResult<const Revision*> find_branch(const RevisionGraph& graph, std::string_view branch);

/// Those of `revisions` that are before, at or after what `text` means. `filter_for_lineage`.
GraphResult<Revisions> on_lineage(const RevisionGraph& graph, const Revisions& revisions,
                                  std::string_view text, Edges edges = Edges::kRevises);

/// All applied revisions with no applied one after them on their line, when the version table has
/// these rows. `_get_all_current`.
GraphResult<Revisions> all_current(const RevisionGraph& graph,
                                   const std::vector<std::string>& rows);

}  // namespace katip::store::migrate
