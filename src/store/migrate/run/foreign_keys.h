#pragma once

#include "base/result.h"
#include "store/connection.h"

namespace katip::store::migrate {

/// SQLite: foreign keys are not enforced while this lives, so that a table can be rebuilt (dropped
/// and made again) without its rows' children being deleted; check() finds what is broken then.
/// PostgreSQL: nothing, it can alter tables.
///
/// Threads:  one thread.
/// Lifetime: the connection outlives it. Made and ended outside of transactions.
class UnenforcedForeignKeys {
 public:
  static Result<UnenforcedForeignKeys> on(Connection& connection);
  ~UnenforcedForeignKeys();
  UnenforcedForeignKeys(UnenforcedForeignKeys&& other) noexcept;
  UnenforcedForeignKeys& operator=(UnenforcedForeignKeys&&) = delete;

 private:
  explicit UnenforcedForeignKeys(Connection* connection) : connection_(connection) {}
  Connection* connection_;  // Null when there is nothing to put back.
};

/// Errors: kConflict naming the first table with a row whose parent is missing (SQLite).
Status check_foreign_keys(Connection& connection);

}  // namespace katip::store::migrate
