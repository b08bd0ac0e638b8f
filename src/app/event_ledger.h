#pragma once

#include <stop_token>

#include "base/clock.h"
#include "base/result.h"
#include "store/pool.h"

/// What happens in this process goes into the counters that all processes share, for /metrics.
namespace katip::app {

/// What cannot be written now is kept for the next time.
Status write_events(store::Pool& pool, std::stop_token stop);

/// The same every few seconds until it is stopped, and once more then.
void keep_writing_events(store::Pool& pool, const Clock& clock, std::stop_token stop);

}  // namespace katip::app
