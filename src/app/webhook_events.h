#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "jobs/queue.h"
#include "store/connection.h"

/// What other programs can be told of. An event is written into the outbox in the transaction that
/// makes it, with a task that sends it: an event is told if, and only if, it happened.
///
/// The functions may run more than once for one event, as transactions do.
///
/// Errors: those of the database and of Queue::enqueue_in().
namespace katip::app {

/// Whose the webhooks and records of an open installation are: of nobody, which no login is called.
/// They are not told of the records of those who come later.
inline constexpr const char* kOpenOwner = "<open>";

inline constexpr std::array<std::string_view, 4> kWebhookEventTypes = {
    "job.completed", "job.failed", "job.cancelled", "feedback.created"};
/// Sent on request only, whatever a webhook listens to.
inline constexpr std::string_view kTestEventType = "webhook.test";

/// A job has ended: job.completed, job.failed or job.cancelled, as its row says. Nothing for one
/// that goes on. Called by whoever ends a job with functions of job_store.h; jobs that their tasks
/// take along are told of by the queue, see webhook_listener().
Status announce_job(jobs::Queue& queue, store::Connection& sql, std::string_view job_row_id);

struct FeedbackNews {
  std::string feedback_id;
  std::string job_row_id;
  std::string feedback_type;
  std::optional<std::string> reviewer = {};
  std::optional<double> accuracy_score = {};
  std::optional<std::string> request_id = {};
};
Status announce_feedback(jobs::Queue& queue, store::Connection& sql, const FeedbackNews& news);

/// For QueueOptions::on_jobs_ended.
jobs::JobsEnded webhook_listener();

}  // namespace katip::app
