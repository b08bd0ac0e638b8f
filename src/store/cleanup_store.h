#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/connection.h"
#include "store/timestamp.h"

/// What maintenance has to know of all tables together.
///
/// Errors: those of Connection; kCorruptData.
namespace katip::store {

/// A file that a row names: its path within the data folder.
struct NamedFile {
  std::string id;  ///< Of the row.
  std::string key;
};

/// Of jobs and of uploads, by their ids, behind `after` (empty: from the beginning).
Result<std::vector<NamedFile>> media_files(Connection& sql, const std::string& after,
                                           int count_max);
Result<std::vector<NamedFile>> upload_files(Connection& sql, const std::string& after,
                                            int count_max);

/// How many rows a clean-up would take.
struct ExpiredCounts {
  std::int64_t jobs = 0;
  std::int64_t uploads = 0;
};
Result<ExpiredCounts> count_expired(Connection& sql, Timestamp now);
Result<std::int64_t> count_history(Connection& sql, Timestamp before);
Result<std::int64_t> count_audit_records(Connection& sql, Timestamp before);

/// How much room a database has, and how much of that is unused.
struct DatabaseRoom {
  std::int64_t size = 0;
  std::int64_t unused = 0;  ///< Free pages of SQLite; an estimate for dead rows of PostgreSQL.
};
Result<DatabaseRoom> database_room(Connection& sql);
/// Brings the statistics up to date by which statements are planned. SQLite: brings the log into
/// the file as well; PostgreSQL: frees dead rows. Nobody has to wait.
Status refresh_database(Connection& sql);

}  // namespace katip::store
