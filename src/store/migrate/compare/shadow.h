#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/connection.h"
#include "store/schema_comparison.h"

namespace katip::store::migrate {

/// A database for a moment, of the same kind as the live one: SQLite in memory, or a new database
/// on the same PostgreSQL server; where making one is not allowed, a schema beside the live one.
///
/// Threads:  one thread.
/// Lifetime: the live connection outlives it; it goes away with everything in it.
class Shadow {
 public:
  static Result<Shadow> create(Connection& live, const DatabaseUrl& url,
                               const ComparisonOptions& options);
  ~Shadow();
  Shadow(Shadow&&) noexcept = default;
  Shadow& operator=(Shadow&&) = delete;

  /// Runs a script.
  ///
  /// Errors: kInvalidArgument when it holds no statement; those of Connection, naming the line.
  Status apply(std::string_view script);
  [[nodiscard]] Connection& connection() { return *connection_; }

 private:
  Shadow() = default;

  Connection* live_ = nullptr;
  std::string drop_sql_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace katip::store::migrate
