#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "app/principal.h"
#include "base/clock.h"
#include "base/guarded.h"

namespace katip::app {

/// Keys for a few minutes, which a program gives to a browser instead of its own: whoever has one
/// may transcribe, as its maker. They live in this process and end with it.
///
/// Threads:  thread-safe.
/// Lifetime: clock and rng outlive it.
class ClientSecrets {
 public:
  static constexpr std::string_view kPrefix = "ek_";
  static constexpr std::size_t kCountMax = 100'000;

  ClientSecrets(const Clock& clock, Rng& rng) : clock_(clock), rng_(rng) {}

  struct Entry {
    Principal principal = {};
    std::string session = {};  ///< What its maker wants of the connection, as JSON.
    std::chrono::system_clock::time_point expires_at = {};
  };
  /// "ek_…". Nothing: there are kCountMax that are still good.
  std::optional<std::string> create(Principal principal, std::string session,
                                    std::chrono::seconds valid_for);
  /// Nothing: there is no such secret any more.
  [[nodiscard]] std::optional<Entry> find(std::string_view secret) const;

 private:
  /// By a sum of the secret, so that looking one up tells nothing by its time.
  using Entries = std::map<std::string, Entry, std::less<>>;

  const Clock& clock_;
  Rng& rng_;
  Guarded<Entries> entries_;
};

}  // namespace katip::app
