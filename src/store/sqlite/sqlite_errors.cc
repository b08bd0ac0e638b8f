#include "store/sqlite/sqlite_errors.h"

#include <fmt/format.h>
#include <sqlite3.h>

// Source: https://sqlite.org/rescode.html. Tested by conformance/errors_test.cc.
namespace katip::store::sqlite {
namespace {

ErrorCode code_of_constraint(int sqlite_code) {
  switch (sqlite_code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return ErrorCode::kConflict;
    default:  // NOT NULL, CHECK, the types of STRICT tables, RAISE() of a trigger.
      return ErrorCode::kInvalidArgument;
  }
}

}  // namespace

ErrorCode code_of(int sqlite_code, bool is_reading) {
  switch (sqlite_code & 0xFF) {
    case SQLITE_CONSTRAINT:
      return code_of_constraint(sqlite_code);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
    case SQLITE_NOMEM:
      return ErrorCode::kOverloaded;
    case SQLITE_INTERRUPT:
      return ErrorCode::kTimeout;
    case SQLITE_ERROR:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
      return ErrorCode::kInvalidArgument;
    case SQLITE_READONLY:
      return is_reading ? ErrorCode::kInvalidArgument : ErrorCode::kPermissionDenied;
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return ErrorCode::kPermissionDenied;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      return ErrorCode::kUnavailable;
    case SQLITE_TOOBIG:
      return ErrorCode::kTooLarge;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::kCorruptData;
    default:
      return ErrorCode::kInternal;
  }
}

Error last_error(sqlite3* database, int sqlite_code, bool is_reading) {
  const int offset = sqlite3_error_offset(database);
  std::string message = sqlite3_errmsg(database);
  if (offset >= 0) {
    message += fmt::format(" (at byte {} of the statement)", offset);
  }
  return {code_of(sqlite_code, is_reading), std::move(message)};
}

}  // namespace katip::store::sqlite
