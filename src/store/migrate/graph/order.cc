#include "store/migrate/graph/order.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

/// A list of open heads; the chosen one is emitted unless it is before another open head, which is
/// then chosen instead. What an emitted revision stands on takes its place among the heads.
/// Tested by plan_test.cc and alembic_difference_test.cc and, against Alembic itself, by
/// alembic_difference_test.cc.
namespace katip::store::migrate {
namespace {

class Sorter {
 public:
  Sorter(const RevisionGraph& graph, const Revisions& revisions, const Revisions& heads)
      : graph_(graph), todo_(revisions.begin(), revisions.end()) {
    Revisions first = heads;
    std::erase_if(first, [this](const Revision* head) { return !todo_.contains(head); });
    std::ranges::sort(first, {}, &Revision::index);
    first.erase(std::ranges::unique(first).begin(), first.end());
    for (const Revision* head : first) open(head);
  }

  GraphResult<Revisions> run() {
    while (!open_.empty()) {
      const std::size_t blocking = find_blocking();
      if (blocking != chosen_) {
        chosen_ = blocking;
      } else {
        emit();
      }
    }
    if (!todo_.empty()) {
      const Revisions left(todo_.begin(), todo_.end());
      return graph_fail(fmt::format("Revisions {} are not on the way to the target",
                                    fmt::join(ids_of(left), ", ")));
    }
    return std::move(output_);
  }

 private:
  struct Head {
    const Revision* revision = nullptr;
    RevisionSet before;  ///< Its ancestors and itself.
  };

  void open(const Revision* revision) { open_.push_back({revision, before(revision)}); }

  [[nodiscard]] RevisionSet before(const Revision* revision) const {
    const Revisions all = graph_.ancestors({revision}, Edges::kAll);
    return {all.begin(), all.end()};
  }

  /// The first other head that stands on the chosen one, or the chosen one.
  [[nodiscard]] std::size_t find_blocking() const {
    for (std::size_t i = 0; i < open_.size(); ++i) {
      if (i != chosen_ && open_[i].before.contains(open_[chosen_].revision)) return i;
    }
    return chosen_;
  }

  [[nodiscard]] bool is_open(const Revision* revision) const {
    return std::ranges::any_of(open_, [&](const Head& head) { return head.revision == revision; });
  }

  void emit() {
    const Revision* revision = open_[chosen_].revision;
    if (todo_.erase(revision) > 0) output_.push_back(revision);
    Revisions down = revision->down_needed();
    std::erase_if(
        down, [this](const Revision* below) { return !todo_.contains(below) || is_open(below); });
    if (down.empty()) {
      open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(chosen_));
      chosen_ = chosen_ == 0 ? 0 : chosen_ - 1;
      return;
    }
    open_[chosen_] = {down.front(), before(down.front())};
    for (std::size_t i = 1; i < down.size(); ++i) open(down[i]);
  }

  const RevisionGraph& graph_;
  RevisionSet todo_;
  std::vector<Head> open_;
  std::size_t chosen_ = 0;
  Revisions output_;
};

}  // namespace

GraphResult<Revisions> in_order(const RevisionGraph& graph, const Revisions& revisions,
                                const Revisions& heads) {
  return Sorter(graph, revisions, heads).run();
}

}  // namespace katip::store::migrate
