#pragma once

#include <cstdint>

namespace katip::jobs {

/// What this process has resident, in bytes; 0 when the system does not say.
std::int64_t resident_bytes();

}  // namespace katip::jobs
