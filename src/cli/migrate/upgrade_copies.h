#pragma once

#include "base/log.h"
#include "cli/terminal/terminal.h"
#include "store/upgrade_backup.h"

namespace katip::cli {

/// Copies before upgrades in the form of store. What is copied where is told as messages, and is a
/// line of the log, which may be none. The terminal outlives it.
store::UpgradeBackupOptions upgrade_copies(int count_max, Terminal& terminal, Logger log);

}  // namespace katip::cli
