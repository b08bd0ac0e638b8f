#pragma once

#include <memory>

#include "base/log.h"
#include "base/result.h"
#include "cli/session.h"
#include "store/pool.h"

namespace katip::cli {

/// The database of katip's own records: DATABASE_URL, or its alias POSTGRES_URL, or katip.db in the
/// data folder.
///
/// Errors: kInvalidArgument for a wrong URL.
Result<store::DatabaseUrl> records_url(const Settings& settings, const Session& session);

struct OpenRecords {
  std::size_t connection_count_max = 8;
  store::StatementObserver* statements = nullptr;  ///< Is told of every statement; may be null.
  Logger log = {};  ///< For what happens to the schema; without one only messages tell of it.
};

/// Connects to it: waits for a server that is only starting (AUTO_MIGRATE_TIMEOUT), brings the
/// schema up to date where AUTO_MIGRATE says so (the default on SQLite, which is copied before, see
/// migrate.backup), and refuses a schema that is not of this program.
///
/// Errors: those of Connection; kInvalidArgument for what those variables may not be; kConflict for
/// a schema that is behind or ahead, with what to run.
Result<std::unique_ptr<store::Pool>> open_records(const Settings& settings, Session& session,
                                                  const OpenRecords& options);

/// The same for a command that works without a database: null where there is none yet. Makes no
/// file, changes no schema and waits for no server.
///
/// Errors: as above; kUnavailable also for a server that is only starting.
Result<std::unique_ptr<store::Pool>> open_records_if_any(const Settings& settings,
                                                         Session& session);

}  // namespace katip::cli
