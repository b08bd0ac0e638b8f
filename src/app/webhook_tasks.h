#pragma once

#include <chrono>
#include <filesystem>

#include "base/clock.h"
#include "jobs/handler.h"
#include "jobs/queue.h"
#include "remote/outgoing_guard.h"

namespace katip::app {

struct WebhookTools {
  remote::OutgoingGuard guard;
  std::filesystem::path ca_file = {};
  std::chrono::milliseconds timeout{15'000};  ///< Of an attempt, from look-up to answer.
  Rng* rng = &system_rng();                   ///< For jitter.
};

/// The tasks that send webhooks, by kind:
///   webhooks.deliver   {"delivery_id": …, "attempt": 1}   one attempt; plans the next one
///   webhooks.sweep     {}   attempts whose task was lost; forgets what ended 30 days ago
///
/// Every attempt carries the headers of Standard Webhooks. 2xx is success; a redirect is a failure
/// and not followed; 410 disables the webhook; a Retry-After of 429, 502, 503 and 504 is kept to.
/// After kAttemptCountMax attempts, some three days, the delivery has failed; when nothing at all
/// got through meanwhile the webhook is disabled.
///
/// Lifetime: the queue outlives the handlers.
jobs::Handlers webhook_handlers(jobs::Queue& queue, WebhookTools tools);

inline constexpr int kWebhookAttemptCountMax = 10;

/// How long after the attempt before it this one is made, without jitter: 0, 5 s, 5 min, 30 min,
/// 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
std::chrono::seconds webhook_delay(int attempt);

}  // namespace katip::app
