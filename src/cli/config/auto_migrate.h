#pragma once

#include <chrono>
#include <optional>

#include "base/result.h"
#include "cli/config/environment.h"

namespace katip::cli {

/// What the environment says about the schema at the start of a server, a worker or `katip queue`.
struct AutoMigrate {
  std::optional<bool> is_wanted = {};      ///< AUTO_MIGRATE; nothing: on SQLite only.
  std::chrono::milliseconds wait{60'000};  ///< AUTO_MIGRATE_TIMEOUT, for the database and the lock.
};

/// Reads AUTO_MIGRATE (a switch) and AUTO_MIGRATE_TIMEOUT (whole seconds, at most a day; 0: try
/// once). A slip of the pen is no silent "off".
///
/// Errors: kInvalidArgument naming the variable and what is allowed.
Result<AutoMigrate> auto_migrate_of(const Environment& environment);

}  // namespace katip::cli
