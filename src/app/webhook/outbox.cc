#include "app/webhook/outbox.h"

#include <boost/json.hpp>
#include <fmt/format.h>

/// Tested by webhooks_test.cc.
namespace katip::app {

namespace json = boost::json;

std::string payload_of(const OutboxEvent& event, const std::string& event_id,
                       store::Timestamp now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  return json::serialize(json::object{{"id", event_id},
                                      {"object", "event"},
                                      {"type", event.type},
                                      {"created_at", seconds},
                                      {"timestamp", store::to_text(now)},
                                      {"data", event.data}});
}

jobs::TaskRequest attempt_task(const store::DeliveryRecord& delivery, int attempt,
                               std::optional<store::Timestamp> run_at) {
  jobs::TaskRequest task;
  task.kind = kDeliverKind;
  task.args = json::serialize(json::object{{"delivery_id", delivery.id}, {"attempt", attempt}});
  // Receivers share the workers fairly: one that hangs holds up itself.
  task.tenant = "webhook:" + delivery.webhook_id;
  task.attempt_count_max = 5;
  task.unique_key = fmt::format("{}/{}/{}", kDeliverKind, delivery.id, attempt);
  task.request_id = delivery.request_id;
  task.timeout_s = 60;
  task.run_at = run_at;
  return task;
}

Status enqueue_attempt(jobs::Queue& queue, store::Connection& sql,
                       const store::DeliveryRecord& delivery, int attempt,
                       std::optional<store::Timestamp> run_at) {
  const jobs::TaskRequest task = attempt_task(delivery, attempt, run_at);
  const auto enqueued = queue.enqueue_in(sql, std::span(&task, 1));
  if (!enqueued && enqueued.error().code != ErrorCode::kUnavailable) {
    return std::unexpected(enqueued.error());
  }
  return {};
}

Result<std::string> put_into_outbox(jobs::Queue& queue, store::Connection& sql,
                                    const store::WebhookRecord& webhook, const OutboxEvent& event,
                                    const std::string& event_id) {
  store::NewDelivery delivery;
  delivery.id = queue.new_id();
  delivery.webhook_id = webhook.id;
  delivery.event_id = event_id;
  delivery.event_type = event.type;
  delivery.job_id = event.job_row_id;
  delivery.request_id = event.request_id;
  delivery.created_at = queue.now();
  delivery.payload = payload_of(event, event_id, delivery.created_at);
  if (!KATIP_TRY(store::insert_delivery(sql, delivery))) return std::string();
  store::DeliveryRecord record;
  record.id = delivery.id;
  record.webhook_id = webhook.id;
  record.request_id = delivery.request_id;
  KATIP_TRY(enqueue_attempt(queue, sql, record, 1, std::nullopt));
  return delivery.id;
}

}  // namespace katip::app
