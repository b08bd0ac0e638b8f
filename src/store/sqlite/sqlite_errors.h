#pragma once

#include "base/result.h"

struct sqlite3;

namespace katip::store::sqlite {

/// The code of ours for an extended result code of SQLite. `is_reading`: the transaction was begun
/// to read only, so that a refused write is the caller's mistake.
ErrorCode code_of(int sqlite_code, bool is_reading);

/// The last error of the connection. Its text names tables and columns, never values.
Error last_error(sqlite3* database, int sqlite_code, bool is_reading);

}  // namespace katip::store::sqlite
