#pragma once

#include "tidy/source_file.h"

namespace katip::tidy {

/// Calls and words that the project does without, each with what to use instead.
Findings check_calls(const SourceFile& file);

}  // namespace katip::tidy
