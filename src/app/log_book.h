#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "app/principal.h"
#include "base/result.h"
#include "base/uuid.h"
#include "store/log_store.h"
#include "store/pool.h"

/// Events, sales, messages and sessions that people and other systems write down, list and search.
///
/// While the database is away what is written goes into JSON-lines files under the data folder, and
/// from there into the database at the first call when it is back. Each record has its id before it
/// is written anywhere, so it is there once, however often it is taken in.
namespace katip::app {

using LogKind = store::LogKind;
using LogFilter = store::LogFilter;
using LogRecord = store::LogRecord;
using LogField = store::LogField;
using LogFieldType = store::LogFieldType;
using store::kLogKinds;
using store::log_table;

struct WrittenLog {
  std::string id;
  LogRecord record;
  bool is_kept_in_file = false;  ///< The database is away; it will be taken in later.
};

struct LogQuery {
  LogFilter filter = {};
  std::optional<std::string> cursor = {};  ///< Of the page before.
  int count_max = 50;                      ///< 1 to 200.
};
struct LogList {
  std::vector<LogRecord> rows;  ///< Newest first.
  std::optional<std::string> next_cursor;
};

struct TakenIn {
  std::int64_t record_count = 0;
  std::int64_t refused_count = 0;  ///< Lines that are no record; kept in NAME.refused.
};

/// One JSON object with the fields of its table (store::log_table()), null ones left out.
std::string to_json(const LogRecord& record);

/// Threads:  thread-safe.
/// Lifetime: pool, clock and rng outlive it.
class LogBook {
 public:
  /// Files go into `fallback_dir`, which is made when it is needed.
  LogBook(store::Pool& pool, std::filesystem::path fallback_dir, const Clock& clock, Rng& rng)
      : pool_(pool), fallback_dir_(std::move(fallback_dir)), clock_(clock), ids_(clock, rng) {}

  /// `fields` is a JSON object with fields of the table; id and times are made here where they are
  /// not given. Who does not see everything writes in their own name only.
  ///
  /// Errors: kInvalidArgument, naming the field; kPermissionDenied for the name of somebody else;
  ///         kConflict for the session id of somebody else; kUnavailable when neither the database
  ///         nor the file can be written.
  Result<WrittenLog> append(const Principal& principal, LogKind kind, std::string_view fields,
                            std::stop_token stop);
  /// Errors: kInvalidArgument for the cursor, the number, a field that is no filter; those of the
  ///         database.
  Result<LogList> list(const Principal& principal, LogKind kind, const LogQuery& query,
                       std::stop_token stop);

  /// Takes in what lies in files. Nothing to do: no record. Others may do the same at once.
  ///
  /// Errors: those of the database and of the files; what was taken in stays taken in.
  Result<TakenIn> take_in(std::stop_token stop);

 private:
  /// Whoever comes first after the database is back takes in what lies in files.
  void take_in_if_any(std::stop_token stop);
  Status write_to_database(const LogRecord& record, std::stop_token stop);
  [[nodiscard]] std::filesystem::path file_of(LogKind kind) const;

  store::Pool& pool_;
  const std::filesystem::path fallback_dir_;
  const Clock& clock_;
  UuidSource ids_;
};

}  // namespace katip::app
