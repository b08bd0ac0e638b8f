#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "app/accounts.h"
#include "app/accounts/password_hasher.h"
#include "app/accounts/principal_cache.h"
#include "app/accounts/usage_ledger.h"
#include "app/rate_limit.h"
#include "base/guarded.h"
#include "base/uuid.h"
#include "store/key_store.h"
#include "store/user_store.h"

namespace katip::app {

/// What the parts of Accounts share.
///
/// Threads: thread-safe.
struct Accounts::State {
  State(store::Pool& records, const Clock& time, Rng& chance, const AccountsOptions& chosen)
      : pool(records),
        clock(time),
        rng(chance),
        options(chosen),
        ids(time, chance),
        hasher({.memory_kib = chosen.hash_memory_kib,
                .pass_count = chosen.hash_pass_count,
                .concurrency = chosen.hash_concurrency,
                .waiter_count_max = chosen.hash_waiter_count_max,
                .wait_max = chosen.hash_wait}),
        cache(chosen.cached_count_max),
        failures(time) {}

  struct Emptiness {
    bool is_empty = false;
    std::chrono::steady_clock::time_point fresh_until = {};
    std::uint64_t generation = 0;
  };

  store::Pool& pool;
  const Clock& clock;
  Rng& rng;
  const AccountsOptions options;
  UuidSource ids;
  PasswordHasher hasher;
  PrincipalCache cache;
  UsageLedger key_uses;
  UsageLedger session_uses;
  RateLimiter failures;  // Of logins.
  Guarded<std::optional<Emptiness>> emptiness;

  [[nodiscard]] AccountTime now() const { return store::to_timestamp(clock.calendar()); }
  /// After every change of a key or a user that was committed.
  void forget();
};

/// Errors: kPermissionDenied.
Status require(const Principal& who, Permission permission);

/// Small letters, and nothing but what a login may have. Errors: kInvalidArgument.
Result<std::string> fold_login(const std::string& login);

User to_user(const store::UserRecord& record);
/// What a user may do now.
Principal principal_of(const store::UserRecord& record);

}  // namespace katip::app
