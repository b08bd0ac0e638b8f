#include "store/cleanup_store.h"

#include "store/queries.h"

/// The statements are in sqlite/cleanup.sql and postgres/cleanup.sql.
///
/// Tested by conformance/cleanup_test.cc on both databases.
namespace katip::store {
namespace {

constexpr const char* kFirstId = "00000000-0000-0000-0000-000000000000";

Result<std::vector<NamedFile>> files(Connection& sql, std::string_view statement,
                                     const std::string& after, int count_max) {
  const Rows rows = KATIP_TRY(
      run_statement(sql, statement, {after.empty() ? std::string(kFirstId) : after, count_max}));
  std::vector<NamedFile> found;
  for (const Row row : rows) {
    NamedFile file;
    file.id = KATIP_TRY(row.get<std::string>("id"));
    file.key = KATIP_TRY(row.get<std::string>("file_key"));
    found.push_back(std::move(file));
  }
  return found;
}

Result<std::int64_t> count(Connection& sql, std::string_view statement, Timestamp time) {
  const Rows rows = KATIP_TRY(run_statement(sql, statement, {to_text(time)}));
  return rows[0].get<std::int64_t>(0);
}

}  // namespace

Result<std::vector<NamedFile>> media_files(Connection& sql, const std::string& after,
                                           int count_max) {
  return files(sql, "media_files", after, count_max);
}

Result<std::vector<NamedFile>> upload_files(Connection& sql, const std::string& after,
                                            int count_max) {
  return files(sql, "upload_files", after, count_max);
}

Result<ExpiredCounts> count_expired(Connection& sql, Timestamp now) {
  ExpiredCounts counts;
  counts.jobs = KATIP_TRY(count(sql, "count_expired_jobs", now));
  counts.uploads = KATIP_TRY(count(sql, "count_expired_uploads", now));
  return counts;
}

Result<std::int64_t> count_history(Connection& sql, Timestamp before) {
  return count(sql, "count_old_history", before);
}

Result<std::int64_t> count_audit_records(Connection& sql, Timestamp before) {
  return count(sql, "count_audit_records", before);
}

Result<DatabaseRoom> database_room(Connection& sql) {
  const Rows rows = KATIP_TRY(run_statement(sql, "database_room"));
  DatabaseRoom room;
  room.size = KATIP_TRY(rows[0].get<std::int64_t>("size"));
  room.unused = KATIP_TRY(rows[0].get<std::int64_t>("unused"));
  return room;
}

Status refresh_database(Connection& sql) {
  KATIP_TRY(sql.set_statement_timeout(std::chrono::milliseconds(0)));
  if (sql.dialect() == Dialect::kPostgres) {
    KATIP_TRY(sql.query("vacuum (analyze, skip_locked)"));
    return {};
  }
  // A sample of each index is enough, and takes no longer when the tables grow.
  KATIP_TRY(sql.execute("pragma analysis_limit = 1000; analyze"));
  KATIP_TRY(sql.query("pragma wal_checkpoint(passive)"));
  return {};
}

}  // namespace katip::store
