#pragma once

#include "jobs/handler.h"
#include "jobs/queue.h"

namespace katip::app {

/// The tasks that keep katip's own house, by kind:
///   cleanup.history   {"days": 30}   forgets tasks that ended before that, and workers that are
///   gone
///
/// Lifetime: the queue outlives the handlers.
jobs::Handlers maintenance_handlers(jobs::Queue& queue);

}  // namespace katip::app
