#pragma once

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "store/fair_permits.h"

namespace katip::app {

struct PasswordHashOptions {
  int memory_kib = 65'536;
  int pass_count = 2;
  /// So many at a time: each takes a core and the memory above.
  std::size_t concurrency = 2;
  std::size_t waiter_count_max = 200;
  std::chrono::milliseconds wait_max{20'000};
};

/// Argon2id, bounded: hashing costs a tenth of a second on purpose, and must not take the machine
/// away from everybody else.
///
/// Threads: thread-safe.
/// Errors:  kOverloaded when too many wait already or it took too long to get a turn; kCancelled.
class PasswordHasher {
 public:
  explicit PasswordHasher(const PasswordHashOptions& options)
      : options_(options), permits_(options.concurrency, options.waiter_count_max) {}

  /// "$argon2id$v=19$m=65536,t=2,p=1$…", with a salt of its own.
  Result<std::string> hash(const Secret& password, std::stop_token stop);
  Result<bool> is_match(const std::string& hash, const Secret& password, std::stop_token stop);
  /// Takes as long as is_match() and gives false: for logins that do not exist.
  Result<bool> refuse(const Secret& password, std::stop_token stop);

 private:
  const PasswordHashOptions options_;
  store::FairPermits permits_;
};

}  // namespace katip::app
