#include "store/migrate/show/texts.h"

#include <fmt/format.h>

#include "store/migrate/graph/lookup.h"
#include "store/migrate/plan/collect.h"
#include "store/migrate/show/entry.h"

/// Tested by texts_test.cc and, against Alembic itself, by alembic_difference_test.cc.
namespace katip::store::migrate {
namespace {

std::string text_of(const Revision& revision, Detail detail, const LineParts& parts,
                    const CurrentIds& current) {
  if (detail == Detail::kVerbose) return entry_text(revision, current) + "\n";
  return line_text(revision, parts, current) + "\n";
}

/// One end of a range as typed; `missing` stands for nothing typed.
End end_of(std::string_view typed, const std::vector<std::string>& rows, std::string_view missing) {
  if (typed == "current" && !rows.empty()) return rows;
  if (typed.empty() || typed == "current") return std::string(missing);
  return std::string(typed);
}

}  // namespace

Result<Revisions> history_revisions(const RevisionGraph& graph,
                                    const std::vector<std::string>& rows,
                                    const std::string& range) {
  const std::size_t colon = range.find(':');
  if (!range.empty() && colon == std::string::npos) {
    return fail(ErrorCode::kInvalidArgument,
                "History range requires [start]:[end], [start]:, or :[end]");
  }
  const std::string from = range.substr(0, std::min(colon, range.size()));
  const std::string to = range.empty() ? "" : range.substr(colon + 1);
  const GraphErrorWording wording{
      .not_ancestor = fmt::format("Requested range {}:{} does not refer to ancestor/descendant "
                                  "revisions along the same branch",
                                  from.empty() ? "base" : from, to.empty() ? "heads" : to),
      .multiple_heads = {},
      .target = to.empty() ? "heads" : to};
  return explained(revisions_between(graph, end_of(from, rows, "base"), end_of(to, rows, "heads")),
                   wording);
}

Result<std::string> history_text(const RevisionGraph& graph, const std::vector<std::string>& rows,
                                 const HistoryOptions& options) {
  const Revisions revisions = KATIP_TRY(history_revisions(graph, rows, options.range));
  CurrentIds current;
  if (options.marks_current) current.insert(rows.begin(), rows.end());
  std::string text;
  for (const Revision* revision : revisions) {
    text += text_of(*revision, options.detail,
                    {.branches = true, .parents = true, .message = true, .tree = true}, current);
  }
  return text;
}

std::string heads_text(const RevisionGraph& graph, Detail detail, Edges edges) {
  std::string text;
  for (const Revision* head : edges == Edges::kAll ? graph.heads_of_all() : graph.heads()) {
    text += text_of(*head, detail, {.branches = true}, {});
  }
  return text;
}

Result<std::string> branches_text(const RevisionGraph& graph, Detail detail) {
  const Revisions all =
      KATIP_TRY(explained(revisions_between(graph, std::string("base"), std::string("heads"))));
  std::string text;
  for (const Revision* revision : all) {
    if (!revision->is_branch_point()) continue;
    text += text_of(*revision, detail, {.branches = true, .tree = true}, {});
    for (const Revision* next : revision->next) {
      const LineParts parts{.branches = true, .message = detail == Detail::kVerbose, .tree = true};
      text += fmt::format("{} -> {}\n", std::string(revision->id().size(), ' '),
                          line_text(*next, parts, {}));
    }
    text += "\n";
  }
  return text;
}

Result<std::string> current_text(const RevisionGraph& graph, const std::vector<std::string>& rows,
                                 Detail detail) {
  const Revisions current = KATIP_TRY(explained(all_current(graph, rows)));
  std::string text;
  for (const Revision* revision : current) {
    text += text_of(*revision, detail, {.tree = true}, {});
  }
  return text;
}

Result<Revisions> shown_revisions(const RevisionGraph& graph, const std::vector<std::string>& rows,
                                  std::string_view target) {
  const End end = target == "current" ? End(rows) : End(std::string(target));
  return explained(find_revisions(graph, end));
}

Result<std::string> show_text(const RevisionGraph& graph, const std::vector<std::string>& rows,
                              std::string_view target) {
  const Revisions revisions = KATIP_TRY(shown_revisions(graph, rows, target));
  std::string text;
  for (const Revision* revision : revisions) text += entry_text(*revision) + "\n";
  return text;
}

}  // namespace katip::store::migrate
