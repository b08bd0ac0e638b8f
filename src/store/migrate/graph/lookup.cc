#include "store/migrate/graph/lookup.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "store/migrate/graph/walk.h"

/// Tested by lookup_test.cc and, against Alembic itself, by alembic_difference_test.cc.
namespace katip::store::migrate {
namespace {

/// Ids shorter than this are found only whole.
constexpr std::size_t kPartialSizeMin = 4;

/// What a text means once head, heads and base are looked up. `_resolve_revision_number`.
struct Symbol {
  std::vector<std::string> identifiers;
  std::string branch;
};

GraphResult<Symbol> resolve_symbol(const RevisionGraph& graph, std::string_view text) {
  Symbol symbol;
  const std::size_t at = text.find('@');
  if (at != text.npos) {
    symbol.branch = text.substr(0, at);
    text.remove_prefix(at + 1);
  }
  if (text == "heads") {
    symbol.identifiers = symbol.branch.empty()
                             ? ids_of(graph.heads_of_all())
                             : ids_of(KATIP_TRY(on_lineage(graph, graph.heads(), symbol.branch)));
  } else if (text == "head") {
    const Revision* head = KATIP_TRY(only_head(graph, symbol.branch));
    if (head != nullptr) symbol.identifiers.push_back(head->id());
  } else if (text != "base") {
    symbol.identifiers.emplace_back(text);
  }
  return symbol;
}

/// "-2" as -2; nothing when the text is no negative number.
std::optional<int> negative_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  return is_whole && number < 0 ? std::optional(number) : std::nullopt;
}

GraphResult<std::vector<Place>> walk_down_from_heads(const RevisionGraph& graph, int steps,
                                                     const std::string& branch) {
  std::vector<Place> places;
  for (const Revision* head : graph.heads_of_all()) {
    if (!branch.empty() && !head->labels.contains(branch)) continue;
    places.push_back(KATIP_TRY(
        walk(graph, Place::of(head), {.steps = steps, .branch = {}, .edge = WalkEdge::kLeave})));
  }
  return places;
}

/// Whether `revision` is before, at or after one of `tests`. `_shares_lineage`.
GraphResult<bool> shares_lineage(const RevisionGraph& graph, const Revision* revision,
                                 const std::vector<std::string>& tests, Edges edges) {
  if (tests.empty()) return true;
  RevisionSet line;
  for (const Revision* other : graph.descendants({revision}, edges)) line.insert(other);
  for (const Revision* other : graph.ancestors({revision}, edges)) line.insert(other);
  bool shares = false;
  for (const std::string& test : tests) {
    shares |= line.contains(KATIP_TRY(find_by_identifier(graph, test)));
  }
  return shares;
}

/// The one revision whose id, or label, begins with `identifier`.
GraphResult<const Revision*> find_by_beginning(const RevisionGraph& graph,
                                               std::string_view identifier,
                                               std::string_view branch) {
  std::vector<std::string> matches;
  const Revision* match = nullptr;
  for (const auto& [key, revision] : graph.keys()) {
    if (key.size() < kPartialSizeMin || !key.starts_with(identifier)) continue;
    if (!branch.empty()) {
      const Revisions same = KATIP_TRY(on_lineage(graph, {revision}, branch));
      if (same.empty()) continue;
    }
    matches.push_back(fmt::format("'{}'", key));
    match = revision;
  }
  if (matches.size() == 1) return match;
  std::string message;
  if (matches.size() > 1) {
    matches.resize(std::min<std::size_t>(matches.size(), 3));
    message = fmt::format(": it is the beginning of {} ...", fmt::join(matches, ", "));
  }
  return graph_fail(GraphErrorKind::kNotFound, std::move(message), identifier);
}

GraphResult<std::vector<Place>> find_text(const RevisionGraph& graph, std::string_view text) {
  const Symbol symbol = KATIP_TRY(resolve_symbol(graph, text));
  if (symbol.identifiers.size() == 1) {
    if (const auto steps = negative_number(symbol.identifiers.front())) {
      return walk_down_from_heads(graph, *steps, symbol.branch);
    }
  }
  std::vector<Place> places;
  for (const std::string& identifier : symbol.identifiers) {
    places.push_back(Place::of(KATIP_TRY(find_by_identifier(graph, identifier, symbol.branch))));
  }
  return places;
}

}  // namespace

std::vector<std::string> as_list(const End& end) {
  if (const auto* text = std::get_if<std::string>(&end)) return {*text};
  if (const auto* list = std::get_if<std::vector<std::string>>(&end)) return *list;
  return {};
}

GraphResult<const Revision*> only_head(const RevisionGraph& graph, std::string_view branch) {
  Revisions heads = graph.heads();
  if (!branch.empty()) heads = KATIP_TRY(on_lineage(graph, heads, branch));
  if (heads.size() > 1) {
    return graph_fail(GraphErrorKind::kMultipleHeads,
                      fmt::format("{}", fmt::join(ids_of(heads), ", ")),
                      branch.empty() ? "head" : fmt::format("{}@head", branch));
  }
  return heads.empty() ? nullptr : heads.front();
}

GraphResult<std::vector<Place>> find_all(const RevisionGraph& graph, const End& end) {
  std::vector<Place> places;
  for (const std::string& text : as_list(end)) {
    const std::vector<Place> some = KATIP_TRY(find_text(graph, text));
    places.insert(places.end(), some.begin(), some.end());
  }
  return places;
}

GraphResult<Revisions> find_revisions(const RevisionGraph& graph, const End& end) {
  Revisions revisions;
  const std::vector<Place> places = KATIP_TRY(find_all(graph, end));
  for (const Place& place : places) {
    if (place.kind != Place::Kind::kRevision) {
      return graph_fail(
          fmt::format("'{}' leads out of the history", fmt::join(as_list(end), ", ")));
    }
    revisions.push_back(place.revision);
  }
  return revisions;
}

GraphResult<const Revision*> find_one(const RevisionGraph& graph, std::string_view text) {
  const Symbol symbol = KATIP_TRY(resolve_symbol(graph, text));
  if (symbol.identifiers.size() > 1) {
    return graph_fail(GraphErrorKind::kMultipleHeads,
                      fmt::format("{}", fmt::join(symbol.identifiers, ", ")), text);
  }
  if (symbol.identifiers.empty()) {
    // "label@base" still has to name a branch.
    if (!symbol.branch.empty()) KATIP_TRY(find_branch(graph, symbol.branch));
    return nullptr;
  }
  return find_by_identifier(graph, symbol.identifiers.front(), symbol.branch);
}

GraphResult<const Revision*> find_branch(const RevisionGraph& graph, std::string_view branch) {
  return find_by_identifier(graph, branch);
}

GraphResult<const Revision*> find_by_identifier(const RevisionGraph& graph,
                                                std::string_view identifier,
                                                std::string_view branch) {
  const Revision* on_branch = nullptr;
  if (!branch.empty()) on_branch = KATIP_TRY(find_branch(graph, branch));
  if (identifier.empty()) return graph_fail(GraphErrorKind::kNotFound, {}, identifier);
  const Revision* revision = graph.find(identifier);
  if (revision == nullptr) {
    revision = KATIP_TRY(find_by_beginning(graph, identifier, branch));
  }
  if (on_branch != nullptr) {
    const bool shares =
        KATIP_TRY(shares_lineage(graph, revision, {on_branch->id()}, Edges::kRevises));
    if (!shares) {
      return graph_fail(
          GraphErrorKind::kNotFound,
          fmt::format(": revision {} is not a member of branch '{}'", revision->id(), branch),
          identifier);
    }
  }
  return revision;
}

GraphResult<Revisions> on_lineage(const RevisionGraph& graph, const Revisions& revisions,
                                  std::string_view text, Edges edges) {
  const Symbol symbol = KATIP_TRY(resolve_symbol(graph, text));
  std::vector<std::string> tests;  // The branch first: when both are wrong, it is named.
  if (!symbol.branch.empty()) tests.push_back(symbol.branch);
  tests.insert(tests.end(), symbol.identifiers.begin(), symbol.identifiers.end());
  Revisions kept;
  for (const Revision* revision : revisions) {
    const bool shares = KATIP_TRY(shares_lineage(graph, revision, tests, edges));
    if (shares) kept.push_back(revision);
  }
  return kept;
}

GraphResult<Revisions> all_current(const RevisionGraph& graph,
                                   const std::vector<std::string>& rows) {
  const Revisions top = KATIP_TRY(find_revisions(graph, rows));
  const Revisions applied = graph.ancestors(top, Edges::kAll);
  const RevisionSet all(applied.begin(), applied.end());
  Revisions current;
  for (const Revision* revision : applied) {
    const Revisions after = graph.descendants({revision}, Edges::kRevises);
    const bool is_last = std::ranges::none_of(
        after, [&](const Revision* other) { return other != revision && all.contains(other); });
    if (is_last) current.push_back(revision);
  }
  return current;
}

}  // namespace katip::store::migrate
