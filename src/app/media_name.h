#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

/// How the bytes of recordings are called in the data folder.
namespace katip::app {

inline constexpr std::size_t kSourceNameSizeMax = 500;  ///< Bytes of jobs.source_name.

/// ".mp4" of a name from outside, or nothing: letters and digits only, so that it cannot lead
/// anywhere.
std::string safe_extension(const std::string& name);

/// Errors: kUnavailable.
Status make_media_folder(const std::filesystem::path& folder);

}  // namespace katip::app
