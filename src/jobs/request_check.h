#pragma once

#include "base/result.h"
#include "jobs/queue.h"

namespace katip::jobs {

/// Errors: kInvalidArgument, naming what is wrong with a request and its limits.
Status check_request(const TaskRequest& request);

}  // namespace katip::jobs
