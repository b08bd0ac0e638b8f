#include <gmock/gmock.h>

#include "store/conformance/schema_conformance.h"
#include "store/job_store.h"
#include "store/webhook_store.h"

namespace katip::store {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Timestamp kNow = std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 12h;

std::string id_of(int number) {
  std::string digits = std::to_string(number);
  return "019a0000-0000-7000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

class WebhooksConformance : public SchemaConformance {
 protected:
  WebhookRecord add(int number, std::optional<std::string> owner = "ayşe") const {
    WebhookRecord webhook;
    webhook.id = id_of(number);
    webhook.name = "hook " + std::to_string(number);
    webhook.url = "https://example.org/" + std::to_string(number);
    webhook.secret = "whsec_a whsec_b/2026-03-01T12:00:00.000Z";
    webhook.events = {"job.failed", "job.completed"};
    webhook.created_by = std::move(owner);
    webhook.created_at = kNow + std::chrono::seconds(number);
    must(insert_webhook(sql(), webhook));
    return webhook;
  }
  bool deliver(int number, int webhook, const std::string& event = "msg_1") const {
    return must(insert_delivery(sql(), {.id = id_of(number),
                                        .webhook_id = id_of(webhook),
                                        .event_id = event,
                                        .event_type = "job.completed",
                                        .job_id = {},
                                        .request_id = "req-1",
                                        .payload = R"({"a": "ş"})",
                                        .created_at = kNow + std::chrono::seconds(number)}));
  }
  DeliveryRecord delivery(int number) const { return *must(find_delivery(sql(), id_of(number))); }
  std::vector<std::string> names(const std::vector<WebhookRecord>& webhooks) const {
    std::vector<std::string> result;
    for (const WebhookRecord& each : webhooks) result.push_back(each.name);
    return result;
  }
};
KATIP_CONFORMANCE(WebhooksConformance);

TEST_P(WebhooksConformance, EverythingComesBackAsItWasGiven) {
  const WebhookRecord made = add(1);
  WebhookRecord read = *must(find_webhook(sql(), id_of(1)));
  EXPECT_EQ(read.name, made.name);
  EXPECT_EQ(read.secret, made.secret);
  EXPECT_EQ(read.events, made.events);
  EXPECT_EQ(read.created_by, "ayşe");
  EXPECT_TRUE(read.is_active);
  EXPECT_EQ(read.created_at, made.created_at);
  read.name = "other";
  read.events = {};
  read.is_active = false;
  read.failure_count = 3;
  read.last_success_at = kNow + 1min;
  read.disabled_at = kNow + 2min;
  read.disabled_reason = "410";
  read.updated_at = kNow + 3min;
  EXPECT_TRUE(must(update_webhook(sql(), read)));
  const WebhookRecord again = *must(lock_webhook(sql(), id_of(1)));
  EXPECT_EQ(again.name, "other");
  EXPECT_THAT(again.events, IsEmpty());
  EXPECT_FALSE(again.is_active);
  EXPECT_EQ(again.failure_count, 3);
  EXPECT_EQ(again.last_success_at, kNow + 1min);
  EXPECT_EQ(again.disabled_at, kNow + 2min);
  EXPECT_EQ(again.disabled_reason, "410");
  EXPECT_TRUE(must(delete_webhook(sql(), id_of(1))));
  EXPECT_FALSE(must(delete_webhook(sql(), id_of(1))));
  EXPECT_FALSE(must(update_webhook(sql(), read)));
  EXPECT_FALSE(must(find_webhook(sql(), "'; drop table webhooks")));
}

TEST_P(WebhooksConformance, AnOwnerIsToldOfOwnRecordsAndNobodyOfEverybodys) {
  add(1);
  add(2, "mehmet");
  add(3, std::nullopt);
  WebhookRecord off = add(4);
  off.is_active = false;
  must(update_webhook(sql(), off));
  EXPECT_THAT(names(must(list_webhooks(sql(), "ayşe", 10))), ElementsAre("hook 4", "hook 1"));
  EXPECT_THAT(names(must(list_webhooks(sql(), std::nullopt, 3))),
              ElementsAre("hook 4", "hook 3", "hook 2"));
  EXPECT_THAT(names(must(webhooks_of(sql(), "ayşe"))),
              ::testing::UnorderedElementsAre("hook 1", "hook 3"));
  EXPECT_THAT(names(must(webhooks_of(sql(), std::nullopt))), ElementsAre("hook 3"));
}

TEST_P(WebhooksConformance, OneDeliveryForEachEventAndWebhook) {
  add(1);
  add(2);
  EXPECT_TRUE(deliver(11, 1));
  EXPECT_FALSE(deliver(12, 1));
  EXPECT_TRUE(deliver(13, 2));
  EXPECT_TRUE(deliver(14, 1, "msg_2"));
  const DeliveryRecord read = delivery(11);
  EXPECT_EQ(read.status, DeliveryStatus::kPending);
  EXPECT_EQ(read.next_attempt_at, kNow + 11s);
  EXPECT_EQ(read.request_id, "req-1");
  EXPECT_EQ(read.payload, R"({"a": "ş"})");
  const auto ids = [&](const std::optional<std::string>& after) {
    std::vector<std::string> result;
    for (const auto& each : must(list_deliveries(sql(), id_of(1), {}, after, 1))) {
      result.push_back(each.id);
    }
    return result;
  };
  EXPECT_THAT(ids({}), ElementsAre(id_of(14)));
  EXPECT_THAT(ids(id_of(14)), ElementsAre(id_of(11)));
  EXPECT_THAT(ids(id_of(11)), IsEmpty());
  EXPECT_THAT(must(list_deliveries(sql(), id_of(1), DeliveryStatus::kFailed, {}, 10)), IsEmpty());
  must(delete_webhook(sql(), id_of(1)));
  EXPECT_FALSE(must(find_delivery(sql(), id_of(11))));
}

TEST_P(WebhooksConformance, AnAttemptIsWrittenOnce) {
  add(1);
  deliver(11, 1);
  const DeliveryAttempt first{.id = id_of(11),
                              .attempt_count = 1,
                              .next_attempt_at = kNow + 1h,
                              .response_status = 500,
                              .error = "answered 500"};
  EXPECT_TRUE(must(record_attempt(sql(), first, kNow)));
  EXPECT_FALSE(must(record_attempt(sql(), first, kNow)));
  EXPECT_EQ(delivery(11).attempt_count, 1);
  EXPECT_EQ(delivery(11).next_attempt_at, kNow + 1h);
  EXPECT_EQ(must(overdue_deliveries(sql(), kNow + 1h, 10)).size(), 0U);
  EXPECT_EQ(must(overdue_deliveries(sql(), kNow + 2h, 10)).size(), 1U);
  EXPECT_FALSE(must(replay_delivery(sql(), id_of(11), kNow)));
  EXPECT_TRUE(must(record_attempt(sql(),
                                  {.id = id_of(11),
                                   .attempt_count = 2,
                                   .status = DeliveryStatus::kDelivered,
                                   .response_status = 204},
                                  kNow + 1h)));
  EXPECT_EQ(delivery(11).delivered_at, kNow + 1h);
  EXPECT_EQ(delivery(11).response_status, 204);
  EXPECT_EQ(delivery(11).error, std::nullopt);
  EXPECT_TRUE(must(replay_delivery(sql(), id_of(11), kNow + 2h)));
  EXPECT_EQ(delivery(11).status, DeliveryStatus::kPending);
  EXPECT_EQ(delivery(11).attempt_count, 0);
  EXPECT_EQ(must(prune_deliveries(sql(), kNow + 24h, 10)), 0);
  EXPECT_TRUE(must(record_attempt(
      sql(), {.id = id_of(11), .attempt_count = 1, .status = DeliveryStatus::kFailed}, kNow)));
  EXPECT_EQ(must(prune_deliveries(sql(), kNow + 24h, 10)), 1);
}

}  // namespace
}  // namespace katip::store
