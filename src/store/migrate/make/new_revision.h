#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/migrate/files/file_name.h"
#include "store/migrate/graph/revision_graph.h"

namespace katip::store::migrate {

/// How the files of a folder are named and made.
struct FileSettings {
  std::vector<std::filesystem::path> version_folders = {};
  std::string file_template = std::string(kFileTemplate);
  std::size_t slug_size_max = kSlugSizeMax;
  std::string time_zone = "UTC";
  std::string script_template = {};  ///< Empty: default_script_template().
};

enum class Splice {
  kForbidden,  ///< A new revision stands on heads only.
  kAllowed,    ///< It may make a branch.
};

struct NewRevision {
  std::string message = {};
  std::vector<std::string> heads = {"head"};  ///< What it revises; several: a merge.
  Splice splice = Splice::kForbidden;
  std::vector<std::string> branch_labels = {};
  std::vector<std::string> depends_on = {};
  std::string id = {};  ///< Empty: 12 hexadecimal digits by chance.
  std::optional<std::filesystem::path> version_folder = {};
  std::vector<Section> sections = {};  ///< SQL to begin with, as from a comparison of schemas.
};

/// A file that is not written yet.
struct PlannedFile {
  std::filesystem::path path;
  std::string text;
  RevisionFile revision;
};

/// Decides what the new file says and where it goes, and makes sure that the folder would be right
/// with it.
///
/// Errors: kInvalidArgument (id, label, template, time zone, folder), kConflict (several heads, not
///         a head without splice, a head twice, an id or label that is taken), kNotFound.
/// Source: alembic/script/base.py `ScriptDirectory.generate_revision`.
Result<PlannedFile> plan_file(const RevisionGraph& graph, const FileSettings& settings,
                              const NewRevision& wanted, const Clock& clock, Rng& rng);

/// Writes it, whole or not at all; never over a file that exists.
///
/// Errors: kConflict when there is such a file; those of AtomicFile.
Status write_planned_file(const PlannedFile& file);

}  // namespace katip::store::migrate
