#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/connection.h"
#include "store/timestamp.h"

/// Who wants to be told of what, and what they are told: the outbox.
///
/// A delivery is written in the transaction that makes its event, one for each webhook, and stays
/// as a record of what became of it.
///
/// Errors: those of Connection; kCorruptData for a row that cannot be read.
namespace katip::store {

struct WebhookRecord {
  std::string id;
  std::string name, url;
  /// The secrets that sign, the newest first. One that is being replaced has an end:
  /// "whsec_new whsec_old/2026-03-01T12:00:00.000Z".
  std::string secret;
  std::vector<std::string> events;  ///< Empty: every kind.
  std::optional<std::string> api_key_id;
  /// Whose records it is told of; nothing: those of everybody.
  std::optional<std::string> created_by;
  bool is_active = true;
  int failure_count = 0;  ///< Attempts that failed since the last one that did not.
  std::optional<Timestamp> last_success_at, disabled_at;
  std::optional<std::string> disabled_reason;
  Timestamp created_at, updated_at;
};

enum class DeliveryStatus { kPending, kDelivered, kFailed };

/// "pending", "delivered", "failed".
std::string_view name(DeliveryStatus status);
std::optional<DeliveryStatus> parse_delivery_status(std::string_view text);

struct DeliveryRecord {
  std::string id, webhook_id;
  std::string event_id, event_type;
  DeliveryStatus status = DeliveryStatus::kPending;
  int attempt_count = 0;
  std::optional<Timestamp> next_attempt_at;  ///< Of a pending one.
  std::optional<int> response_status;        ///< Of the last attempt that was answered.
  std::optional<std::string> error;          ///< Of the last attempt.
  std::optional<std::string> job_id;         ///< The row of a job.
  std::optional<std::string> request_id;
  Timestamp created_at;
  std::optional<Timestamp> delivered_at;
  std::string payload;  ///< A JSON object. Empty in lists.
};

struct NewDelivery {
  std::string id;
  std::string webhook_id;
  std::string event_id, event_type;
  std::optional<std::string> job_id, request_id;
  std::string payload;
  Timestamp created_at;
};

/// How an attempt ended.
struct DeliveryAttempt {
  std::string id;
  int attempt_count = 0;  ///< With this one.
  DeliveryStatus status = DeliveryStatus::kPending;
  std::optional<Timestamp> next_attempt_at = {};
  std::optional<int> response_status = {};
  std::optional<std::string> error = {};
};

Status insert_webhook(Connection& sql, const WebhookRecord& webhook);
Result<std::optional<WebhookRecord>> find_webhook(Connection& sql, std::string_view id);
/// Those of one owner, or all; the newest first.
Result<std::vector<WebhookRecord>> list_webhooks(Connection& sql,
                                                 const std::optional<std::string>& owner,
                                                 int count_max);
/// The active ones that are told of records of this owner (nothing: of nobody).
Result<std::vector<WebhookRecord>> webhooks_of(Connection& sql,
                                               const std::optional<std::string>& owner);
/// Writes everything but id, owner and created_at. False: it is not there.
Result<bool> update_webhook(Connection& sql, const WebhookRecord& webhook);
Result<bool> delete_webhook(Connection& sql, std::string_view id);
/// Keeps its row until the end of the transaction, so that a change is not lost to another one.
Result<std::optional<WebhookRecord>> lock_webhook(Connection& sql, std::string_view id);

/// False: this webhook has been given this event before.
Result<bool> insert_delivery(Connection& sql, const NewDelivery& delivery);
Result<std::optional<DeliveryRecord>> find_delivery(Connection& sql, std::string_view id);
/// The newest first, behind `after` if one is given. Without payloads.
Result<std::vector<DeliveryRecord>> list_deliveries(Connection& sql, std::string_view webhook_id,
                                                    std::optional<DeliveryStatus> status,
                                                    const std::optional<std::string>& after,
                                                    int count_max);
/// False: it is no longer pending, or another attempt was written meanwhile.
Result<bool> record_attempt(Connection& sql, const DeliveryAttempt& attempt, Timestamp now);
/// A delivery that has ended is pending again, with all its attempts. False: it is not there, or
/// pending.
Result<bool> replay_delivery(Connection& sql, std::string_view id, Timestamp now);
/// Pending ones whose attempt should have been made before this time.
Result<std::vector<DeliveryRecord>> overdue_deliveries(Connection& sql, Timestamp before,
                                                       int count_max);
/// Those that ended. Returns how many.
Result<std::int64_t> prune_deliveries(Connection& sql, Timestamp before, int count_max);

/// Which request made the job, as its tasks know it.
Result<std::optional<std::string>> request_of_job(Connection& sql, std::string_view job_id);

}  // namespace katip::store
