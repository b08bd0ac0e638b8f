#pragma once

#include <cstdint>
#include <string>

/// Numbers as people read them.
namespace katip {

/// Units: milliseconds -> "0:07", "12:03", "1:02:03"; part seconds are cut off.
std::string readable_duration(std::int64_t duration_ms);

/// Units: bytes -> "0 B", "1.4 kB", "145 MB", "3.1 GB"; decimal, as shops and networks count.
std::string readable_bytes(std::int64_t size);

}  // namespace katip
