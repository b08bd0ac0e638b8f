#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"
#include "store/value.h"

struct sqlite3;
struct sqlite3_stmt;

namespace katip::store::sqlite {

enum class Use { kOnce, kAgain };  ///< kAgain: worth more work while preparing.

/// One prepared statement.
///
/// Threads:  one thread.
/// Lifetime: the database outlives it.
class Statement {
 public:
  /// Prepares the first statement of `sql` and moves `sql` behind it. Empty: there is none, only
  /// blanks and comments.
  ///
  /// Errors: those of SQLite, by their code (see sqlite_errors.h).
  static Result<Statement> prepare(sqlite3* database, std::string_view& sql, Use use);

  [[nodiscard]] bool empty() const { return handle_ == nullptr; }
  /// Runs it to its end. `is_reading` as in code_of().
  Result<Rows> run(std::span<const Value> parameters, bool is_reading);

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* handle) const noexcept;
  };
  Statement(sqlite3* database, sqlite3_stmt* handle) : database_(database), handle_(handle) {}
  Status bind(std::span<const Value> parameters);
  Status bind_one(int index, const Value& value);
  Result<Rows> step_through(bool is_reading);
  [[nodiscard]] Value column(int index) const;

  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

}  // namespace katip::store::sqlite
