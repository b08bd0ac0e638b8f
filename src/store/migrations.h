#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/database_url.h"

/// Revisions of a schema as files, katip's own or anybody's: what there is, how it hangs together,
/// new ones, and scripts for somebody else to run. What is done to a database is in migrator.h.
///
///   const Migrations migrations = KATIP_TRY(Migrations::of_folder({.folder = "migrations"}));
///   std::cout << KATIP_TRY(migrations.history({}, {})).text;
///
/// The words are those of Alembic, so that scripts that read them go on working. docs/migrations.md
/// tells how to work with it.
namespace katip::store {

namespace migrate {
class RevisionGraph;
}

/// Where the revisions are, and how new ones are named.
struct MigrationFolder {
  /// Holds script.sql.tmpl and the declared schemas, schema.sqlite.sql and schema.postgres.sql.
  std::filesystem::path folder;
  /// Where the revisions are; empty: `versions` in the folder when there is one, else the folder.
  std::vector<std::filesystem::path> version_folders = {};
  bool is_recursive = false;  ///< Sub-folders of the version folders too.
  std::string file_template = "%(rev)s_%(slug)s";
  std::size_t slug_size_max = 40;
  std::string time_zone = "UTC";
};

/// One revision as data, for JSON.
struct RevisionInfo {
  std::string id;
  std::vector<std::string> revises;
  std::vector<std::string> depends_on;
  std::vector<std::string> labels;
  std::string message;
  std::string created;
  std::filesystem::path path;
  bool is_head = false;
  bool is_branch_point = false;
  bool is_merge_point = false;
  bool is_current = false;  ///< The database has a row for it.
};

/// What the log of a database says of a revision that katip applied.
struct AppliedRevision {
  std::string applied_at;
  std::int64_t duration_ms = 0;
  std::optional<std::string> applied_by = {};   ///< "ayse@db-host"; nothing: not written down.
  std::optional<std::string> app_version = {};  ///< Of the katip that did it.
};

/// The same twice: as text to print, and as data.
struct Listing {
  std::string text;  ///< Ends with a newline, or is empty.
  std::vector<RevisionInfo> revisions;
};

struct ListingOptions {
  std::string range = {};      ///< Of history: "from:to"; empty: all.
  bool is_verbose = false;     ///< Everything about each revision.
  bool marks_current = false;  ///< Of history.
};

/// A file to be made.
struct RevisionRequest {
  std::string message = {};
  std::vector<std::string> heads = {"head"};  ///< What it stands on; several: a merge.
  bool is_splice = false;                     ///< It may stand on what is no head.
  std::vector<std::string> branch_labels = {};
  std::vector<std::string> depends_on = {};
  std::string id = {};  ///< Empty: by chance.
  std::optional<std::filesystem::path> version_folder = {};
  /// SQL to begin with, for one dialect; empty: none.
  std::optional<Dialect> dialect = {};
  std::string upgrade_sql = {};
  std::string downgrade_sql = {};
};

/// A script for a database that is not connected.
struct ScriptRequest {
  Dialect dialect = Dialect::kPostgres;
  std::string version_table = "alembic_version";
  std::string tag = {};  ///< Stands in a comment on its first line, for people.
};

/// What lint says about one statement.
struct LintFinding {
  std::filesystem::path path;
  int line = 0;
  std::string revision;
  std::string rule;  ///< "drop-column".
  std::string message;
  bool loses_data = false;
};

/// Errors:  of all: kNotFound and kConflict in the words of Alembic; kCorruptData for files that do
///          not hang together; kInvalidArgument for wrong targets and files that cannot be read.
/// Threads: immutable.
class Migrations {
 public:
  static Result<Migrations> of_folder(const MigrationFolder& folder);
  /// katip's own, which are part of the program. New files cannot be made here.
  static Result<Migrations> of_katip();
  ~Migrations();
  Migrations(Migrations&&) noexcept;
  Migrations& operator=(Migrations&&) noexcept;

  /// `applied` are the rows of the version table, for "current" as an end of a range or a target.
  Result<Listing> history(const std::vector<std::string>& applied,
                          const ListingOptions& options) const;
  Result<Listing> heads(const ListingOptions& options, bool resolves_dependencies) const;
  Result<Listing> branches(const ListingOptions& options) const;
  Result<Listing> show(const std::vector<std::string>& applied, const std::string& target) const;
  /// What the database is at.
  Result<Listing> current(const std::vector<std::string>& applied,
                          const ListingOptions& options) const;
  /// Whether these rows say that everything is applied.
  [[nodiscard]] bool is_at_heads(const std::vector<std::string>& applied) const;

  /// `range` is "to" (from the base) or "from:to"; a downgrade needs both.
  Result<std::string> upgrade_script(const std::string& range, const ScriptRequest& request) const;
  Result<std::string> downgrade_script(const std::string& range,
                                       const ScriptRequest& request) const;
  Result<std::string> stamp_script(const std::vector<std::string>& targets,
                                   const ScriptRequest& request) const;
  [[nodiscard]] std::string version_table_script(const ScriptRequest& request) const;

  /// Writes a new file and gives its path.
  Result<std::filesystem::path> make_revision(const RevisionRequest& request, const Clock& clock,
                                              Rng& rng) const;

  /// Statements that lock, lose data or break what runs at the same time. Empty `targets`: those of
  /// all revisions. A statement with `-- katip: allow RULE` is let off.
  Result<std::vector<LintFinding>> lint(const std::vector<std::string>& targets,
                                        Dialect dialect) const;

  /// What the files say the schema should be; nothing when there is no such file.
  Result<std::optional<std::string>> declared_schema(Dialect dialect) const;
  [[nodiscard]] const migrate::RevisionGraph& graph() const;

 private:
  struct Data;
  explicit Migrations(std::unique_ptr<Data> data);
  std::unique_ptr<Data> data_;
};

/// Makes a folder for migrations: versions/, script.sql.tmpl, schema.sqlite.sql,
/// schema.postgres.sql and README.md. Gives the paths in the order in which they were made.
///
/// Errors: kConflict when the folder exists and is not empty.
Result<std::vector<std::filesystem::path>> make_migration_folder(
    const std::filesystem::path& folder);

}  // namespace katip::store
