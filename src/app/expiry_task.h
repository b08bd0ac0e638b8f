#pragma once

#include "app/media_shelf.h"
#include "jobs/handler.h"
#include "jobs/queue.h"

namespace katip::app {

/// The task `cleanup.expired` {"dry_run": true}: deletes jobs and uploads whose time has come, with
/// their files.
///
/// Errors:   kUnavailable when a recording could not be deleted; its job is gone.
/// Lifetime: the queue outlives the handler.
jobs::Handler expiry_handler(jobs::Queue& queue, MediaShelf shelf);

}  // namespace katip::app
