#include "store/migrate/run/held_lock.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

/// Tested by runner_test.cc.
namespace katip::store::migrate {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kPauseMax = 500ms;

}  // namespace

Result<HeldLock> HeldLock::wait_for(Connection& connection, std::string_view name,
                                    std::chrono::milliseconds time_max, std::stop_token stop) {
  const Clock& clock = *connection.options().clock;
  const auto deadline = clock.now() + time_max;
  for (std::chrono::milliseconds pause = 10ms;; pause = std::min(pause * 2, kPauseMax)) {
    const bool is_ours = KATIP_TRY(connection.try_lock(name));
    if (is_ours) return HeldLock(connection, name);
    if (clock.now() >= deadline) {
      return fail(ErrorCode::kTimeout,
                  fmt::format("another process has held the lock '{}' of this database for {} ms: "
                              "wait for it, or end it if it hangs",
                              name, time_max.count()));
    }
    if (!clock.sleep_for(pause, stop)) {
      return fail(ErrorCode::kCancelled, "stopped while waiting for another migration");
    }
  }
}

HeldLock::~HeldLock() {
  // A lock that cannot be given back goes with its connection.
  if (connection_ != nullptr) static_cast<void>(connection_->unlock(name_));
}

HeldLock::HeldLock(HeldLock&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)), name_(std::move(other.name_)) {}

}  // namespace katip::store::migrate
