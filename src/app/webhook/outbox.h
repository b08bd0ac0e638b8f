#pragma once

#include <optional>
#include <string>

#include <boost/json/object.hpp>

#include "base/result.h"
#include "jobs/queue.h"
#include "store/webhook_store.h"

/// Between what happens and what is sent: rows of the outbox and the tasks that send them.
namespace katip::app {

inline constexpr const char* kDeliverKind = "webhooks.deliver";

/// Bytes of a message: receivers refuse large ones.
inline constexpr std::size_t kPayloadSizeMax = 20'000;

struct OutboxEvent {
  std::string type;
  boost::json::object data;
  std::optional<std::string> job_row_id = {};
  std::optional<std::string> request_id = {};
};

/// {"id": "msg_…", "type": …, "timestamp": …, "data": …}
std::string payload_of(const OutboxEvent& event, const std::string& event_id, store::Timestamp now);

/// Writes one delivery and its first task; nothing when the webhook has this event already.
/// Gives the id of the delivery.
Result<std::string> put_into_outbox(jobs::Queue& queue, store::Connection& sql,
                                    const store::WebhookRecord& webhook, const OutboxEvent& event,
                                    const std::string& event_id);

/// The task of one attempt. While it waits no second one is made for the same attempt.
jobs::TaskRequest attempt_task(const store::DeliveryRecord& delivery, int attempt,
                               std::optional<store::Timestamp> run_at);

/// A queue that is drained takes no task, and what belongs to it must not fail for that: the sweep
/// makes the attempt when the queue is open again.
Status enqueue_attempt(jobs::Queue& queue, store::Connection& sql,
                       const store::DeliveryRecord& delivery, int attempt,
                       std::optional<store::Timestamp> run_at);

}  // namespace katip::app
