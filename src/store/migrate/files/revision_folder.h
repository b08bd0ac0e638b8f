#pragma once

#include <filesystem>
#include <vector>

#include "base/result.h"
#include "store/migrate/files/revision_file.h"

namespace katip::store::migrate {

enum class Depth {
  kFlat,       ///< Files directly in the folders.
  kRecursive,  ///< Those of their sub-folders too.
};

/// Reads every *.sql file of the folders, in the order of their names within each folder. Names
/// that begin with "." are left out, and so are the declared schemas (schema.sqlite.sql,
/// schema.postgres.sql); a file that is reached twice counts once.
///
/// Errors: kNotFound for a folder that is missing; kTooLarge for a file over 16 MiB; those of
///         parse_revision_file().
Result<std::vector<RevisionFile>> read_revision_folders(
    const std::vector<std::filesystem::path>& folders, Depth depth);

}  // namespace katip::store::migrate
