#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/guarded.h"

namespace katip {

/// Makes UUIDs of version 7: the first 48 bits are the time in milliseconds, so that rows made one
/// after the other lie side by side in an index; the rest tells those of one millisecond apart.
///
/// Ids of one source rise strictly, also within a millisecond and when the calendar is set back.
///
/// Threads: thread-safe.
/// Lifetime: clock and rng outlive it.
/// Source:  RFC 9562, sections 5.7 and 6.2 (method 1: a counter of 12 bits in rand_a).
class UuidSource {
 public:
  UuidSource(const Clock& clock, Rng& rng) : clock_(clock), rng_(rng) {}

  /// "0190f3a2-7c1e-7001-8a3b-5f6e7d8c9b0a".
  std::string next();

 private:
  struct Last {
    std::uint64_t milliseconds = 0;
    std::uint64_t counter = 0;
  };

  const Clock& clock_;
  Rng& rng_;
  Guarded<Last> last_;
};

/// True for 36 characters of that shape in lower case, whatever the version.
bool is_uuid(std::string_view text);

}  // namespace katip
