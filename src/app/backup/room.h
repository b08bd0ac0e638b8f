#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"

namespace katip::app {

/// Whether so many bytes can be written into this folder.
///
/// Errors: kUnavailable, with how much is needed and how much is free.
Status check_room(const std::filesystem::path& folder, std::int64_t needed);

}  // namespace katip::app
