#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/migrate/files/revision_file.h"
#include "store/migrate/graph/graph_error.h"

namespace katip::store::migrate {

struct Revision;
using Revisions = std::vector<const Revision*>;
using RevisionSet = std::set<const Revision*>;

/// A node of the graph: a file and its neighbours. "Down" points to what comes before.
///
/// Threads:  immutable once the graph is built.
/// Lifetime: that of its RevisionGraph.
struct Revision {
  RevisionFile file;
  std::size_t index = 0;         ///< Place in the order of the files.
  std::set<std::string> labels;  ///< Its own, and those of the branch it is on.

  Revisions revises;            ///< What it revises: the versioned line.
  Revisions depends_on;         ///< What it depends on, all of it.
  Revisions depends_on_needed;  ///< Without what an ancestor depends on already.
  Revisions next;               ///< Those that revise it.
  Revisions next_all;           ///< Those that revise it or depend on it.

  [[nodiscard]] const std::string& id() const { return file.id; }
  [[nodiscard]] bool is_head() const { return next.empty(); }
  [[nodiscard]] bool is_head_of_all() const { return next_all.empty(); }
  [[nodiscard]] bool is_base() const { return revises.empty(); }
  [[nodiscard]] bool is_branch_point() const { return next.size() > 1; }
  [[nodiscard]] bool is_merge_point() const { return revises.size() > 1; }
  /// revises and depends_on, each once.
  [[nodiscard]] Revisions down_all() const;
  /// revises and depends_on_needed, each once: what has to be there directly before it.
  [[nodiscard]] Revisions down_needed() const;
};

/// Which edges a search follows.
enum class Edges {
  kRevises,  ///< The versioned line only.
  kAll,      ///< Dependencies too.
};

/// All revisions of a folder and how they hang together.
///
/// Threads: immutable.
/// Source:  alembic/script/revision.py `RevisionMap`.
class RevisionGraph {
 public:
  /// `files` in the order of their names, which breaks ties everywhere.
  ///
  /// Errors: kCorruptData: an id or a label twice, a parent or dependency that is missing, a
  ///         cycle; each names the revisions.
  static Result<RevisionGraph> build(std::vector<RevisionFile> files);
  RevisionGraph(RevisionGraph&&) = default;
  RevisionGraph& operator=(RevisionGraph&&) = default;
  RevisionGraph(const RevisionGraph&) = delete;
  RevisionGraph& operator=(const RevisionGraph&) = delete;

  [[nodiscard]] std::span<const Revision> revisions() const { return revisions_; }
  [[nodiscard]] const Revisions& heads() const { return heads_; }
  /// Heads that nothing depends on either: the rows of the version table when all is applied.
  [[nodiscard]] const Revisions& heads_of_all() const { return heads_of_all_; }
  [[nodiscard]] const Revisions& bases() const { return bases_; }

  /// A revision by its whole id or by a label of its own; null when there is none.
  [[nodiscard]] const Revision* find(std::string_view key) const;
  /// Every id and then every label that find() knows, ids in file order.
  [[nodiscard]] const std::vector<std::pair<std::string, const Revision*>>& keys() const {
    return keys_;
  }

  /// The revisions and all before them, depth first, each once.
  [[nodiscard]] Revisions ancestors(const Revisions& of, Edges edges) const;
  /// The revisions and all after them, depth first, each once.
  [[nodiscard]] Revisions descendants(const Revisions& of, Edges edges) const;
  /// ancestors() with all edges; fails when one of the revisions is an ancestor of another.
  [[nodiscard]] GraphResult<Revisions> ancestors_of_separate(const Revisions& of) const;

 private:
  friend class GraphBuilder;
  RevisionGraph() = default;

  std::vector<Revision> revisions_;
  std::vector<std::pair<std::string, const Revision*>> keys_;
  std::map<std::string, const Revision*, std::less<>> by_key_;
  Revisions heads_;
  Revisions heads_of_all_;
  Revisions bases_;
};

/// The ids, in the same order.
std::vector<std::string> ids_of(const Revisions& revisions);

}  // namespace katip::store::migrate
