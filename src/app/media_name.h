#pragma once

#include <cstddef>
#include <string>

/// How the bytes of recordings are called in the data folder.
namespace katip::app {

inline constexpr std::size_t kSourceNameSizeMax = 500;  ///< Bytes of jobs.source_name.

/// ".mp4" of a name from outside, or nothing: letters and digits only, so that it cannot lead
/// anywhere.
std::string safe_extension(const std::string& name);

}  // namespace katip::app
