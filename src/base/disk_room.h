#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace katip {

/// Whether so many bytes can be written into this folder. `advice` ends the message of the error:
/// what somebody who has no more room can do.
///
/// Errors: kUnavailable, with how much is needed and how much is free.
Status check_disk_room(const std::filesystem::path& folder, std::int64_t needed,
                       std::string_view advice);

}  // namespace katip
