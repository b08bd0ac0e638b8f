#pragma once

#include <memory>

#include "app/backup_folder.h"
#include "base/result.h"
#include "cli/session.h"
#include "media/blob_store.h"

namespace katip::cli {

/// The section [backup]: where backups go, what of, with which key, and how many stay.
///
/// The bucket is where recordings are; null: in the data folder.
///
/// Errors: kInvalidArgument, naming the setting; those of reading the file of the key.
Result<app::BackupOptions> backup_options(const Settings& settings, const Session& session,
                                          std::shared_ptr<media::BlobStore> bucket);

}  // namespace katip::cli
