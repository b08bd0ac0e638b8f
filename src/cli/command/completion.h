#pragma once

#include <string>

#include "cli/command/command.h"

namespace katip::cli {

/// Completion scripts for shells, made from the commands: they cannot fall behind them.
std::string bash_completion(const Command& root);
std::string zsh_completion(const Command& root);
std::string fish_completion(const Command& root);

}  // namespace katip::cli
