#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

/// Small things that programs remember together for a while: values with an end, cooldowns and
/// counters. What is here may be lost with its machine; records belong into the database.
///
///   if (const auto won = KATIP_TRY(state.start_cooldown("greet:ayse", 10min)); won.is_started) {
///     greet();
///   }
namespace katip::state {

using Duration = std::chrono::milliseconds;

struct StateValue {
  std::string value;
  std::optional<Duration> ends_in = {};  ///< Nothing: it has no end.
};

struct Cooldown {
  bool is_started = false;  ///< By this very call.
  Duration ends_in{0};
};

struct StateKey {
  std::string key;
  std::optional<Duration> ends_in = {};
};

/// Limits of every backend.
inline constexpr std::size_t kKeySizeMax = 512;
inline constexpr std::size_t kValueSizeMax = 1 << 20;
inline constexpr Duration kDurationMax = std::chrono::days(366);

/// Errors:  kInvalidArgument for a key of no or more than 512 bytes or with control characters, a
///          value over 1 MiB, and a time that is not 1 ms to 366 days; kConflict for a counter
///          where a text is, and the other way round; kTooLarge when there is no room; kUnavailable
///          when a server cannot be reached.
/// Threads: thread-safe, each call as a whole.
class StateStore {
 public:
  virtual ~StateStore() = default;

  /// In the place of whatever has this key.
  virtual Status set(std::string_view key, std::string_view value,
                     std::optional<Duration> ends_in) = 0;
  virtual Result<std::optional<StateValue>> get(std::string_view key) = 0;
  /// False: there was nothing.
  virtual Result<bool> remove(std::string_view key) = 0;

  /// Adds to a counter, which begins at 0, and gives what it is then. The end is set when the
  /// counter begins and stays. kInvalidArgument when it would leave the range of 64 bits.
  virtual Result<std::int64_t> add(std::string_view key, std::int64_t amount,
                                   std::optional<Duration> ends_in) = 0;

  /// Of all who call at the same time exactly one starts it; the others are told when it ends.
  virtual Result<Cooldown> start_cooldown(std::string_view key, Duration duration) = 0;

  /// Keys of everything that begins so, in their order, behind `after`; at most `count_max`, 1 to
  /// 1,000.
  virtual Result<std::vector<StateKey>> list(std::string_view prefix, std::string_view after,
                                             int count_max) = 0;
};

/// What every backend refuses in the same words.
Status check_key(std::string_view key);
Status check_value(std::string_view value);
Status check_duration(std::optional<Duration> duration);

}  // namespace katip::state
