#pragma once

#include <cstdint>
#include <string>

namespace katip::text {

/// Units: milliseconds, not negative -> "00:01:02,345" with ',' as the mark before the
/// milliseconds; hours take as many digits as they need.
std::string time_stamp(std::int64_t time_ms, char mark);

/// The lyrics' own: minutes, seconds and hundredths, "62:03.45".
std::string lyrics_stamp(std::int64_t time_ms);

}  // namespace katip::text
