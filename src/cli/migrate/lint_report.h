#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/migrate/work.h"

namespace katip::cli {

/// What lint finds in these revisions (none: in all) on this database (nothing: on both, where what
/// holds for both is said once), in the order of files and lines.
///
/// Errors: those of Migrations::lint().
Result<std::vector<store::LintFinding>> lint_findings(const store::Migrations& migrations,
                                                      const std::vector<std::string>& targets,
                                                      std::optional<store::Dialect> dialect);

/// "db/versions/5cb3_x.sql:7: the data of a.b is lost (drop-column)".
std::string text_of(const store::LintFinding& finding);

/// Each finding as a warning; nobody is stopped.
void warn_about(const std::vector<store::LintFinding>& findings, Session& session);

/// Warns about a file that was just written.
void warn_about_new_file(const MigrateWork& work, const std::filesystem::path& file,
                         std::optional<store::Dialect> dialect, Session& session);

}  // namespace katip::cli
