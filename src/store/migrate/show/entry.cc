#include "store/migrate/show/entry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

/// Tested by texts_test.cc and, against Alembic itself, by alembic_difference_test.cc.
namespace katip::store::migrate {
namespace {

std::string parents_of(const Revision& revision) {
  if (revision.revises.empty()) return "<base>";
  return fmt::format("{}", fmt::join(ids_of(revision.revises), ", "));
}

/// What Alembic's template writes into the head of a file; indented like there.
std::string description_of(const Revision& revision) {
  const RevisionFile& file = revision.file;
  std::string text = fmt::format("    {}\n    \n    Revision ID: {}\n    Revises: {}\n",
                                 file.message, file.id, fmt::join(file.revises, ", "));
  if (!file.created.empty()) text += fmt::format("    Create Date: {}\n", file.created);
  return text;
}

}  // namespace

std::string line_text(const Revision& revision, const LineParts& parts, const CurrentIds& current) {
  std::string text = revision.id();
  if (parts.parents) {
    const std::string depends_on =
        revision.file.depends_on.empty()
            ? ""
            : fmt::format(" ({})", fmt::join(revision.file.depends_on, ", "));
    text = fmt::format("{}{} -> {}", parents_of(revision), depends_on, text);
  }
  if (parts.branches && !revision.labels.empty()) {
    text += fmt::format(" ({})", fmt::join(revision.labels, ", "));
  }
  if (revision.is_head()) text += revision.is_head_of_all() ? " (head)" : " (effective head)";
  if (current.contains(revision.id())) text += " (current)";
  if (parts.tree && revision.is_branch_point()) text += " (branchpoint)";
  if (parts.tree && revision.is_merge_point()) text += " (mergepoint)";
  if (parts.message) text += ", " + revision.file.message;
  return text;
}

std::string entry_text(const Revision& revision, const CurrentIds& current) {
  std::string text =
      fmt::format("Rev: {}{}{}{}{}\n", revision.id(), revision.is_head() ? " (head)" : "",
                  revision.is_branch_point() ? " (branchpoint)" : "",
                  revision.is_merge_point() ? " (mergepoint)" : "",
                  current.contains(revision.id()) ? " (current)" : "");
  text += fmt::format("{}: {}\n", revision.is_merge_point() ? "Merges" : "Parent",
                      parents_of(revision));
  if (!revision.file.depends_on.empty()) {
    text += fmt::format("Also depends on: {}\n", fmt::join(revision.file.depends_on, ", "));
  }
  if (revision.is_branch_point()) {
    text += fmt::format("Branches into: {}\n", fmt::join(ids_of(revision.next), ", "));
  }
  if (!revision.labels.empty()) {
    text += fmt::format("Branch names: {}\n", fmt::join(revision.labels, ", "));
  }
  text += fmt::format("Path: {}\n\n{}", revision.file.path.string(), description_of(revision));
  return text;
}

}  // namespace katip::store::migrate
