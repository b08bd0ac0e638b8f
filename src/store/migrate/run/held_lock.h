#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/connection.h"

namespace katip::store::migrate {

/// A lock of the connection for as long as this lives.
///
/// Threads:  one thread.
/// Lifetime: the connection outlives it.
class HeldLock {
 public:
  /// Tries again until the lock is free.
  ///
  /// Errors: kTimeout naming who to look for, kCancelled, those of Connection.
  static Result<HeldLock> wait_for(Connection& connection, std::string_view name,
                                   std::chrono::milliseconds time_max, std::stop_token stop);
  ~HeldLock();
  HeldLock(HeldLock&& other) noexcept;
  HeldLock& operator=(HeldLock&&) = delete;

 private:
  HeldLock(Connection& connection, std::string_view name) : connection_(&connection), name_(name) {}

  Connection* connection_;  // Null when it was moved from.
  std::string name_;
};

}  // namespace katip::store::migrate
