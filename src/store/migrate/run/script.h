#pragma once

#include <functional>

#include "base/result.h"
#include "store/connection.h"
#include "store/migrate/files/revision_file.h"

namespace katip::store::migrate {

/// One direction of a revision, ready to run on one connection.
///
/// Threads:  one thread.
/// Lifetime: connection and file outlive it.
class Script {
 public:
  /// Errors: kConflict when the file has no section for this direction and dialect; those of
  ///         RevisionFile::statements().
  static Result<Script> of(Connection& connection, const RevisionFile& file, Direction direction);

  /// Runs all of it and then `finish`, which writes down that it is done, in one transaction. With
  /// statements that forbid one, in pieces: progress is kept in katip_migration_progress, and a
  /// retry begins behind the last finished piece.
  ///
  /// Errors: those of Connection with file and line in front; kConflict when the file was changed
  ///         between two tries, or foreign keys are broken.
  Status run(const std::function<Status()>& finish);

  /// Runs, inside the caller's transaction, what may be in one.
  Status run_inside_transaction();

 private:
  Script(Connection& connection, const RevisionFile& file, Direction direction,
         std::vector<Statement> statements)
      : connection_(&connection),
        file_(&file),
        direction_(direction),
        statements_(std::move(statements)) {}

  Status execute(const Statement& statement);
  Status run_in_pieces(const std::function<Status()>& finish);
  Result<std::size_t> done_count();
  Status save_done_count(std::size_t count);

  Connection* connection_;
  const RevisionFile* file_;
  Direction direction_;
  std::vector<Statement> statements_;
};

/// A direction that a file says nothing about cannot be run: nothing to do has to be said.
///
/// Errors: kConflict naming the file and what to write.
Status check_has_section(const RevisionFile& file, Direction direction, Dialect dialect);

}  // namespace katip::store::migrate
