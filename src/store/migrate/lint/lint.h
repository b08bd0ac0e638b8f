#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/migrate/files/revision_file.h"
#include "store/migrations.h"

namespace katip::store::migrate {

/// What is dangerous about the statements of one direction, on a database that is in use: rules in
/// rules.h. Tables that the same revision creates are empty and nobody uses them, so most rules let
/// them be; a SQLite table that is dropped and whose successor takes its name is not lost.
///
/// Errors:  those of RevisionFile::statements().
/// Threads: pure.
Result<std::vector<LintFinding>> lint_revision(const RevisionFile& file, Direction direction,
                                               Dialect dialect);

/// Every rule by name with what it finds, for the manual and for `-- katip: allow`.
struct LintRule {
  std::string_view name;
  std::string_view summary;
};
std::span<const LintRule> lint_rules();

}  // namespace katip::store::migrate
