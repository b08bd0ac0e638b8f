#pragma once

#include <chrono>
#include <optional>

#include "base/result.h"
#include "cli/config/settings.h"
#include "jobs/queue.h"
#include "jobs/worker.h"
#include "remote/outgoing_guard.h"

namespace katip::cli {

/// Routes, fair shares and retries of the section [worker].
///
/// Errors: kInvalidArgument, naming the setting.
Result<jobs::QueueOptions> queue_options(const Settings& settings);

/// Where webhooks and recordings by URL may lead: outgoing.allow.
///
/// Errors: kInvalidArgument, naming the setting.
Result<remote::OutgoingGuard> outgoing_guard(const Settings& settings);

/// How long jobs stay that do not say it themselves: jobs.keep_days. Nothing: for ever.
std::optional<std::chrono::seconds> keep_jobs_for(const Settings& settings);

/// "6,2": at most six slots and at least two; "4": always four.
///
/// Errors: kInvalidArgument, with the limits.
Result<jobs::AutoscaleOptions> parse_autoscale(std::string_view text);

/// Slots, limits and lease of a worker of this kind. Of each engine worker one copy of the model is
/// loaded, so there is one a machine, and its slots are recordings in its batch.
///
/// Errors: kInvalidArgument, naming the setting.
Result<jobs::WorkerOptions> worker_options(const Settings& settings, std::string_view worker_kind);

/// Connections that such a worker uses at once: for its claims, its lease, what is cancelled and
/// outcomes, and one for each slot that saves a part of its task.
///
/// Errors: kInvalidArgument, naming the setting.
Result<std::size_t> connection_count_of(const Settings& settings, std::string_view worker_kind);

}  // namespace katip::cli
