#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/command/command.h"

namespace katip::cli {

/// What was asked for: a command and its arguments.
struct Invocation {
  std::vector<const Command*> path;  ///< The root first, the chosen command last.
  Arguments arguments;
  bool wants_help = false;
  bool wants_version = false;
};

/// Reads a command line (without the program's name).
///
/// Errors:   kInvalidArgument for a command or flag that does not exist, with a suggestion; for a
///           value that is missing or none of the choices; for too many or too few arguments. The
///           message ends by naming the help to look at.
/// Lifetime: the result points into `root`.
Result<Invocation> parse_command_line(const Command& root, const std::vector<std::string>& words);

/// "katip models pull".
std::string full_name(const std::vector<const Command*>& path);

}  // namespace katip::cli
