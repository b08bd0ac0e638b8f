#include "app/webhook_tasks.h"

#include <algorithm>
#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "app/tracing.h"
#include "app/webhook/outbox.h"
#include "app/webhook/secrets.h"
#include "base/event_counters.h"
#include "remote/http_client.h"
#include "remote/webhook_signature.h"
#include "store/webhook_store.h"

// One attempt is one task. It is sent outside of any transaction; what became of it, what that
// means for the webhook, and the task of the next attempt are written in the transaction that
// completes the task. An attempt whose worker dies is made again: receivers know a message by its
// webhook-id. Tested by webhooks_test.cc on both databases.
namespace katip::app {
namespace {

namespace json = boost::json;
using std::chrono::hours;
using std::chrono::seconds;

constexpr std::array<seconds, kWebhookAttemptCountMax> kDelays = {
    seconds(0),      seconds(5),      seconds(300),    seconds(1'800),  seconds(7'200),
    seconds(18'000), seconds(36'000), seconds(50'400), seconds(72'000), seconds(86'400)};
constexpr seconds kRetryAfterMax = hours(24);
constexpr std::chrono::minutes kOverdue(10);
constexpr hours kKept = hours(24 * 30);

/// What came back from a receiver.
struct Answer {
  std::optional<int> status;
  std::optional<seconds> retry_after;
  std::string error;  ///< Empty for a success; never a word of the receiver's.

  [[nodiscard]] bool is_success() const { return error.empty(); }
  [[nodiscard]] bool is_gone() const { return status == 410; }
};

/// What an attempt needs to know, read before anything is sent.
struct Attempt {
  store::DeliveryRecord delivery;
  store::WebhookRecord webhook;
  int number = 0;
};

struct AttemptArgs {
  std::string delivery_id;
  int attempt = 0;
};

Result<AttemptArgs> parse_args(const std::string& text) {
  const json::object object = json::parse(text).as_object();
  const json::value* id = object.if_contains("delivery_id");
  const json::value* attempt = object.if_contains("attempt");
  if (id == nullptr || !id->is_string() || attempt == nullptr || !attempt->is_int64()) {
    return fail(ErrorCode::kInvalidArgument,
                R"(the args of webhooks.deliver are {"delivery_id": …, "attempt": 1}; deliveries )"
                "are replayed through the API");
  }
  return AttemptArgs{.delivery_id = std::string(id->as_string()),
                     .attempt = static_cast<int>(attempt->as_int64())};
}

bool asks_to_wait(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

/// The signatures of all secrets that are valid now, the newest first.
Result<std::string> signatures(const Attempt& attempt, store::Timestamp now,
                               std::int64_t timestamp_s) {
  std::string all;
  const auto secrets = KATIP_TRY(parse_webhook_secrets(attempt.webhook.secret));
  for (const WebhookSecret& each : secrets_at(secrets, now)) {
    if (!all.empty()) all += ' ';
    all += KATIP_TRY(remote::sign_webhook(each.secret, {.id = attempt.delivery.event_id,
                                                        .timestamp_s = timestamp_s,
                                                        .body = attempt.delivery.payload}));
  }
  return all;
}

/// A client for one kind of request: one hop, a short time, no proxy, and nothing of the answer but
/// its status.
remote::HttpClient make_client(const WebhookTools& tools, const Clock& clock) {
  remote::HttpOptions options;
  options.guard = tools.guard;
  options.ca_file = tools.ca_file;
  options.total_timeout = tools.timeout;
  options.connect_timeout = std::min(tools.timeout, std::chrono::milliseconds(10'000));
  options.stall_timeout = tools.timeout;
  options.user_agent = "katip-webhooks";
  options.clock = &clock;
  return remote::HttpClient(std::move(options));
}

store::Timestamp next_time(jobs::Queue& queue, const Attempt& attempt, const Answer& answer,
                           std::uint64_t chance) {
  const seconds delay = webhook_delay(attempt.number + 1);
  // Up to a tenth more, so that those who failed together do not come back together.
  const auto jitter =
      std::chrono::milliseconds(chance % (static_cast<std::uint64_t>(delay.count()) * 100 + 1));
  const seconds asked = std::min(answer.retry_after.value_or(seconds(0)), kRetryAfterMax);
  return queue.now() +
         std::max(std::chrono::milliseconds(delay) + jitter, std::chrono::milliseconds(asked));
}

/// What an attempt says about its webhook.
Status judge(jobs::Queue& queue, store::Connection& sql, const Attempt& attempt,
             const Answer& answer, bool is_last) {
  auto webhook = KATIP_TRY(store::lock_webhook(sql, attempt.webhook.id));
  if (!webhook) return {};
  const store::Timestamp now = queue.now();
  if (answer.is_success()) {
    webhook->failure_count = 0;
    webhook->last_success_at = now;
  } else {
    ++webhook->failure_count;
  }
  const bool is_dead =
      is_last && !answer.is_success() && webhook->last_success_at < attempt.delivery.created_at;
  if (webhook->is_active && (answer.is_gone() || is_dead)) {
    webhook->is_active = false;
    webhook->disabled_at = now;
    webhook->disabled_reason =
        answer.is_gone()
            ? "the receiver answered 410: it is gone"
            : fmt::format("nothing got through for {} hours",
                          std::chrono::floor<hours>(now - attempt.delivery.created_at).count());
  }
  KATIP_TRY(store::update_webhook(sql, *webhook));
  return {};
}

Status write_attempt(jobs::Queue& queue, store::Connection& sql, const Attempt& attempt,
                     const Answer& answer, std::uint64_t chance) {
  store::DeliveryAttempt row{.id = attempt.delivery.id,
                             .attempt_count = attempt.number,
                             .response_status = answer.status,
                             .error = {}};
  const bool is_last =
      answer.is_gone() || !attempt.webhook.is_active || attempt.number >= kWebhookAttemptCountMax;
  if (answer.is_success()) {
    row.status = store::DeliveryStatus::kDelivered;
  } else {
    row.error = answer.error;
    row.status = is_last ? store::DeliveryStatus::kFailed : store::DeliveryStatus::kPending;
    if (!is_last) row.next_attempt_at = next_time(queue, attempt, answer, chance);
  }
  if (!KATIP_TRY(store::record_attempt(sql, row, queue.now()))) return {};
  count_event("webhook_deliveries_total", answer.is_success() ? "delivered"
                                          : is_last           ? "failed"
                                                              : "tried_again");
  if (attempt.webhook.is_active) KATIP_TRY(judge(queue, sql, attempt, answer, is_last));
  if (!row.next_attempt_at) return {};
  return enqueue_attempt(queue, sql, attempt.delivery, attempt.number + 1, row.next_attempt_at);
}

/// Threads: called by several workers' slots at once.
class Deliverer {
 public:
  Deliverer(jobs::Queue& queue, WebhookTools tools)
      : queue_(queue), tools_(std::move(tools)), client_(make_client(tools_, queue.clock())) {}

  Result<jobs::TaskResult> run(jobs::TaskContext& context) const {
    const AttemptArgs args = KATIP_TRY(parse_args(context.task.args));
    const auto attempt = KATIP_TRY(read(args, context.stop));
    if (!attempt) return jobs::TaskResult{.json = R"({"status":"nothing to do"})"};
    Answer answer{.status = {}, .retry_after = {}, .error = "the webhook is not active"};
    if (attempt->webhook.is_active) answer = KATIP_TRY(send(*attempt, context.stop));
    jobs::TaskResult result;
    json::object said{{"attempt", attempt->number}, {"event_type", attempt->delivery.event_type}};
    if (answer.status) said["response_status"] = *answer.status;
    if (!answer.is_success()) said["error"] = answer.error;
    result.json = json::serialize(said);
    // Chosen once: the transaction may run again.
    const std::uint64_t chance = tools_.rng->next();
    result.effect = [queue = &queue_, attempt = *attempt, answer, chance](store::Connection& sql) {
      return write_attempt(*queue, sql, attempt, answer, chance);
    };
    return result;
  }

 private:
  /// Nothing when this attempt is not the next one of its delivery.
  Result<std::optional<Attempt>> read(const AttemptArgs& args, std::stop_token stop) const {
    const store::PooledConnection sql = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
    auto delivery = KATIP_TRY(store::find_delivery(*sql, args.delivery_id));
    if (!delivery || delivery->status != store::DeliveryStatus::kPending ||
        delivery->attempt_count + 1 != args.attempt) {
      return std::optional<Attempt>();
    }
    auto webhook = KATIP_TRY(store::find_webhook(*sql, delivery->webhook_id));
    if (!webhook) return std::optional<Attempt>();
    return std::optional(Attempt{
        .delivery = *std::move(delivery), .webhook = *std::move(webhook), .number = args.attempt});
  }

  /// A failure of the receiver is an answer; an error is one of ours.
  Result<Answer> send(const Attempt& attempt, std::stop_token stop) const {
    const store::Timestamp now = queue_.now();
    const std::int64_t timestamp_s = std::chrono::floor<seconds>(now).time_since_epoch().count();
    remote::HttpRequest request{.url = attempt.webhook.url,
                                .method = remote::Method::kPost,
                                .body = attempt.delivery.payload};
    request.header_lines = {
        "Content-Type: application/json", "webhook-id: " + attempt.delivery.event_id,
        fmt::format("webhook-timestamp: {}", timestamp_s),
        "webhook-signature: " + KATIP_TRY(signatures(attempt, now, timestamp_s))};
    if (attempt.delivery.request_id) {
      const std::string& request_id = *attempt.delivery.request_id;
      request.header_lines.push_back("X-Request-Id: " + request_id);
      request.header_lines.push_back("traceparent: " +
                                     traceparent_of(request_id, attempt.delivery.id));
    }
    const auto skip = [](int, std::string_view) -> Result<bool> { return false; };
    const auto response = client_.send(request, skip, stop);
    Answer answer;
    if (!response) {
      if (response.error().code == ErrorCode::kCancelled) {
        return std::unexpected(response.error());
      }
      answer.error = response.error().message.substr(0, 500);
      return answer;
    }
    answer.status = response->status;
    if (response->status < 200 || response->status >= 300) {
      answer.error = fmt::format("answered {}", response->status);
      if (asks_to_wait(response->status)) answer.retry_after = response->retry_after;
    }
    return answer;
  }

  jobs::Queue& queue_;
  const WebhookTools tools_;
  const remote::HttpClient client_;
};

/// Tasks and deliveries are written together, so there is little to find: what came while the queue
/// took no tasks, and tasks that an operator threw away.
Result<jobs::TaskResult> sweep(jobs::Queue& queue, jobs::TaskContext& context) {
  constexpr int kPiece = 500;
  std::int64_t sent_count = 0;
  std::int64_t pruned_count = 0;
  KATIP_TRY(queue.with_store(
      [&](store::TaskStore& tasks) -> Status {
        store::Connection& sql = tasks.connection();
        sent_count = 0;
        for (const store::DeliveryRecord& delivery :
             KATIP_TRY(store::overdue_deliveries(sql, queue.now() - kOverdue, kPiece))) {
          const jobs::TaskRequest task =
              attempt_task(delivery, delivery.attempt_count + 1, std::nullopt);
          sent_count += KATIP_TRY(queue.enqueue_in(sql, std::span(&task, 1))).front().is_new;
        }
        pruned_count = KATIP_TRY(store::prune_deliveries(sql, queue.now() - kKept, kPiece));
        return {};
      },
      context.stop));
  return jobs::TaskResult{.json = json::serialize(json::object{{"sent_again", sent_count},
                                                               {"forgotten", pruned_count}})};
}

}  // namespace

seconds webhook_delay(int attempt) {
  return kDelays[static_cast<std::size_t>(std::clamp(attempt, 1, kWebhookAttemptCountMax) - 1)];
}

jobs::Handlers webhook_handlers(jobs::Queue& queue, WebhookTools tools) {
  jobs::Handlers handlers;
  // Not marked short: a receiver that hangs would hold up what was taken beforehand.
  handlers[kDeliverKind] = {
      .run = [deliverer = Deliverer(queue, std::move(tools))](jobs::TaskContext& context) {
        return deliverer.run(context);
      }};
  handlers["webhooks.sweep"] = {
      .run = [&queue](jobs::TaskContext& context) { return sweep(queue, context); }};
  return handlers;
}

}  // namespace katip::app
