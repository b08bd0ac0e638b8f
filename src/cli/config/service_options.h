#pragma once

#include <span>

#include "cli/config/option_table.h"

namespace katip::cli {

/// The part of option_table() that only the server and its workers read.
std::span<const OptionSpec> service_options();

}  // namespace katip::cli
