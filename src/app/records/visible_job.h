#pragma once

#include <string_view>

#include "app/principal.h"
#include "base/result.h"
#include "store/connection.h"
#include "store/job_store.h"

namespace katip::app {

/// The job that people see under this id, when the principal may see it.
///
/// Errors: kNotFound, the same for a job of somebody else and for none.
Result<store::JobRecord> visible_job(store::Connection& sql, const Principal& principal,
                                     std::string_view job_id);

/// Whose records a list shows: those of the principal, or nothing for all.
std::optional<std::string> shown_owner(const Principal& principal);

/// Who did it, as records keep it; nothing when nobody is known.
std::optional<std::string> actor_of(const Principal& principal);

}  // namespace katip::app
