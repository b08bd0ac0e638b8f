#pragma once

#include <vector>

#include "cli/command/command.h"

namespace katip::cli {

/// What `katip queue` does about schedules and workers: part of queue_command().
std::vector<Command> operating_commands();

}  // namespace katip::cli
