#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "store/connection.h"

namespace katip::store {

/// A named lock of a connection, given back at its end: one migrator at a time, one scheduler.
///
///   const SessionLock lock = KATIP_TRY(SessionLock::acquire(*connection, "migrate", 60s, stop));
///
/// It does not survive its connection: whoever writes under it for long has to expect that the
/// connection broke, and that somebody else has the lock now. kUnavailable says so.
///
/// Threads:  one thread.
/// Lifetime: the connection outlives it.
class SessionLock {
 public:
  /// Waits for the lock, looking again every now and then.
  ///
  /// Errors: kTimeout when somebody else has it all the time; kCancelled; those of
  ///         Connection::try_lock().
  static Result<SessionLock> acquire(Connection& connection, std::string_view name,
                                     std::chrono::milliseconds wait_max, std::stop_token stop);
  ~SessionLock();
  SessionLock(SessionLock&& other) noexcept
      : connection_(std::exchange(other.connection_, nullptr)), name_(std::move(other.name_)) {}
  SessionLock& operator=(SessionLock&&) = delete;

 private:
  SessionLock(Connection& connection, std::string_view name)
      : connection_(&connection), name_(name) {}

  Connection* connection_;
  std::string name_;
};

}  // namespace katip::store
