#pragma once

#include <functional>

#include "store/connection.h"
#include "store/database_url.h"

namespace katip::store::migrate::testing {

/// What a process does on its connection; true when it was done.
using DatabaseWork = std::function<bool(Connection&)>;

enum class ProcessEnd {
  kKilled,
  kDone,    ///< It had fewer statements than it was to run.
  kFailed,  ///< The work said so, or it could not connect.
};

/// Does the work in a process of its own, which ends as kill -9 ends it behind its `statement`th
/// statement; those that a connection begins with count too.
ProcessEnd run_and_kill(const DatabaseUrl& url, int statement, const DatabaseWork& work);

/// How many statements all of the work has, counted in the same way; 0 when it failed.
int count_statements(const DatabaseUrl& url, const DatabaseWork& work);

}  // namespace katip::store::migrate::testing
