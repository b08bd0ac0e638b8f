#pragma once

#include <filesystem>

#include "jobs/handler.h"
#include "jobs/queue.h"

namespace katip::app {

/// The task `cleanup.expired`: deletes jobs and uploads whose time has come, with their files.
///
/// Lifetime: the queue outlives the handler.
jobs::Handler expiry_handler(jobs::Queue& queue, std::filesystem::path data_dir);

}  // namespace katip::app
