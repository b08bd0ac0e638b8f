#pragma once

#include <span>

#include "cli/config/option_table.h"

namespace katip::cli {

/// The sections [backup] and [cleanup]: what stays of what katip keeps. Part of option_table().
std::span<const OptionSpec> keeping_options();

}  // namespace katip::cli
