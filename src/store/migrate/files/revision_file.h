#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/database_url.h"
#include "store/migrate/files/statements.h"

/// A revision: one SQL file with both directions and both dialects.
///
///   -- revision: 5cb311f7ffd7
///   -- revises: 001a2b3c4d5e
///   -- message: add speaker embeddings
///   -- created: 2026-03-01 12:00:00
///   -- branch_labels: voices
///   -- depends_on: 0f0f0f0f0f0f
///
///   -- upgrade
///   create table ...;
///   -- upgrade postgresql
///   create index concurrently ...;   -- katip: no-transaction
///   -- downgrade
///   drop table ...;
///
/// Lists are separated by commas. A section begins with `-- upgrade` or `-- downgrade` at the start
/// of a line, alone or followed by `postgresql` or `sqlite`; a section without a dialect is for
/// both. Sections of one direction run in the order of the file.
namespace katip::store::migrate {

enum class Direction { kUpgrade, kDowngrade };

/// "upgrade" or "downgrade".
std::string_view name(Direction direction);

struct Section {
  Direction direction = Direction::kUpgrade;
  std::optional<Dialect> dialect;  ///< Nothing: both.
  std::string sql;
  int first_line = 1;  ///< The line of the file on which `sql` begins.
};

/// Threads: immutable.
struct RevisionFile {
  std::filesystem::path path;
  std::string id;
  std::vector<std::string> revises;  ///< Empty: a base.
  std::vector<std::string> branch_labels;
  std::vector<std::string> depends_on;  ///< Ids, beginnings of ids are not allowed; labels are.
  std::string message;
  std::string created;  ///< As written; may be empty.
  std::vector<Section> sections;

  /// The statements of one direction for one dialect, with lines of the file.
  ///
  /// Errors: kInvalidArgument naming file and line, as split_statements(); also when a statement
  ///         begins or ends a transaction, which the migration does by itself.
  [[nodiscard]] Result<std::vector<Statement>> statements(Direction direction,
                                                          Dialect dialect) const;
  /// Whether the file has a section, even an empty one, for this direction and dialect.
  [[nodiscard]] bool has_section(Direction direction, Dialect dialect) const;
};

/// Errors:  kInvalidArgument naming file and line: no revision id, an id with a character that
///          targets use (@ - + :), a misspelled or repeated header, a section for an unknown
///          dialect, SQL before the first section, a statement that cannot be split.
/// Threads: pure.
Result<RevisionFile> parse_revision_file(std::string_view text, const std::filesystem::path& path);

/// Whether an id can be written in a target: not empty, at most 32 characters (the width of the
/// version table), none of @ - + : and no blanks, commas or quotes.
///
/// Errors: kInvalidArgument saying which character is wrong.
Status check_revision_id(std::string_view id);
/// The same for a branch label, which may be longer and have "-".
Status check_branch_label(std::string_view label);

}  // namespace katip::store::migrate
