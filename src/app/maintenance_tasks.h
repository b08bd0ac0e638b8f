#pragma once

#include "jobs/handler.h"
#include "jobs/queue.h"

namespace katip::app {

/// The tasks that keep the queue's house, by kind; those about files are in cleanup_tasks.h:
///   cleanup.history   {"days": 30, "dry_run": true}   forgets tasks that ended before that, and
///   workers that are gone
///
/// Lifetime: the queue outlives the handlers.
jobs::Handlers maintenance_handlers(jobs::Queue& queue);

}  // namespace katip::app
