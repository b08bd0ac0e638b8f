#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/connection.h"
#include "store/migrate/graph/revision_graph.h"
#include "store/migrations.h"

namespace katip::store::migrate {

/// SHA-256 over the statements of one direction for one dialect; comments between statements, blank
/// lines and how lines end do not count.
///
/// Errors: those of RevisionFile::statements().
Result<std::string> checksum_of(const RevisionFile& file, Direction direction, Dialect dialect);

/// Who applies revisions, for the log.
struct Migrant {
  std::string person = {};   ///< "ayse@db-host"; empty: unknown.
  std::string version = {};  ///< Of the program; empty: unknown.
};

/// What was applied, when, by whom, and what it looked like then: the table katip_migration_log. A
/// revision that was stamped, or applied by Alembic, has no row.
///
/// Errors:   those of Connection.
/// Threads:  one thread.
/// Lifetime: the connection outlives it.
class MigrationLog {
 public:
  explicit MigrationLog(Connection& connection) : connection_(&connection) {}

  /// Also gives a table that an older katip made the columns that came later.
  Status create_if_missing();
  Status add(const RevisionFile& file, std::chrono::milliseconds duration, const Migrant& migrant);
  Status remove(const std::string& revision_id);

  /// By revision; none when there is no table. Changes nothing.
  Result<std::map<std::string, AppliedRevision>> entries();

  /// One sentence for each applied revision whose file is no longer what was applied.
  ///
  /// Errors: also kNotFound when the database has a revision that no file has.
  Result<std::vector<std::string>> differences(const RevisionGraph& graph,
                                               const std::vector<std::string>& rows);

 private:
  Result<std::set<std::string>> columns();

  Connection* connection_;
};

}  // namespace katip::store::migrate
