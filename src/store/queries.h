#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/connection.h"
#include "store/database_url.h"
#include "store/value.h"

/// The statements of this module, by name. They are written in sqlite/*.sql and postgres/*.sql,
/// side by side under the same names, and become part of the program when it is built:
///
///   -- name: find_job
///   -- Comments may stand here.
///   select ... where id = $1;
namespace katip::store {

/// Threads: immutable.
class Queries {
 public:
  static const Queries& of(Dialect dialect);
  /// Reads blocks that begin with "-- name: x". Exposed for tests.
  explicit Queries(std::string_view text);

  /// The statement; a name that is not there is a bug.
  [[nodiscard]] std::string_view get(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  std::map<std::string, std::string, std::less<>> statements_;
};

/// Runs the statement of this name, as it is written for the database of the connection.
///
/// Errors: those of Connection::query().
Result<Rows> run_statement(Connection& sql, std::string_view name,
                           std::initializer_list<Value> parameters = {});

}  // namespace katip::store
