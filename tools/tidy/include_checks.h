#pragma once

#include "tidy/source_file.h"

namespace katip::tidy {

/// The arrows between modules (ARCHITECTURE.md), private headers, the order of includes, #pragma
/// once, and third-party headers in a module's API.
Findings check_includes(const SourceFile& file);

}  // namespace katip::tidy
