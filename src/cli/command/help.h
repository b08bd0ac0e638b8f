#pragma once

#include <string>
#include <vector>

#include "cli/command/command.h"

namespace katip::cli {

/// The help of a command: usage, what it does, commands or flags, examples.
///
/// Units: width in columns of the terminal; 60 to 120 is used.
std::string help_text(const std::vector<const Command*>& path, int width);

}  // namespace katip::cli
