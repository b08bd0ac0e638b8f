#include "app/webhooks.h"

#include <algorithm>

#include <fmt/format.h>

#include "app/webhook/outbox.h"
#include "app/webhook/secrets.h"
#include "base/utf8.h"
#include "remote/http_client.h"
#include "remote/webhook_signature.h"
#include "store/transaction.h"

/// Tested by webhooks_test.cc on both databases.
namespace katip::app {
namespace {

constexpr int kListCountMax = 1'000;
constexpr int kPageSizeMax = 200;
constexpr std::size_t kNameSizeMax = 200;
constexpr std::chrono::seconds kOverlapMax = std::chrono::hours(24 * 7);

Result<Webhook> shown(const store::WebhookRecord& row, store::Timestamp now) {
  Webhook webhook;
  webhook.id = row.id;
  webhook.name = row.name;
  webhook.url = row.url;
  webhook.events = row.events;
  webhook.is_of_everybody = !row.created_by.has_value();
  webhook.is_active = row.is_active;
  webhook.failure_count = row.failure_count;
  webhook.last_success_at = row.last_success_at;
  webhook.disabled_at = row.disabled_at;
  webhook.disabled_reason = row.disabled_reason;
  const auto secrets = secrets_at(KATIP_TRY(parse_webhook_secrets(row.secret)), now);
  if (secrets.size() > 1) webhook.old_secret_until = secrets[1].until;
  webhook.created_at = row.created_at;
  webhook.updated_at = row.updated_at;
  return webhook;
}

bool is_seen(const Principal& principal, const store::WebhookRecord& row) {
  return row.created_by ? principal.sees(*row.created_by) : principal.sees_all;
}

std::unexpected<Error> no_webhook() {
  return fail(ErrorCode::kNotFound, "there is no webhook of this id");
}

std::unexpected<Error> no_delivery() {
  return fail(ErrorCode::kNotFound, "there is no delivery of this id");
}

Status check_events(const std::vector<std::string>& events) {
  for (const std::string& event : events) {
    if (std::ranges::find(kWebhookEventTypes, event) == kWebhookEventTypes.end()) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("events: `{}` is none of job.completed, job.failed, job.cancelled "
                              "and feedback.created",
                              event.substr(0, cut_size(event, 100))));
    }
  }
  return events.size() <= kWebhookEventTypes.size()
             ? Status{}
             : fail(ErrorCode::kInvalidArgument, "events: each of them once");
}

Status check_name(const std::string& name) {
  const bool is_plain =
      std::ranges::none_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (name.empty() || name.size() > kNameSizeMax || !is_utf8(name) || !is_plain) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("name: 1 to {} bytes of text on one line", kNameSizeMax));
  }
  return {};
}

Status in_field(std::string_view field, const Status& status) {
  return status ? status : Status(fail(field, status.error()));
}

}  // namespace

Status Webhooks::check(const WebhookDraft& draft) const {
  KATIP_TRY(in_field("url", options_.guard.check_text(draft.url)));
  KATIP_TRY(check_name(draft.name));
  return check_events(draft.events);
}

Result<WebhookWithSecret> Webhooks::create(const Principal& principal, const WebhookDraft& given,
                                           std::stop_token stop) {
  WebhookDraft draft = given;
  if (draft.name.empty()) draft.name = remote::host_of(draft.url).substr(0, kNameSizeMax);
  KATIP_TRY(check(draft));
  if (draft.is_of_everybody && !principal.sees_all) {
    return fail(ErrorCode::kPermissionDenied,
                "only who sees everybody's records can be told of them");
  }
  const Secret secret = remote::make_webhook_secret(rng_);
  store::WebhookRecord row;
  row.id = queue_.new_id();
  row.name = draft.name;
  row.url = draft.url;
  row.secret = secret.reveal();
  row.events = draft.events;
  if (!draft.is_of_everybody) {
    row.created_by = principal.owner.empty() ? kOpenOwner : principal.owner;
  }
  row.created_at = row.updated_at = queue_.now();
  const store::PooledConnection sql = KATIP_TRY(queue_.pool().acquire(stop));
  KATIP_TRY(store::run_transaction(*sql, {}, stop, [&](store::Connection& in) -> Status {
    const auto others = KATIP_TRY(store::list_webhooks(in, row.created_by, kListCountMax));
    const auto count = std::ranges::count_if(others, [&](const store::WebhookRecord& other) {
      return other.created_by == row.created_by;
    });
    if (count >= options_.count_max) {
      return fail(ErrorCode::kConflict, fmt::format("there are {} webhooks already, which is all "
                                                    "that one owner may have: delete one",
                                                    options_.count_max));
    }
    return store::insert_webhook(in, row);
  }));
  return WebhookWithSecret{.webhook = KATIP_TRY(shown(row, queue_.now())), .secret = secret};
}

Result<std::vector<Webhook>> Webhooks::list(const Principal& principal, std::stop_token stop) {
  const store::PooledConnection sql = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  const auto owner = principal.sees_all ? std::nullopt : std::optional(principal.owner);
  std::vector<Webhook> webhooks;
  for (const auto& row : KATIP_TRY(store::list_webhooks(*sql, owner, kListCountMax))) {
    webhooks.push_back(KATIP_TRY(shown(row, queue_.now())));
  }
  return webhooks;
}

/// Finds the webhook, keeps its row, lets `body` work on it and gives what that gives.
template <typename T, typename Body>
Result<T> Webhooks::change(const Principal& principal, const std::string& id, std::stop_token stop,
                           const Body& body) {
  const store::PooledConnection sql = KATIP_TRY(queue_.pool().acquire(stop));
  return store::run_transaction(*sql, {}, stop, [&](store::Connection& in) -> Result<T> {
    auto row = KATIP_TRY(store::lock_webhook(in, id));
    if (!row || !is_seen(principal, *row)) return no_webhook();
    return body(in, *row);
  });
}

Result<Webhook> Webhooks::find(const Principal& principal, const std::string& id,
                               std::stop_token stop) {
  const store::PooledConnection sql = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  const auto row = KATIP_TRY(store::find_webhook(*sql, id));
  if (!row || !is_seen(principal, *row)) return no_webhook();
  return shown(*row, queue_.now());
}

Result<Webhook> Webhooks::update(const Principal& principal, const std::string& id,
                                 const WebhookChange& wanted, std::stop_token stop) {
  if (wanted.url) KATIP_TRY(in_field("url", options_.guard.check_text(*wanted.url)));
  if (wanted.name) KATIP_TRY(check_name(*wanted.name));
  if (wanted.events) KATIP_TRY(check_events(*wanted.events));
  return change<Webhook>(principal, id, stop,
                         [&](store::Connection& sql, store::WebhookRecord& row) -> Result<Webhook> {
                           row.url = wanted.url.value_or(row.url);
                           row.name = wanted.name.value_or(row.name);
                           row.events = wanted.events.value_or(row.events);
                           row.is_active = wanted.is_active.value_or(row.is_active);
                           if (wanted.is_active == true) {
                             row.failure_count = 0;
                             row.disabled_at = std::nullopt;
                             row.disabled_reason = std::nullopt;
                           }
                           row.updated_at = queue_.now();
                           KATIP_TRY(store::update_webhook(sql, row));
                           return shown(row, queue_.now());
                         });
}

Status Webhooks::remove(const Principal& principal, const std::string& id, std::stop_token stop) {
  KATIP_TRY(change<bool>(principal, id, stop,
                         [&](store::Connection& sql, store::WebhookRecord&) -> Result<bool> {
                           return store::delete_webhook(sql, id);
                         }));
  return {};
}

Result<WebhookWithSecret> Webhooks::rotate_secret(const Principal& principal, const std::string& id,
                                                  std::chrono::seconds overlap,
                                                  std::stop_token stop) {
  if (overlap.count() < 0 || overlap > kOverlapMax) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("overlap_s: 0 to {} seconds", kOverlapMax.count()));
  }
  const Secret secret = remote::make_webhook_secret(rng_);
  return change<WebhookWithSecret>(
      principal, id, stop,
      [&](store::Connection& sql, store::WebhookRecord& row) -> Result<WebhookWithSecret> {
        const store::Timestamp now = queue_.now();
        const auto before = KATIP_TRY(parse_webhook_secrets(row.secret));
        row.secret = to_text(rotated(before, secret, now, now + overlap));
        row.updated_at = now;
        KATIP_TRY(store::update_webhook(sql, row));
        return WebhookWithSecret{.webhook = KATIP_TRY(shown(row, now)), .secret = secret};
      });
}

Result<DeliveryPage> Webhooks::deliveries(const Principal& principal, const std::string& id,
                                          const DeliveryQuery& query, std::stop_token stop) {
  if (query.count_max < 1 || query.count_max > kPageSizeMax) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("limit: 1 to {}", kPageSizeMax));
  }
  KATIP_TRY(find(principal, id, stop));
  const store::PooledConnection sql = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  DeliveryPage page;
  page.deliveries =
      KATIP_TRY(store::list_deliveries(*sql, id, query.status, query.after, query.count_max + 1));
  page.has_more = page.deliveries.size() > static_cast<std::size_t>(query.count_max);
  if (page.has_more) page.deliveries.pop_back();
  return page;
}

Result<Delivery> Webhooks::delivery(const Principal& principal, const std::string& id,
                                    const std::string& delivery_id, std::stop_token stop) {
  KATIP_TRY(find(principal, id, stop));
  const store::PooledConnection sql = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  auto found = KATIP_TRY(store::find_delivery(*sql, delivery_id));
  if (!found || found->webhook_id != id) return no_delivery();
  return *std::move(found);
}

Result<Delivery> Webhooks::replay(const Principal& principal, const std::string& id,
                                  const std::string& delivery_id, std::stop_token stop) {
  return change<Delivery>(
      principal, id, stop,
      [&](store::Connection& sql, store::WebhookRecord& row) -> Result<Delivery> {
        const auto found = KATIP_TRY(store::find_delivery(sql, delivery_id));
        if (!found || found->webhook_id != id) return no_delivery();
        if (!row.is_active) return fail(ErrorCode::kConflict, "the webhook is not active");
        if (!KATIP_TRY(store::replay_delivery(sql, delivery_id, queue_.now()))) {
          return fail(ErrorCode::kConflict, "this delivery is still being sent");
        }
        KATIP_TRY(enqueue_attempt(queue_, sql, *found, 1, std::nullopt));
        return *KATIP_TRY(store::find_delivery(sql, delivery_id));
      });
}

Result<Delivery> Webhooks::test(const Principal& principal, const std::string& id,
                                const std::optional<std::string>& request_id,
                                std::stop_token stop) {
  return change<Delivery>(
      principal, id, stop,
      [&](store::Connection& sql, store::WebhookRecord& row) -> Result<Delivery> {
        if (!row.is_active) return fail(ErrorCode::kConflict, "the webhook is not active");
        const OutboxEvent event{.type = std::string(kTestEventType),
                                .data = {{"webhook_id", row.id}, {"name", row.name}},
                                .request_id = request_id};
        const std::string delivery_id =
            KATIP_TRY(put_into_outbox(queue_, sql, row, event, "msg_" + queue_.new_id()));
        return *KATIP_TRY(store::find_delivery(sql, delivery_id));
      });
}

}  // namespace katip::app
