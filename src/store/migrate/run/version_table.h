#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/connection.h"
#include "store/migrate/plan/step.h"

namespace katip::store::migrate {

/// The table that says where a database is: one row for each head. It is Alembic's own, so that
/// either tool goes on where the other left off. It is never dropped.
///
/// Errors:   those of Connection.
/// Threads:  one thread.
/// Lifetime: the connection outlives it.
class VersionTable {
 public:
  /// Errors: kInvalidArgument as check_table_name().
  static Result<VersionTable> of(Connection& connection, std::string_view name);

  [[nodiscard]] Result<bool> exists() const;
  /// Sorted; none when there is no table.
  [[nodiscard]] Result<std::vector<std::string>> rows() const;
  Status create_if_missing();
  Status remove_all_rows();
  /// Errors: kConflict when the change does not meet exactly one row.
  Status apply(const RowChange& change);

 private:
  VersionTable(Connection& connection, std::string_view name)
      : connection_(&connection), name_(name) {}

  Connection* connection_;
  std::string name_;
};

/// Whether a table of this name, with or without a schema, can be seen.
Result<bool> table_exists(Connection& connection, std::string_view name);

}  // namespace katip::store::migrate
