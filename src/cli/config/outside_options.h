#pragma once

#include <span>

#include "cli/config/option_table.h"

namespace katip::cli {

/// The sections [remote], [outgoing] and [telemetry]: what is asked of other machines. Part of
/// option_table().
std::span<const OptionSpec> outside_options();

}  // namespace katip::cli
