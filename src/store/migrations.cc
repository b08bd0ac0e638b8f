#include "store/migrations.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/atomic_file.h"
#include "store/migrate/embedded/embedded_revisions.h"
#include "store/migrate/files/revision_folder.h"
#include "store/migrate/graph/lookup.h"
#include "store/migrate/lint/lint.h"
#include "store/migrate/make/new_revision.h"
#include "store/migrate/run/offline.h"
#include "store/migrate/show/texts.h"

/// Tested by make/new_folder_test.cc and migrator_test.cc; the parts have tests of their own.
namespace katip::store {
namespace {

namespace fs = std::filesystem;
using migrate::Revision;
using migrate::Revisions;

constexpr std::size_t kTextSizeMax = std::size_t{16} << 20;
constexpr std::string_view kTemplateName = "script.sql.tmpl";

RevisionInfo info_of(const Revision& revision, const std::vector<std::string>& applied) {
  return {.id = revision.id(),
          .revises = migrate::ids_of(revision.revises),
          .depends_on = revision.file.depends_on,
          .labels = {revision.labels.begin(), revision.labels.end()},
          .message = revision.file.message,
          .created = revision.file.created,
          .path = revision.file.path,
          .is_head = revision.is_head(),
          .is_branch_point = revision.is_branch_point(),
          .is_merge_point = revision.is_merge_point(),
          .is_current = std::ranges::find(applied, revision.id()) != applied.end()};
}

Listing listing_of(std::string text, const Revisions& revisions,
                   const std::vector<std::string>& applied) {
  Listing listing{.text = std::move(text), .revisions = {}};
  for (const Revision* revision : revisions) {
    listing.revisions.push_back(info_of(*revision, applied));
  }
  return listing;
}

migrate::Detail detail_of(const ListingOptions& options) {
  return options.is_verbose ? migrate::Detail::kVerbose : migrate::Detail::kBrief;
}

std::string tagged(const ScriptRequest& request, const std::string& script) {
  if (request.tag.empty()) return script;
  std::string tag = request.tag;
  std::ranges::replace_if(tag, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return fmt::format("-- tag: {}\n\n{}", tag, script);
}

migrate::OfflineOptions offline_options(const ScriptRequest& request, bool from_base) {
  return {
      .dialect = request.dialect, .version_table = request.version_table, .from_base = from_base};
}

Result<std::string> text_of_file(const fs::path& path, std::string_view otherwise) {
  std::error_code error;
  if (!fs::exists(path, error)) return std::string(otherwise);
  return read_whole_file(path, kTextSizeMax);
}

}  // namespace

struct Migrations::Data {
  bool is_own = false;  // katip's, embedded.
  fs::path folder;
  migrate::FileSettings files;
  migrate::RevisionGraph graph;
};

Migrations::Migrations(std::unique_ptr<Data> data) : data_(std::move(data)) {}
Migrations::~Migrations() = default;
Migrations::Migrations(Migrations&&) noexcept = default;
Migrations& Migrations::operator=(Migrations&&) noexcept = default;

Result<Migrations> Migrations::of_folder(const MigrationFolder& folder) {
  std::vector<fs::path> folders = folder.version_folders;
  if (folders.empty()) {
    std::error_code error;
    const fs::path versions = folder.folder / "versions";
    folders = {fs::is_directory(versions, error) ? versions : folder.folder};
  }
  auto files = KATIP_TRY(migrate::read_revision_folders(
      folders, folder.is_recursive ? migrate::Depth::kRecursive : migrate::Depth::kFlat));
  auto graph = KATIP_TRY(migrate::RevisionGraph::build(std::move(files)));
  migrate::FileSettings settings{
      .version_folders = std::move(folders),
      .file_template = folder.file_template,
      .slug_size_max = folder.slug_size_max,
      .time_zone = folder.time_zone,
      .script_template = KATIP_TRY(text_of_file(folder.folder / kTemplateName, ""))};
  return Migrations(std::make_unique<Data>(Data{.is_own = false,
                                                .folder = folder.folder,
                                                .files = std::move(settings),
                                                .graph = std::move(graph)}));
}

Result<Migrations> Migrations::of_katip() {
  auto graph = KATIP_TRY(migrate::embedded_revisions());
  return Migrations(std::make_unique<Data>(
      Data{.is_own = true, .folder = {}, .files = {}, .graph = std::move(graph)}));
}

const migrate::RevisionGraph& Migrations::graph() const { return data_->graph; }

Result<Listing> Migrations::history(const std::vector<std::string>& applied,
                                    const ListingOptions& options) const {
  const Revisions revisions =
      KATIP_TRY(migrate::history_revisions(graph(), applied, options.range));
  std::string text = KATIP_TRY(migrate::history_text(graph(), applied,
                                                     {.range = options.range,
                                                      .detail = detail_of(options),
                                                      .marks_current = options.marks_current}));
  return listing_of(std::move(text), revisions, applied);
}

Result<Listing> Migrations::heads(const ListingOptions& options, bool resolves_dependencies) const {
  const migrate::Edges edges =
      resolves_dependencies ? migrate::Edges::kAll : migrate::Edges::kRevises;
  return listing_of(migrate::heads_text(graph(), detail_of(options), edges),
                    resolves_dependencies ? graph().heads_of_all() : graph().heads(), {});
}

Result<Listing> Migrations::branches(const ListingOptions& options) const {
  const Revisions all = KATIP_TRY(migrate::history_revisions(graph(), {}, ""));
  Revisions points;
  std::ranges::copy_if(all, std::back_inserter(points),
                       [](const Revision* revision) { return revision->is_branch_point(); });
  std::string text = KATIP_TRY(migrate::branches_text(graph(), detail_of(options)));
  return listing_of(std::move(text), points, {});
}

Result<Listing> Migrations::show(const std::vector<std::string>& applied,
                                 const std::string& target) const {
  const Revisions revisions = KATIP_TRY(migrate::shown_revisions(graph(), applied, target));
  std::string text = KATIP_TRY(migrate::show_text(graph(), applied, target));
  return listing_of(std::move(text), revisions, applied);
}

Result<Listing> Migrations::current(const std::vector<std::string>& applied,
                                    const ListingOptions& options) const {
  const Revisions revisions = KATIP_TRY(migrate::explained(migrate::all_current(graph(), applied)));
  std::string text = KATIP_TRY(migrate::current_text(graph(), applied, detail_of(options)));
  return listing_of(std::move(text), revisions, applied);
}

bool Migrations::is_at_heads(const std::vector<std::string>& applied) const {
  std::vector<std::string> heads = migrate::ids_of(graph().heads_of_all());
  std::vector<std::string> rows = applied;
  std::ranges::sort(heads);
  std::ranges::sort(rows);
  return heads == rows;
}

Result<std::string> Migrations::upgrade_script(const std::string& range,
                                               const ScriptRequest& request) const {
  const auto parsed =
      KATIP_TRY(migrate::parse_offline_range(graph(), range, migrate::Direction::kUpgrade));
  const migrate::Plan plan = KATIP_TRY(migrate::plan_upgrade(graph(), parsed.rows, parsed.target));
  return tagged(request, KATIP_TRY(migrate::offline_sql(
                             plan, offline_options(request, parsed.rows.empty()))));
}

Result<std::string> Migrations::downgrade_script(const std::string& range,
                                                 const ScriptRequest& request) const {
  const auto parsed =
      KATIP_TRY(migrate::parse_offline_range(graph(), range, migrate::Direction::kDowngrade));
  const migrate::Plan plan =
      KATIP_TRY(migrate::plan_downgrade(graph(), parsed.rows, parsed.target));
  return tagged(request, KATIP_TRY(migrate::offline_sql(plan, offline_options(request, false))));
}

Result<std::string> Migrations::stamp_script(const std::vector<std::string>& targets,
                                             const ScriptRequest& request) const {
  std::vector<std::string> rows;
  std::vector<std::string> goals;
  for (const std::string& target : targets) {
    const auto parsed =
        KATIP_TRY(migrate::parse_offline_range(graph(), target, migrate::Direction::kUpgrade));
    rows.insert(rows.end(), parsed.rows.begin(), parsed.rows.end());
    goals.push_back(parsed.target);
  }
  const migrate::Plan plan = KATIP_TRY(migrate::plan_stamp(graph(), rows, goals));
  return tagged(request,
                KATIP_TRY(migrate::offline_sql(plan, offline_options(request, rows.empty()))));
}

std::string Migrations::version_table_script(const ScriptRequest& request) const {
  return tagged(request, migrate::create_version_table_sql(request.version_table) + ";\n");
}

Result<fs::path> Migrations::make_revision(const RevisionRequest& request, const Clock& clock,
                                           Rng& rng) const {
  if (data_->is_own) {
    return fail(ErrorCode::kInvalidArgument,
                "katip's own revisions are part of the program: new ones are made in its sources, "
                "with --dir migrations");
  }
  migrate::NewRevision wanted{
      .message = request.message,
      .heads = request.heads,
      .splice = request.is_splice ? migrate::Splice::kAllowed : migrate::Splice::kForbidden,
      .branch_labels = request.branch_labels,
      .depends_on = request.depends_on,
      .id = request.id,
      .version_folder = request.version_folder,
      .sections = {}};
  const auto add = [&](migrate::Direction direction, const std::string& sql) {
    if (sql.empty()) return;
    wanted.sections.push_back(
        {.direction = direction, .dialect = request.dialect, .sql = sql, .first_line = 1});
  };
  add(migrate::Direction::kUpgrade, request.upgrade_sql);
  add(migrate::Direction::kDowngrade, request.downgrade_sql);
  const auto file = KATIP_TRY(migrate::plan_file(graph(), data_->files, wanted, clock, rng));
  KATIP_TRY(migrate::write_planned_file(file));
  return file.path;
}

Result<std::vector<LintFinding>> Migrations::lint(const std::vector<std::string>& targets,
                                                  Dialect dialect) const {
  Revisions revisions;
  if (targets.empty()) {
    for (const Revision& revision : graph().revisions()) revisions.push_back(&revision);
  } else {
    revisions = KATIP_TRY(migrate::explained(migrate::find_revisions(graph(), targets)));
  }
  std::vector<LintFinding> findings;
  for (const Revision* revision : revisions) {
    auto some =
        KATIP_TRY(migrate::lint_revision(revision->file, migrate::Direction::kUpgrade, dialect));
    std::ranges::move(some, std::back_inserter(findings));
  }
  return findings;
}

Result<std::optional<std::string>> Migrations::declared_schema(Dialect dialect) const {
  if (data_->is_own) {
    const std::string_view text = migrate::embedded_schema(dialect);
    return text.empty() ? std::nullopt : std::optional(std::string(text));
  }
  const fs::path path = data_->folder / migrate::schema_file_name(dialect);
  std::error_code error;
  if (!fs::exists(path, error)) return std::optional<std::string>();
  return std::optional(KATIP_TRY(read_whole_file(path, kTextSizeMax)));
}

}  // namespace katip::store
