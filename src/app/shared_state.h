#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/principal.h"
#include "base/result.h"
#include "state/state_store.h"

/// Values with an end, cooldowns and counters for programs that work together. Every owner has
/// keys of their own: nobody reads, lists or blocks those of somebody else.
///
/// Errors: those of state::StateStore.
namespace katip::app {

using state::Cooldown;
using state::Duration;
using state::StateKey;
using state::StateValue;

struct StateKeys {
  std::vector<StateKey> keys;             ///< In the order of their bytes.
  std::optional<std::string> next_after;  ///< Nothing: this was the end.
};

/// Threads:  thread-safe.
/// Lifetime: the store outlives it.
class SharedState {
 public:
  explicit SharedState(state::StateStore& store) : store_(store) {}

  Status set(const Principal& principal, std::string_view key, std::string_view value,
             std::optional<Duration> ends_in);
  /// Errors: kNotFound too.
  Result<StateValue> get(const Principal& principal, std::string_view key);
  Status remove(const Principal& principal, std::string_view key);
  Result<std::int64_t> add(const Principal& principal, std::string_view key, std::int64_t amount,
                           std::optional<Duration> ends_in);
  Result<Cooldown> start_cooldown(const Principal& principal, std::string_view key,
                                  Duration duration);
  /// Keys that begin so, behind `after`; 1 to 200.
  Result<StateKeys> list(const Principal& principal, std::string_view prefix,
                         std::string_view after, int count_max);

 private:
  state::StateStore& store_;
};

}  // namespace katip::app
