#include "store/session_lock.h"

#include <algorithm>

#include <fmt/format.h>

// Tested by conformance/locks_test.cc.
namespace katip::store {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLookAgainMin{5};
constexpr milliseconds kLookAgainMax{100};

}  // namespace

Result<SessionLock> SessionLock::acquire(Connection& connection, std::string_view name,
                                         milliseconds wait_max, std::stop_token stop) {
  const ConnectionOptions& options = connection.options();
  const auto deadline = options.clock->now() + wait_max;
  milliseconds limit = kLookAgainMin;
  while (true) {
    if (KATIP_TRY(connection.try_lock(name))) {
      return SessionLock(connection, name);
    }
    const auto left = std::chrono::ceil<milliseconds>(deadline - options.clock->now());
    if (left <= milliseconds(0)) {
      return fail(ErrorCode::kTimeout, fmt::format("another process has had the lock {} for {} ms",
                                                   name, wait_max.count()));
    }
    // Uneven, so that those who wait do not look all at once.
    const auto choices = static_cast<std::uint64_t>(limit.count());
    const milliseconds wait(1 + static_cast<std::int64_t>(options.rng->next() % choices));
    if (!options.clock->sleep_for(std::min(wait, left), stop)) {
      return fail(ErrorCode::kCancelled,
                  fmt::format("stopped while waiting for the lock {}", name));
    }
    limit = std::min(kLookAgainMax, limit * 2);
  }
}

SessionLock::~SessionLock() {
  if (connection_ != nullptr) {
    // It fails only when the connection is lost, and the lock with it.
    static_cast<void>(connection_->unlock(name_));
  }
}

}  // namespace katip::store
