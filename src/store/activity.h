#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "store/connection.h"
#include "store/timestamp.h"

/// Whether anything has moved since somebody looked last: texts that say nothing but are others
/// when something has.
///
/// Errors: those of Connection.
namespace katip::store {

/// Of the jobs that have not ended, by their owners; owners without any are left out.
Result<std::map<std::string, std::string>> job_activity(Connection& sql);
/// Of those that have ended since then: the last one of each owner.
Result<std::map<std::string, std::string>> ended_job_activity(Connection& sql, Timestamp since);
/// Of the tasks of all queues: those that wait and run, how far they are, the last that ended; and
/// how many workers there are.
Result<std::string> queue_activity(Connection& sql);

}  // namespace katip::store
