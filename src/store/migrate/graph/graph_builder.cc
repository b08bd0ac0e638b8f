#include "store/migrate/graph/graph_builder.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "store/migrate/graph/reachable.h"

/// Source: alembic/script/revision.py `RevisionMap._revision_map` and what it calls.
/// Tested by revision_graph_test.cc.
namespace katip::store::migrate {
namespace {

std::unexpected<Error> corrupt(std::string message) {
  return fail(ErrorCode::kCorruptData, std::move(message));
}

void add_once(Revisions& revisions, const Revision* revision) {
  if (std::ranges::find(revisions, revision) == revisions.end()) revisions.push_back(revision);
}

/// The ids that cannot be reached both from above and from below: they are on a cycle, or hang
/// between cycles.
std::vector<std::string> unreachable_ids(std::span<const Revision> all, const Revisions& from_above,
                                         const Revisions& from_below) {
  const RevisionSet above(from_above.begin(), from_above.end());
  const RevisionSet below(from_below.begin(), from_below.end());
  std::vector<std::string> ids;
  for (const Revision& revision : all) {
    if (!above.contains(&revision) || !below.contains(&revision)) ids.push_back(revision.id());
  }
  std::ranges::sort(ids);
  return ids;
}

/// Takes away, again and again, what has no neighbour left among `left`.
void trim(RevisionSet& left, Revisions (*neighbours)(const Revision&)) {
  for (std::size_t size = left.size() + 1; size > left.size();) {
    size = left.size();
    std::erase_if(left, [&](const Revision* revision) {
      return std::ranges::none_of(neighbours(*revision),
                                  [&](const Revision* each) { return left.contains(each); });
    });
  }
}

/// The ids on cycles that have a way in from above and a way out below, and those between cycles.
std::vector<std::string> ids_on_cycles(std::span<const Revision> all) {
  RevisionSet left;
  for (const Revision& revision : all) left.insert(&revision);
  trim(left, [](const Revision& revision) { return revision.down_all(); });
  trim(left, [](const Revision& revision) { return revision.next_all; });
  std::vector<std::string> ids;
  for (const Revision* revision : left) ids.push_back(revision->id());
  std::ranges::sort(ids);
  return ids;
}

}  // namespace

Result<RevisionGraph> RevisionGraph::build(std::vector<RevisionFile> files) {
  return GraphBuilder().build(std::move(files));
}

Result<RevisionGraph> GraphBuilder::build(std::vector<RevisionFile> files) {
  graph_.revisions_.resize(files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    graph_.revisions_[i].file = std::move(files[i]);
    graph_.revisions_[i].index = i;
  }
  KATIP_TRY(check_loops());
  KATIP_TRY(add_ids());
  KATIP_TRY(add_labels());
  KATIP_TRY(link());
  find_ends();
  KATIP_TRY(check_cycles());
  drop_implied_dependencies();
  spread_labels();
  return std::move(graph_);
}

Status GraphBuilder::check_loops() const {
  for (const Revision& revision : graph_.revisions_) {
    const auto names_itself = [&](const std::vector<std::string>& keys) {
      return std::ranges::find(keys, revision.id()) != keys.end();
    };
    if (names_itself(revision.file.revises)) {
      return corrupt(fmt::format("Self-loop is detected in revisions ({})", revision.id()));
    }
    if (names_itself(revision.file.depends_on)) {
      return corrupt(
          fmt::format("Dependency self-loop is detected in revisions ({})", revision.id()));
    }
  }
  return {};
}

Status GraphBuilder::add_ids() {
  for (const Revision& revision : graph_.revisions_) {
    const auto [found, is_new] = graph_.by_key_.emplace(revision.id(), &revision);
    if (!is_new) {
      return corrupt(fmt::format("Revision {} is present more than once: in {} and in {}",
                                 revision.id(), found->second->file.path.string(),
                                 revision.file.path.string()));
    }
    graph_.keys_.emplace_back(revision.id(), &revision);
  }
  return {};
}

Status GraphBuilder::add_labels() {
  for (Revision& revision : graph_.revisions_) {
    for (const std::string& label : revision.file.branch_labels) {
      const auto [found, is_new] = graph_.by_key_.emplace(label, &revision);
      if (!is_new) {
        return corrupt(fmt::format("Branch name '{}' in revision {} already used by revision {}",
                                   label, revision.id(), found->second->id()));
      }
      graph_.keys_.emplace_back(label, &revision);
      revision.labels.insert(label);
    }
  }
  return {};
}

Result<const Revision*> GraphBuilder::target_of(const Revision& revision, std::string_view verb,
                                                const std::string& key) const {
  const Revision* target = graph_.find(key);
  if (target == nullptr) {
    return corrupt(fmt::format("Revision {} ({}) {} {}, which is not present: is a file missing?",
                               revision.id(), revision.file.path.string(), verb, key));
  }
  return target;
}

Status GraphBuilder::link() {
  for (Revision& revision : graph_.revisions_) {
    for (const std::string& key : revision.file.revises) {
      add_once(revision.revises, KATIP_TRY(target_of(revision, "revises", key)));
    }
    for (const std::string& key : revision.file.depends_on) {
      add_once(revision.depends_on, KATIP_TRY(target_of(revision, "depends on", key)));
    }
    for (const Revision* below : revision.revises) {
      add_once(graph_.revisions_[below->index].next, &revision);
    }
    for (const Revision* below : revision.down_all()) {
      add_once(graph_.revisions_[below->index].next_all, &revision);
    }
  }
  return {};
}

void GraphBuilder::find_ends() {
  for (const Revision& revision : graph_.revisions_) {
    if (revision.is_head()) graph_.heads_.push_back(&revision);
    if (revision.is_head_of_all()) graph_.heads_of_all_.push_back(&revision);
    if (revision.is_base()) graph_.bases_.push_back(&revision);
  }
}

Status GraphBuilder::check_cycles() const {
  const std::span<const Revision> all = graph_.revisions_;
  const auto cycle =
      unreachable_ids(all, reachable(graph_.heads_, [](const Revision& r) { return r.revises; }),
                      reachable(graph_.bases_, [](const Revision& r) { return r.next; }));
  if (!cycle.empty()) {
    return corrupt(fmt::format("Cycle is detected in revisions ({})", fmt::join(cycle, ", ")));
  }
  Revisions first;  // revisions that nothing has to come before
  for (const Revision& revision : all) {
    if (revision.down_all().empty()) first.push_back(&revision);
  }
  const auto dependency_cycle = unreachable_ids(
      all, reachable(graph_.heads_of_all_, [](const Revision& r) { return r.down_all(); }),
      reachable(first, [](const Revision& r) { return r.next_all; }));
  if (!dependency_cycle.empty()) {
    return corrupt(fmt::format("Dependency cycle is detected in revisions ({})",
                               fmt::join(dependency_cycle, ", ")));
  }
  // Alembic finds only the cycles above: with any other its sort of the steps has no end.
  if (const auto hidden = ids_on_cycles(all); !hidden.empty()) {
    return corrupt(fmt::format("Cycle is detected in revisions ({})", fmt::join(hidden, ", ")));
  }
  return {};
}

void GraphBuilder::drop_implied_dependencies() {
  for (Revision& revision : graph_.revisions_) {
    revision.depends_on_needed = revision.depends_on;
    if (revision.depends_on.empty()) continue;
    for (const Revision* ancestor : graph_.ancestors({&revision}, Edges::kRevises)) {
      if (ancestor == &revision) continue;
      std::erase_if(revision.depends_on_needed, [&](const Revision* needed) {
        return std::ranges::find(ancestor->depends_on, needed) != ancestor->depends_on.end();
      });
    }
  }
}

/// A label holds for everything after its revision, and for what comes before it as far as the line
/// neither branches nor merges.
void GraphBuilder::spread_labels() {
  for (const Revision& labelled : graph_.revisions_) {
    if (labelled.file.branch_labels.empty()) continue;
    const std::set<std::string> labels = labelled.labels;
    const auto give = [&](const Revision* to) {
      graph_.revisions_[to->index].labels.insert(labels.begin(), labels.end());
    };
    const Revisions after = graph_.descendants({&labelled}, Edges::kRevises);
    std::ranges::for_each(after, give);
    const Revision* at = after.back();
    while (at->next_all.size() <= 1 && !at->is_merge_point()) {
      give(at);
      if (at->revises.empty()) break;
      at = at->revises.front();
    }
  }
}

}  // namespace katip::store::migrate
