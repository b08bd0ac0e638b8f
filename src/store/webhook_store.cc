#include "store/webhook_store.h"

#include <algorithm>
#include <array>

#include <boost/json.hpp>

#include "base/uuid.h"
#include "store/queries.h"
#include "store/row_fields.h"

/// Tested by conformance/webhooks_test.cc.
namespace katip::store {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 3> kStatusNames = {"pending", "delivered", "failed"};

std::string_view query(Connection& sql, std::string_view name) {
  return Queries::of(sql.dialect()).get(name);
}

Value optional_time(const std::optional<Timestamp>& time) {
  return time ? Value(to_text(*time)) : Value(nullptr);
}

Result<std::vector<std::string>> texts_of(const std::string& text) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  std::vector<std::string> texts;
  if (error || !value.is_array()) return fail(ErrorCode::kCorruptData, "no list of event kinds");
  for (const json::value& each : value.as_array()) {
    if (each.is_string()) texts.emplace_back(each.as_string());
  }
  return texts;
}

std::string list_json(const std::vector<std::string>& texts) {
  return json::serialize(json::value_from(texts));
}

Result<WebhookRecord> to_webhook(const Row& row) {
  WebhookRecord webhook;
  webhook.id = KATIP_TRY(row.get<std::string>("id"));
  webhook.name = KATIP_TRY(row.get<std::string>("name"));
  webhook.url = KATIP_TRY(row.get<std::string>("url"));
  webhook.secret = KATIP_TRY(row.get<std::string>("secret"));
  const std::string events = KATIP_TRY(row.get<std::string>("events"));
  webhook.events = KATIP_TRY(texts_of(events));
  webhook.api_key_id = KATIP_TRY(row.get<std::optional<std::string>>("api_key_id"));
  webhook.created_by = KATIP_TRY(row.get<std::optional<std::string>>("created_by"));
  webhook.is_active = KATIP_TRY(row.get<bool>("is_active"));
  webhook.failure_count = KATIP_TRY(int_of(row, "failure_count"));
  webhook.last_success_at = KATIP_TRY(optional_time_of(row, "last_success_at"));
  webhook.disabled_at = KATIP_TRY(optional_time_of(row, "disabled_at"));
  webhook.disabled_reason = KATIP_TRY(row.get<std::optional<std::string>>("disabled_reason"));
  webhook.created_at = KATIP_TRY(time_of(row, "created_at"));
  webhook.updated_at = KATIP_TRY(time_of(row, "updated_at"));
  return webhook;
}

Result<DeliveryRecord> to_delivery(const Row& row) {
  DeliveryRecord delivery;
  delivery.id = KATIP_TRY(row.get<std::string>("id"));
  delivery.webhook_id = KATIP_TRY(row.get<std::string>("webhook_id"));
  delivery.event_id = KATIP_TRY(row.get<std::string>("event_id"));
  delivery.event_type = KATIP_TRY(row.get<std::string>("event_type"));
  const auto status = parse_delivery_status(KATIP_TRY(row.get<std::string>("status")));
  if (!status) return fail(ErrorCode::kCorruptData, "a delivery has an unknown status");
  delivery.status = *status;
  delivery.attempt_count = KATIP_TRY(int_of(row, "attempt_count"));
  delivery.next_attempt_at = KATIP_TRY(optional_time_of(row, "next_attempt_at"));
  delivery.response_status = KATIP_TRY(optional_int_of(row, "response_status"));
  delivery.error = KATIP_TRY(row.get<std::optional<std::string>>("error"));
  delivery.job_id = KATIP_TRY(row.get<std::optional<std::string>>("job_id"));
  delivery.request_id = KATIP_TRY(row.get<std::optional<std::string>>("request_id"));
  delivery.created_at = KATIP_TRY(time_of(row, "created_at"));
  delivery.delivered_at = KATIP_TRY(optional_time_of(row, "delivered_at"));
  delivery.payload = KATIP_TRY(row.get<std::string>("payload"));
  return delivery;
}

template <typename T>
Result<std::vector<T>> each(const Rows& rows, Result<T> (*convert)(const Row&)) {
  std::vector<T> result;
  result.reserve(rows.size());
  for (const Row row : rows) result.push_back(KATIP_TRY(convert(row)));
  return result;
}

template <typename T>
Result<std::optional<T>> first(const Rows& rows, Result<T> (*convert)(const Row&)) {
  if (rows.empty()) return std::optional<T>();
  return std::optional(KATIP_TRY(convert(rows[0])));
}

Result<bool> changes_one(Connection& sql, std::string_view name, std::string_view id,
                         std::initializer_list<Value> parameters) {
  if (!is_uuid(id)) return false;
  return KATIP_TRY(sql.query(query(sql, name), parameters)).affected_count() == 1;
}

}  // namespace

std::string_view name(DeliveryStatus status) {
  return kStatusNames[static_cast<std::size_t>(status)];
}

std::optional<DeliveryStatus> parse_delivery_status(std::string_view text) {
  const auto found = std::ranges::find(kStatusNames, text);
  if (found == kStatusNames.end()) return std::nullopt;
  return static_cast<DeliveryStatus>(found - kStatusNames.begin());
}

Status insert_webhook(Connection& sql, const WebhookRecord& webhook) {
  KATIP_TRY(
      sql.query(query(sql, "insert_webhook"),
                {webhook.id, webhook.name, webhook.url, webhook.secret, list_json(webhook.events),
                 webhook.api_key_id, webhook.created_by, to_text(webhook.created_at)}));
  return {};
}

Result<std::optional<WebhookRecord>> find_webhook(Connection& sql, std::string_view id) {
  if (!is_uuid(id)) return std::optional<WebhookRecord>();
  return first(KATIP_TRY(sql.query(query(sql, "find_webhook"), {id})), to_webhook);
}

Result<std::optional<WebhookRecord>> lock_webhook(Connection& sql, std::string_view id) {
  if (!is_uuid(id)) return std::optional<WebhookRecord>();
  return first(KATIP_TRY(sql.query(query(sql, "lock_webhook"), {id})), to_webhook);
}

Result<std::vector<WebhookRecord>> list_webhooks(Connection& sql,
                                                 const std::optional<std::string>& owner,
                                                 int count_max) {
  return each(KATIP_TRY(sql.query(query(sql, "list_webhooks"), {owner, count_max})), to_webhook);
}

Result<std::vector<WebhookRecord>> webhooks_of(Connection& sql,
                                               const std::optional<std::string>& owner) {
  return each(KATIP_TRY(sql.query(query(sql, "list_webhooks_of"), {owner})), to_webhook);
}

Result<bool> update_webhook(Connection& sql, const WebhookRecord& webhook) {
  return changes_one(
      sql, "update_webhook", webhook.id,
      {webhook.id, webhook.name, webhook.url, webhook.secret, list_json(webhook.events),
       webhook.is_active, webhook.failure_count, optional_time(webhook.last_success_at),
       optional_time(webhook.disabled_at), webhook.disabled_reason, to_text(webhook.updated_at)});
}

Result<bool> delete_webhook(Connection& sql, std::string_view id) {
  return changes_one(sql, "delete_webhook", id, {id});
}

Result<bool> insert_delivery(Connection& sql, const NewDelivery& delivery) {
  return changes_one(
      sql, "insert_delivery", delivery.id,
      {delivery.id, delivery.webhook_id, delivery.event_id, delivery.event_type,
       to_text(delivery.created_at), delivery.job_id, delivery.request_id, delivery.payload});
}

Result<std::optional<DeliveryRecord>> find_delivery(Connection& sql, std::string_view id) {
  if (!is_uuid(id)) return std::optional<DeliveryRecord>();
  return first(KATIP_TRY(sql.query(query(sql, "find_delivery"), {id})), to_delivery);
}

Result<std::vector<DeliveryRecord>> list_deliveries(Connection& sql, std::string_view webhook_id,
                                                    std::optional<DeliveryStatus> status,
                                                    const std::optional<std::string>& after,
                                                    int count_max) {
  if (!is_uuid(webhook_id) || (after && !is_uuid(*after))) return std::vector<DeliveryRecord>();
  const auto wanted = status ? std::optional(std::string(name(*status))) : std::nullopt;
  return each(
      KATIP_TRY(sql.query(query(sql, "list_deliveries"), {webhook_id, wanted, after, count_max})),
      to_delivery);
}

Result<bool> record_attempt(Connection& sql, const DeliveryAttempt& attempt, Timestamp now) {
  return changes_one(sql, "record_attempt", attempt.id,
                     {attempt.id, attempt.attempt_count, name(attempt.status),
                      optional_time(attempt.next_attempt_at), attempt.response_status,
                      attempt.error, to_text(now)});
}

Result<bool> replay_delivery(Connection& sql, std::string_view id, Timestamp now) {
  return changes_one(sql, "replay_delivery", id, {id, to_text(now)});
}

Result<std::vector<DeliveryRecord>> overdue_deliveries(Connection& sql, Timestamp before,
                                                       int count_max) {
  return each(
      KATIP_TRY(sql.query(query(sql, "list_overdue_deliveries"), {to_text(before), count_max})),
      to_delivery);
}

Result<std::int64_t> prune_deliveries(Connection& sql, Timestamp before, int count_max) {
  return KATIP_TRY(sql.query(query(sql, "prune_deliveries"), {to_text(before), count_max}))
      .affected_count();
}

Result<std::optional<std::string>> request_of_job(Connection& sql, std::string_view job_id) {
  if (!is_uuid(job_id)) return std::optional<std::string>();
  const Rows rows = KATIP_TRY(sql.query(query(sql, "find_request_of_job"), {job_id}));
  return rows.empty() ? std::optional<std::string>()
                      : KATIP_TRY(rows[0].get<std::optional<std::string>>(0));
}

}  // namespace katip::store
