#include "cli/migrate/upgrade_copies.h"

#include <fmt/format.h>

#include "base/readable.h"

// Tested by tests/e2e/test_migrate.py.
namespace katip::cli {

store::UpgradeBackupOptions upgrade_copies(int count_max, Terminal& terminal, Logger log) {
  store::UpgradeBackupOptions options;
  options.count_max = static_cast<std::size_t>(count_max);
  options.on_begin = [&terminal](const store::UpgradeBackup& backup) {
    terminal.say(Level::kInfo, fmt::format("the database ({}) is copied before its schema changes",
                                           readable_bytes(backup.size)));
  };
  options.on_made = [&terminal, log](const store::UpgradeBackup& backup) {
    terminal.say(Level::kInfo, fmt::format("the copy is {}", backup.path.string()));
    log.info("the database was copied before its schema changes",
             {{"path", backup.path.string()}, {"size", backup.size}});
  };
  return options;
}

}  // namespace katip::cli
