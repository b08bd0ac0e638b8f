#include "store/wait_for_database.h"

#include <algorithm>

#include <fmt/format.h>

/// Tested by wait_for_database_test.cc.
namespace katip::store {
namespace {

bool may_come(ErrorCode code) {
  return code == ErrorCode::kUnavailable || code == ErrorCode::kTimeout ||
         code == ErrorCode::kOverloaded;
}

}  // namespace

Result<std::unique_ptr<Connection>> open_when_ready(const DatabaseUrl& url,
                                                    const ConnectionOptions& options,
                                                    const DatabaseWait& wait) {
  const Clock& clock = *options.clock;
  const auto deadline = clock.now() + wait.time_max;
  std::string told;
  for (auto pause = wait.pause_first;; pause = std::min(pause * 2, wait.pause_max)) {
    auto connection = Connection::open(url, options);
    if (connection || !may_come(connection.error().code)) return connection;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock.now());
    if (left <= std::chrono::milliseconds(0)) return connection;
    if (told != connection.error().message) {
      told = connection.error().message;
      wait.on_wait(told);
    }
    if (!clock.sleep_for(std::min(pause, left), wait.stop)) {
      return fail(ErrorCode::kCancelled, "stopped while waiting for the database");
    }
  }
}

}  // namespace katip::store
