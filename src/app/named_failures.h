#pragma once

#include "jobs/handler.h"
#include "jobs/queue.h"

namespace katip::app {

/// What such a handler fails with names the recording as its people know it ("talk.mp4", or the end
/// of its address), and not the file that katip keeps it in.
///
/// Lifetime: the queue outlives the handler.
jobs::Handler with_known_names(jobs::Queue& queue, jobs::Handler handler);

}  // namespace katip::app
