#pragma once

#include <span>

#include "cli/config/option_table.h"

namespace katip::cli {

/// The section [storage]: where everything lies. Part of option_table().
std::span<const OptionSpec> storage_options();

}  // namespace katip::cli
