#pragma once

#include <string>

#include "app/backup_folder.h"
#include "store/backup_store.h"

namespace katip::app {

/// What `backups` has to say of a backup.
store::BackupRecord backup_row(const Backup& backup);
/// A message as long as it may be there.
std::string row_error(const std::string& message);

}  // namespace katip::app
