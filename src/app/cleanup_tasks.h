#pragma once

#include <filesystem>

#include "app/media_shelf.h"
#include "jobs/handler.h"
#include "jobs/queue.h"
#include "media/blob_store.h"

namespace katip::app {

struct CleanupPlaces {
  MediaShelf shelf;
  media::BlobStore* bucket = nullptr;  ///< Where recordings lie for good; null: on the shelf.
  std::filesystem::path log_dir = {};  ///< Empty: there are no files of the log.
  int log_days = 30;                   ///< How long they stay; 0: for ever.
  int audit_days = 365;                ///< How long rows of the audit trail stay; 0: for ever.
};

/// The tasks that look after files and tables, by kind; each takes {"dry_run": true} too, and its
/// result says what it removed, or would:
///   cleanup.orphans     {"hours": 24}  recordings and uploads that no row knows, in the bucket
///                                      too; where they are the most, only by {"all": true}
///   cleanup.temp_files  {"hours": 24}  what was written and never finished
///   cleanup.logs        {"days": 30}   files of the log that no katip rotates any more
///   cleanup.audit       {"days": 365}  old rows of the audit trail
///   cleanup.database    {}             statistics, the log of SQLite, dead rows of PostgreSQL
///
/// Lifetime: queue and bucket outlive the handlers.
jobs::Handlers cleanup_handlers(jobs::Queue& queue, CleanupPlaces places);

}  // namespace katip::app
