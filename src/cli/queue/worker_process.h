#pragma once

#include <string>
#include <vector>

#include "app/tracing.h"
#include "base/log.h"
#include "base/result.h"
#include "cli/session.h"
#include "jobs/queue.h"
#include "jobs/worker.h"

namespace katip::cli {

/// Runs one worker in this process until it is stopped or reaches a limit. `tracing` may be null.
///
/// Errors: those of settings, of the model (engine) and of Worker::run().
Result<jobs::WorkerEnd> run_worker(const Settings& settings, Session& session, jobs::Queue& queue,
                                   Log& log, app::Tracing* tracing, jobs::WorkerOptions options,
                                   std::stop_token stop);

/// Runs a process for each kind of worker, and beside them whoever wakes tasks, rescues those of
/// the dead, and serves schedules. `arguments`: those of worker_arguments().
Status run_supervisor(const Settings& settings, jobs::Queue& queue, Log& log,
                      const std::vector<std::string>& arguments, std::stop_token stop);

/// All kinds in this process, for debugging.
Status run_solo(const Settings& settings, Session& session, jobs::Queue& queue, Log& log,
                app::Tracing* tracing, std::stop_token stop);

/// What starts a worker process with the flags of this one: those that it knows.
std::vector<std::string> worker_arguments(const Arguments& arguments);

}  // namespace katip::cli
