#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/principal.h"
#include "app/timestamp.h"
#include "app/webhook_events.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "jobs/queue.h"
#include "remote/outgoing_guard.h"
#include "store/webhook_store.h"

/// Webhooks as their owners see them: who is told of what, and what became of it.
namespace katip::app {

struct Webhook {
  std::string id;
  std::string name, url;
  std::vector<std::string> events;  ///< Of kWebhookEventTypes; empty: all of them.
  bool is_of_everybody = false;     ///< Is told of everybody's records.
  bool is_active = true;
  int failure_count = 0;  ///< Attempts that failed since the last one that did not.
  std::optional<store::Timestamp> last_success_at, disabled_at;
  std::optional<std::string> disabled_reason;
  std::optional<store::Timestamp> old_secret_until;  ///< While two secrets sign.
  store::Timestamp created_at, updated_at;
};

/// The only time that a secret is shown.
struct WebhookWithSecret {
  Webhook webhook;
  Secret secret;
};

struct WebhookDraft {
  std::string url;
  std::string name = {};                 ///< Empty: the host of the URL.
  std::vector<std::string> events = {};  ///< Empty: all.
  bool is_of_everybody = false;          ///< For those who see everybody's records.
};

struct WebhookChange {
  std::optional<std::string> url = {}, name = {};
  std::optional<std::vector<std::string>> events = {};
  std::optional<bool> is_active = {};  ///< On again: the failures of before are forgotten.
};

using Delivery = store::DeliveryRecord;
using store::DeliveryStatus;
using store::parse_delivery_status;

struct DeliveryQuery {
  std::optional<DeliveryStatus> status = {};
  std::optional<std::string> after = {};  ///< Id of the last one of the page before.
  int count_max = 50;                     ///< 1 to 200.
};

struct DeliveryPage {
  std::vector<Delivery> deliveries;  ///< The newest first, without payloads.
  bool has_more = false;
};

struct WebhookOptions {
  remote::OutgoingGuard guard;  ///< What webhook_handlers() has: addresses are refused at once.
  int count_max = 50;           ///< Of one owner.
};

/// Errors:   kNotFound for what is not there or belongs to somebody else; kInvalidArgument, naming
///           the field; kPermissionDenied for an address that is never connected to; those of the
///           database.
/// Threads:  thread-safe.
/// Lifetime: queue and rng outlive it.
class Webhooks {
 public:
  Webhooks(jobs::Queue& queue, WebhookOptions options, Rng& rng = system_rng())
      : queue_(queue), options_(std::move(options)), rng_(rng) {}

  /// Errors: kConflict when the owner has as many as allowed.
  Result<WebhookWithSecret> create(const Principal& principal, const WebhookDraft& draft,
                                   std::stop_token stop);
  /// All that the principal sees, the newest first.
  Result<std::vector<Webhook>> list(const Principal& principal, std::stop_token stop);
  Result<Webhook> find(const Principal& principal, const std::string& id, std::stop_token stop);
  Result<Webhook> update(const Principal& principal, const std::string& id,
                         const WebhookChange& change, std::stop_token stop);
  /// With its deliveries.
  Status remove(const Principal& principal, const std::string& id, std::stop_token stop);
  /// A new secret. Until `overlap` is over messages are signed with the one before too, so that
  /// receivers can change theirs in peace. 0 to 7 days.
  Result<WebhookWithSecret> rotate_secret(const Principal& principal, const std::string& id,
                                          std::chrono::seconds overlap, std::stop_token stop);

  Result<DeliveryPage> deliveries(const Principal& principal, const std::string& id,
                                  const DeliveryQuery& query, std::stop_token stop);
  /// With its payload.
  Result<Delivery> delivery(const Principal& principal, const std::string& id,
                            const std::string& delivery_id, std::stop_token stop);
  /// Sends one that has ended again, under the same webhook-id.
  ///
  /// Errors: kConflict for one that is still being sent, or a webhook that is not active.
  Result<Delivery> replay(const Principal& principal, const std::string& id,
                          const std::string& delivery_id, std::stop_token stop);
  /// Sends a message of the type kTestEventType.
  ///
  /// Errors: kConflict for a webhook that is not active.
  Result<Delivery> test(const Principal& principal, const std::string& id,
                        const std::optional<std::string>& request_id, std::stop_token stop);

 private:
  template <typename T, typename Body>
  Result<T> change(const Principal& principal, const std::string& id, std::stop_token stop,
                   const Body& body);
  [[nodiscard]] Status check(const WebhookDraft& draft) const;

  jobs::Queue& queue_;
  WebhookOptions options_;
  Rng& rng_;
};

}  // namespace katip::app
