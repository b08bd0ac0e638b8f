#pragma once

#include "app/backup_folder.h"
#include "base/result.h"
#include "cli/session.h"

namespace katip::cli {

/// The section [backup]: where backups go, what of, with which key, and how many stay.
///
/// Errors: kInvalidArgument, naming the setting; those of reading the file of the key.
Result<app::BackupOptions> backup_options(const Settings& settings, const Session& session);

}  // namespace katip::cli
