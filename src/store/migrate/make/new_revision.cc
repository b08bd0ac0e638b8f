#include "store/migrate/make/new_revision.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/atomic_file.h"
#include "store/migrate/files/file_text.h"
#include "store/migrate/graph/lookup.h"

/// Tested by new_revision_test.cc.
namespace katip::store::migrate {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kIdSize = 12;

std::string random_id(Rng& rng) { return fmt::format("{:016x}", rng.next()).substr(0, kIdSize); }

Result<Revisions> parents_of(const RevisionGraph& graph, const NewRevision& wanted) {
  const GraphErrorWording wording{
      .not_ancestor = {},
      .multiple_heads =
          "Multiple heads are present; please specify the head revision on which the "
          "new revision should be based, or perform a merge.",
      .target = {}};
  const Revisions parents = KATIP_TRY(explained(find_revisions(graph, wanted.heads), wording));
  for (const Revision* parent : parents) {
    if (std::ranges::count(parents, parent) > 1) {
      return fail(ErrorCode::kConflict, "Duplicate head revisions specified");
    }
    if (wanted.splice == Splice::kForbidden && !parent->is_head()) {
      return fail(ErrorCode::kConflict,
                  fmt::format("Revision {} is not a head revision; please specify --splice to "
                              "create a new branch from this revision",
                              parent->id()));
    }
  }
  return parents;
}

/// Labels stay labels, beginnings of ids become ids.
Result<std::vector<std::string>> dependencies_of(const RevisionGraph& graph,
                                                 const NewRevision& wanted) {
  std::vector<std::string> found;
  for (const std::string& key : wanted.depends_on) {
    const Revision* revision = KATIP_TRY(explained(find_one(graph, key)));
    if (revision == nullptr) {
      return fail(ErrorCode::kInvalidArgument, "a revision cannot depend on 'base'");
    }
    found.push_back(revision->labels.contains(key) ? key : revision->id());
  }
  return found;
}

/// The one that was asked for, that of the first parent, or the only one.
Result<fs::path> folder_of(const FileSettings& settings, const NewRevision& wanted,
                           const Revisions& parents) {
  const auto& folders = settings.version_folders;
  if (wanted.version_folder) {
    const auto is_asked = [&](const fs::path& folder) {
      return fs::absolute(folder).lexically_normal() ==
             fs::absolute(*wanted.version_folder).lexically_normal();
    };
    if (std::ranges::none_of(folders, is_asked)) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("Path {} is not represented in current version locations",
                              wanted.version_folder->string()));
    }
    return *wanted.version_folder;
  }
  if (folders.size() == 1) return folders.front();
  if (folders.empty() || parents.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "Multiple version locations present, please specify --version-path");
  }
  return parents.front()->file.path.parent_path();
}

/// The folder must still be right with the new file in it.
Status check_with(const RevisionGraph& graph, const RevisionFile& added) {
  std::vector<RevisionFile> files;
  for (const Revision& revision : graph.revisions()) files.push_back(revision.file);
  files.push_back(added);
  auto together = RevisionGraph::build(std::move(files));
  if (together) return {};
  return fail(ErrorCode::kConflict, std::move(together).error().message);
}

}  // namespace

Result<PlannedFile> plan_file(const RevisionGraph& graph, const FileSettings& settings,
                              const NewRevision& wanted, const Clock& clock, Rng& rng) {
  RevisionFile file;
  file.id = wanted.id.empty() ? random_id(rng) : wanted.id;
  KATIP_TRY(check_revision_id(file.id));
  const LocalTime now = KATIP_TRY(local_time(clock.calendar(), settings.time_zone));
  const Revisions parents = KATIP_TRY(parents_of(graph, wanted));
  const fs::path folder = KATIP_TRY(folder_of(settings, wanted, parents));
  const std::string name = KATIP_TRY(
      file_name(settings.file_template, {.revision_id = file.id,
                                         .slug = slug_of(wanted.message, settings.slug_size_max),
                                         .time = now}));
  file.path = folder / (name + ".sql");
  file.revises = ids_of(parents);
  file.depends_on = KATIP_TRY(dependencies_of(graph, wanted));
  file.branch_labels = wanted.branch_labels;
  file.message = wanted.message.empty() ? "empty message" : wanted.message;
  file.created = text_of(now);
  file.sections = wanted.sections;
  const std::string text = KATIP_TRY(fill_script_template(
      settings.script_template.empty() ? default_script_template() : settings.script_template,
      file));
  RevisionFile parsed = KATIP_TRY(parse_revision_file(text, file.path));
  KATIP_TRY(check_with(graph, parsed));
  return PlannedFile{.path = file.path, .text = text, .revision = std::move(parsed)};
}

Status write_planned_file(const PlannedFile& file) {
  std::error_code error;
  if (fs::exists(file.path, error)) {
    return fail(ErrorCode::kConflict, fmt::format("{} exists already", file.path.string()));
  }
  fs::create_directories(file.path.parent_path(), error);
  if (error) return std::unexpected(file_error("create", file.path.parent_path(), error.value()));
  return write_file_atomically(file.path, file.text);
}

}  // namespace katip::store::migrate
