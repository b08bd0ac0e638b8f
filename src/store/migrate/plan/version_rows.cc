#include "store/migrate/plan/version_rows.h"

#include <algorithm>

#include <fmt/format.h>

#include "store/migrate/graph/lookup.h"

/// Tested by plan_test.cc and, against Alembic itself, by alembic_difference_test.cc.
namespace katip::store::migrate {
namespace {

/// All of `from` become `to`: one row is changed, the others go.
std::vector<RowChange> merge(const std::vector<std::string>& from, const std::string& to) {
  std::vector<RowChange> changes;
  for (std::size_t i = 0; i + 1 < from.size(); ++i) changes.push_back(RowChange::remove(from[i]));
  changes.push_back(RowChange::update(from.back(), to));
  return changes;
}

/// `from` becomes all of `to`: one row is changed, the others come.
std::vector<RowChange> unmerge(const std::string& from, const std::vector<std::string>& to) {
  std::vector<RowChange> changes;
  for (std::size_t i = 0; i + 1 < to.size(); ++i) changes.push_back(RowChange::insert(to[i]));
  changes.push_back(RowChange::update(from, to.back()));
  return changes;
}

}  // namespace

GraphResult<std::vector<std::string>> VersionRows::not_implied(
    const Revisions& revisions, const std::set<std::string>& but) const {
  std::vector<std::string> others;
  std::ranges::set_difference(rows_, but, std::back_inserter(others));
  const Revisions heads = KATIP_TRY(find_revisions(graph_, others));
  const Revisions implied = graph_.ancestors(heads, Edges::kAll);
  Revisions left = revisions;
  std::erase_if(left, [&](const Revision* revision) {
    return std::ranges::find(implied, revision) != implied.end();
  });
  return ids_of(left);
}

GraphResult<std::vector<RowChange>> VersionRows::changes_of_upgrade(
    const Revision& revision) const {
  const Revisions down = revision.down_needed();
  Revisions in_rows = down;
  std::erase_if(in_rows, [&](const Revision* below) { return !rows_.contains(below->id()); });
  if (in_rows.empty()) return std::vector{RowChange::insert(revision.id())};
  if (in_rows.size() == 1) {
    return std::vector{RowChange::update(in_rows.front()->id(), revision.id())};
  }
  const std::vector<std::string> ids = ids_of(down);
  const auto from = KATIP_TRY(not_implied(in_rows, {ids.begin(), ids.end()}));
  if (from.empty()) return graph_fail("nothing to merge into revision " + revision.id());
  return merge(from, revision.id());
}

/// What rows have to come when a revision goes: what it stood on, as far as nothing else implies
/// it.
GraphResult<std::vector<std::string>> VersionRows::left_after_undoing(
    const Revision& revision) const {
  const Revisions down = revision.down_needed();
  if (rows_.size() > 1) return not_implied(down, {revision.id()});
  Revisions left = down;
  std::erase_if(left, [&](const Revision* below) {
    return std::ranges::any_of(down, [&](const Revision* other) {
      const Revisions before = graph_.ancestors({other}, Edges::kAll);
      return other != below && std::ranges::find(before, below) != before.end();
    });
  });
  return ids_of(left);
}

GraphResult<std::vector<RowChange>> VersionRows::changes_of_downgrade(
    const Revision& revision) const {
  if (!rows_.contains(revision.id())) {
    return graph_fail(fmt::format("revision {} has no row in the version table", revision.id()));
  }
  const std::vector<std::string> left = KATIP_TRY(left_after_undoing(revision));
  if (left.empty()) return std::vector{RowChange::remove(revision.id())};
  return unmerge(revision.id(), left);
}

std::vector<RowChange> VersionRows::changes_of_stamp(const Step& step) const {
  if (step.kind == StepKind::kStampDelete) return {RowChange::remove(step.from.front())};
  const bool has_all =
      std::ranges::all_of(step.from, [&](const std::string& row) { return rows_.contains(row); });
  const bool comes_new =
      step.kind == StepKind::kStampBranch || (step.kind == StepKind::kStampUp && !has_all);
  if (comes_new && !rows_.contains(step.to.front())) return {RowChange::insert(step.to.front())};
  if (step.from.empty()) return {};
  return merge(step.from, step.to.front());
}

Status VersionRows::apply(const RowChange& change) {
  if (!change.from.empty() && rows_.erase(change.from) == 0) {
    return fail(ErrorCode::kConflict,
                fmt::format("the version table has no row '{}' to change", change.from));
  }
  if (!change.to.empty() && !rows_.insert(change.to).second) {
    return fail(ErrorCode::kConflict,
                fmt::format("the version table has the row '{}' already", change.to));
  }
  return {};
}

GraphResult<std::vector<RowChange>> VersionRows::take(const Step& step) {
  std::vector<RowChange> changes;
  if (step.kind == StepKind::kUpgrade) {
    changes = KATIP_TRY(changes_of_upgrade(*step.revision));
  } else if (step.kind == StepKind::kDowngrade) {
    changes = KATIP_TRY(changes_of_downgrade(*step.revision));
  } else {
    changes = changes_of_stamp(step);
  }
  for (const RowChange& change : changes) {
    if (const Status applied = apply(change); !applied) {
      return graph_fail(fmt::format("{}: {}", short_text(step), applied.error().message));
    }
  }
  return changes;
}

}  // namespace katip::store::migrate
