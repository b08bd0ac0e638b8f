#include "app/webhooks.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/webhook/outbox.h"
#include "app/webhook/secrets.h"
#include "app/webhook_tasks.h"
#include "base/scripted_server.h"
#include "jobs/testing/no_lease.h"
#include "jobs/testing/queue_fixture.h"
#include "remote/webhook_signature.h"
#include "store/job_store.h"

namespace katip::app {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using jobs::must;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string answer(int status, const std::string& headers = "", const std::string& body = "") {
  return fmt::format("HTTP/1.1 {} X\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(),
                     headers, body);
}

/// Takes connections and says nothing.
class HangingServer {
 public:
  HangingServer() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    KATIP_ASSERT(::bind(socket_, generic, size) == 0 && ::listen(socket_, 4) == 0);
    KATIP_ASSERT(::getsockname(socket_, generic, &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~HangingServer() { ::close(socket_); }
  [[nodiscard]] std::string url() const { return fmt::format("http://127.0.0.1:{}/", port_); }

 private:
  int socket_;
  int port_ = 0;
};

remote::OutgoingGuard guard() { return *remote::OutgoingGuard::create({"127.0.0.1"}); }

Principal somebody(std::string owner = "ayşe") {
  return {.kind = PrincipalKind::kUser, .owner = std::move(owner)};
}
Principal everybody() { return {.kind = PrincipalKind::kUser, .owner = "boss", .sees_all = true}; }

class WebhooksTest : public jobs::QueueFixture {
 protected:
  void SetUp() override {
    QueueFixture::SetUp();
    if (IsSkipped()) return;
    jobs::QueueOptions options;
    options.on_jobs_ended = webhook_listener();
    use(options);
    webhooks_ = std::make_unique<Webhooks>(queue(), WebhookOptions{.guard = guard()}, rng());
    handlers_ = webhook_handlers(queue(), {.guard = guard(), .timeout = 300ms, .rng = &rng()});
    worker_ = worker();
  }

  WebhookWithSecret add(const std::string& url, std::vector<std::string> events = {},
                        const Principal& principal = somebody(), bool is_of_everybody = false) {
    return must(webhooks_->create(
        principal, {.url = url, .events = std::move(events), .is_of_everybody = is_of_everybody},
        {}));
  }
  std::vector<Delivery> deliveries(const Webhook& webhook) {
    return must(webhooks_->deliveries(everybody(), webhook.id, {}, {})).deliveries;
  }
  Delivery delivery(const Webhook& webhook) { return deliveries(webhook).at(0); }
  Webhook now(const Webhook& webhook) { return must(webhooks_->find(everybody(), webhook.id, {})); }

  /// A job whose task waits; its row and its task.
  struct Made {
    std::string row;
    std::string task;
  };
  Made add_job(const std::string& owner = "ayşe") {
    const std::string id = queue().new_id();
    const auto sql = must(pool().acquire({}));
    must(store::insert_job(*sql,
                           {.id = id,
                            .job_id = "job_" + id,
                            .submitted_by = owner.empty() ? std::nullopt : std::optional(owner),
                            .source_name = "talk.mp3",
                            .created_at = queue().now()}));
    return {.row = id,
            .task = put({.kind = "transcription.process", .job_id = id, .request_id = "req-7"})};
  }
  /// Claims the task of a job and ends it so.
  void end(const Status& status, const std::string& text = "merhaba") {
    const std::string engine = worker("engine");
    const auto task = claim(engine, 1, "engine").at(0);
    jobs::Outcome outcome{.task = task, .status = status};
    if (status) {
      outcome.effect = [&](store::Connection& sql) -> Status {
        must(store::complete_job(sql, *task.job_id, {.text = text}, queue().now()));
        return announce_job(queue(), sql, *task.job_id);
      };
    }
    EXPECT_TRUE(must(queue().settle(std::span(&outcome, 1), {})).at(0));
  }
  /// Runs the webhook tasks that are due; how many.
  int run_due() {
    must(queue().wake_due({}));
    int count = 0;
    for (const store::ClaimedTask& task : claim(worker_, 10)) {
      jobs::TaskContext context{task, lease_, {}};
      auto result = handlers_.at(task.kind).run(context);
      jobs::Outcome outcome{.task = task, .status = {}};
      if (result) {
        outcome.result = result->json;
        outcome.effect = result->effect;
      } else {
        outcome.status = std::unexpected(result.error());
      }
      EXPECT_TRUE(result) << result.error().message;
      EXPECT_TRUE(must(queue().settle(std::span(&outcome, 1), {})).at(0));
      ++count;
    }
    return count;
  }

  std::unique_ptr<Webhooks> webhooks_;
  jobs::Handlers handlers_;
  jobs::NoLease lease_;
  std::string worker_;
};
KATIP_ON_BOTH_DATABASES(WebhooksTest);

std::string header_of(const std::string& request, const std::string& name) {
  const std::size_t at = request.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "";
  const std::size_t begin = at + name.size() + 4;
  return request.substr(begin, request.find("\r\n", begin) - begin);
}

TEST_P(WebhooksTest, OneOfAnOpenInstallationIsNotToldOfThoseWhoComeLater) {
  const Principal open{.kind = PrincipalKind::kOpen, .sees_all = true};
  const Webhook webhook = add("http://127.0.0.1:1/", {}, open).webhook;
  EXPECT_FALSE(webhook.is_of_everybody);
  add_job("");
  end({});
  EXPECT_EQ(deliveries(webhook).size(), 1U) << "of nobody, as it is itself";
  add_job("ayşe");
  end({});
  EXPECT_EQ(deliveries(webhook).size(), 1U);
  EXPECT_TRUE(add("http://127.0.0.1:1/", {}, open, true).webhook.is_of_everybody)
      << "who asks for it";
}

TEST_P(WebhooksTest, ACompletedJobIsToldWithASignatureThatFits) {
  ScriptedServer server({answer(204)});
  const WebhookWithSecret made = add(server.url("/hook?a=b"));
  add_job();
  end({});
  EXPECT_EQ(run_due(), 1);
  const Delivery sent = delivery(made.webhook);
  EXPECT_EQ(sent.status, DeliveryStatus::kDelivered);
  EXPECT_EQ(sent.event_type, "job.completed");
  EXPECT_EQ(sent.response_status, 204);
  EXPECT_EQ(sent.attempt_count, 1);
  EXPECT_EQ(now(made.webhook).last_success_at, queue().now());

  const Delivery whole = must(webhooks_->delivery(somebody(), made.webhook.id, sent.id, {}));
  const json::object payload = json::parse(whole.payload).as_object();
  EXPECT_EQ(payload.at("type"), "job.completed");
  EXPECT_EQ(payload.at("id"), json::value(sent.event_id));
  EXPECT_EQ(payload.at("data").at("text"), "merhaba");
  EXPECT_EQ(payload.at("data").at("text_is_complete"), true);
  EXPECT_EQ(payload.at("data").at("source_name"), "talk.mp3");

  const std::string request = server.requests().at(0);
  EXPECT_THAT(request, HasSubstr("POST /hook?a=b"));
  EXPECT_EQ(header_of(request, "webhook-id"), sent.event_id);
  EXPECT_EQ(header_of(request, "X-Request-Id"), "req-7");
  EXPECT_EQ(header_of(request, "Content-Type"), "application/json");
  const auto seconds = std::chrono::floor<std::chrono::seconds>(queue().now());
  const std::string timestamp = header_of(request, "webhook-timestamp");
  EXPECT_EQ(timestamp, std::to_string(seconds.time_since_epoch().count()));
  EXPECT_EQ(header_of(request, "webhook-signature"),
            must(remote::sign_webhook(made.secret, {.id = sent.event_id,
                                                    .timestamp_s = std::stoll(timestamp),
                                                    .body = whole.payload})));
}

TEST_P(WebhooksTest, EveryEndOfAJobIsToldOnceAndOnlyToThoseItConcerns) {
  const auto all = add("http://127.0.0.1:1/a").webhook;
  const auto failures = add("http://127.0.0.1:1/b", {"job.failed"}).webhook;
  const auto others = add("http://127.0.0.1:1/c", {}, somebody("mehmet")).webhook;
  const auto boss = add("http://127.0.0.1:1/d", {}, everybody(), true).webhook;
  add_job();
  end({});
  add_job();
  end(fail(ErrorCode::kInvalidArgument, "no audio stream"));
  const Made waiting = add_job();
  must(queue().cancel(waiting.task, {}));
  add_job("");  // Of nobody.
  end({});
  const auto types = [&](const Webhook& webhook) {
    std::vector<std::string> result;
    for (const Delivery& each : deliveries(webhook)) result.push_back(each.event_type);
    return result;
  };
  EXPECT_THAT(types(all), ElementsAre("job.cancelled", "job.failed", "job.completed"));
  EXPECT_THAT(types(failures), ElementsAre("job.failed"));
  EXPECT_THAT(types(others), ElementsAre());
  EXPECT_THAT(types(boss),
              ElementsAre("job.completed", "job.cancelled", "job.failed", "job.completed"));
  const Delivery failed =
      must(webhooks_->delivery(somebody(), failures.id, deliveries(failures).at(0).id, {}));
  const json::value error = json::parse(failed.payload).at("data").at("error");
  EXPECT_EQ(error.at("code"), "INVALID_ARGUMENT");
  EXPECT_EQ(error.at("message"), "no audio stream");
}

TEST_P(WebhooksTest, AJobWhoseWorkersDieIsToldAsFailed) {
  const auto hook = add("http://127.0.0.1:1/").webhook;
  const Made made = add_job();
  for (int i = 0; i < 3; ++i) {
    const std::string me = worker("engine");
    if (i == 0) {
      claim(me, 1, "engine");
    } else {
      must(queue().claim_alone({.worker_id = me, .worker_kind = "engine"}, {}));
    }
    bury(me);
    must(queue().rescue({}, {}));
  }
  EXPECT_EQ(state(made.task), "quarantined");
  EXPECT_EQ(delivery(hook).event_type, "job.failed");
}

TEST_P(WebhooksTest, WhatDidNotHappenIsNotTold) {
  const auto hook = add("http://127.0.0.1:1/").webhook;
  add_job();
  const std::string engine = worker("engine");
  jobs::Outcome outcome{.task = claim(engine, 1, "engine").at(0), .status = {}};
  outcome.effect = [&](store::Connection& sql) -> Status {
    must(store::complete_job(sql, *outcome.task.job_id, {.text = "x"}, queue().now()));
    must(announce_job(queue(), sql, *outcome.task.job_id));
    return fail(ErrorCode::kInternal, "the power is out");
  };
  must(queue().settle(std::span(&outcome, 1), {}));
  EXPECT_TRUE(deliveries(hook).empty());
}

TEST_P(WebhooksTest, ALongTranscriptGoesOnlySoFar) {
  const auto hook = add("http://127.0.0.1:1/").webhook;
  for (const std::string& text : {std::string(50'000, 'x'), std::string(50'000, '\x01')}) {
    add_job();
    end({}, text);
    const Delivery whole = must(webhooks_->delivery(somebody(), hook.id, delivery(hook).id, {}));
    EXPECT_LT(whole.payload.size(), kPayloadSizeMax);
    EXPECT_EQ(json::parse(whole.payload).at("data").at("text_is_complete"), false);
  }
}

TEST_P(WebhooksTest, AFailingReceiverIsTriedByTheScheduleAndThenDisabled) {
  ScriptedServer server(std::vector<std::string>(20, answer(500, "", std::string(3'000'000, 'x'))));
  const auto hook = add(server.url("/")).webhook;
  add_job();
  end({});
  const store::Timestamp begin = queue().now();
  std::chrono::milliseconds ideal(0);
  for (int attempt = 1; attempt <= kWebhookAttemptCountMax; ++attempt) {
    ideal += webhook_delay(attempt);
    const Delivery waiting = delivery(hook);
    ASSERT_EQ(waiting.status, DeliveryStatus::kPending);
    ASSERT_EQ(waiting.attempt_count, attempt - 1);
    const auto due = *waiting.next_attempt_at - begin;
    EXPECT_GE(due, ideal) << attempt;
    EXPECT_LE(due, ideal + ideal / 5) << attempt;
    clock().advance(std::max(0ms, *waiting.next_attempt_at - queue().now() - 1ms));
    if (attempt > 1) {
      EXPECT_EQ(run_due(), 0);
    }
    clock().advance(1ms);
    ASSERT_EQ(run_due(), 1) << attempt;
    EXPECT_EQ(now(hook).failure_count, attempt);
  }
  const Delivery last = delivery(hook);
  EXPECT_EQ(last.status, DeliveryStatus::kFailed);
  EXPECT_EQ(last.response_status, 500);
  EXPECT_EQ(last.error, "answered 500");
  EXPECT_FALSE(now(hook).is_active);
  EXPECT_THAT(now(hook).disabled_reason.value(), HasSubstr("nothing got through for"));
  EXPECT_EQ(deliveries(hook).size(), 1U);
  EXPECT_EQ(server.requests().size(), 10U);
  clock().advance(48h);
  EXPECT_EQ(run_due(), 0);
}

TEST_P(WebhooksTest, ARedirectAHangAndARefusalAreFailuresLikeOthers) {
  ScriptedServer canary({answer(200)});
  ScriptedServer redirecting({answer(302, "Location: " + canary.url("/") + "\r\n")});
  const HangingServer hanging;
  const auto redirected = add(redirecting.url("/")).webhook;
  const auto hung = add(hanging.url()).webhook;
  const auto refused = add("http://127.0.0.1:1/").webhook;
  add_job();
  end({});
  EXPECT_EQ(run_due(), 3);
  EXPECT_EQ(delivery(redirected).error, "answered 302");
  EXPECT_THAT(delivery(hung).error.value(), HasSubstr("in time"));
  EXPECT_THAT(delivery(refused).error.value(), HasSubstr("cannot reach"));
  for (const Webhook& each : {redirected, hung, refused}) {
    EXPECT_EQ(delivery(each).status, DeliveryStatus::kPending);
    EXPECT_EQ(now(each).failure_count, 1);
  }
  EXPECT_TRUE(canary.requests().empty());
}

TEST_P(WebhooksTest, AReceiverThatIsGoneIsLeftAlone) {
  ScriptedServer server({answer(410)});
  const auto hook = add(server.url("/")).webhook;
  add_job();
  end({});
  add_job();
  end({});
  EXPECT_EQ(run_due(), 2);
  for (const Delivery& each : deliveries(hook)) EXPECT_EQ(each.status, DeliveryStatus::kFailed);
  EXPECT_EQ(server.requests().size(), 1U);
  EXPECT_THAT(now(hook).disabled_reason.value(), HasSubstr("410"));
  add_job();
  end({});
  EXPECT_EQ(deliveries(hook).size(), 2U);

  const Webhook on = must(webhooks_->update(somebody(), hook.id, {.is_active = true}, {}));
  EXPECT_EQ(on.disabled_reason, std::nullopt);
  EXPECT_EQ(on.failure_count, 0);
}

TEST_P(WebhooksTest, AReceiverMayAskForTime) {
  for (int status : {429, 502, 503, 504}) {
    ScriptedServer server({answer(status, "Retry-After: 900\r\n"), answer(200)});
    const auto hook = add(server.url("/")).webhook;
    must(webhooks_->test(somebody(), hook.id, {}, {}));
    EXPECT_EQ(run_due(), 1);
    EXPECT_EQ(delivery(hook).next_attempt_at, queue().now() + 900s) << status;
    clock().advance(900s);
    EXPECT_EQ(run_due(), 1);
    EXPECT_EQ(delivery(hook).status, DeliveryStatus::kDelivered);
    EXPECT_EQ(now(hook).failure_count, 0);
  }
}

TEST_P(WebhooksTest, TwoSecretsSignUntilTheOverlapIsOver) {
  ScriptedServer server({answer(200), answer(200), answer(200)});
  const WebhookWithSecret old = add(server.url("/"));
  const WebhookWithSecret fresh =
      must(webhooks_->rotate_secret(somebody(), old.webhook.id, 1h, {}));
  EXPECT_NE(fresh.secret.reveal(), old.secret.reveal());
  EXPECT_EQ(fresh.webhook.old_secret_until, queue().now() + 1h);
  const auto send = [&] {
    must(webhooks_->test(somebody(), old.webhook.id, "req-9", {}));
    run_due();
    return server.requests().back();
  };
  const std::string during = header_of(send(), "webhook-signature");
  EXPECT_EQ(std::ranges::count(during, ' '), 1);
  clock().advance(1h);
  EXPECT_EQ(std::ranges::count(header_of(send(), "webhook-signature"), ' '), 0);
  EXPECT_EQ(now(old.webhook).old_secret_until, std::nullopt);
  must(webhooks_->rotate_secret(somebody(), old.webhook.id, 0s, {}));
  EXPECT_EQ(std::ranges::count(header_of(send(), "webhook-signature"), ' '), 0);
  for (int i = 0; i < 9; ++i) must(webhooks_->rotate_secret(somebody(), old.webhook.id, 168h, {}));
  EXPECT_FALSE(webhooks_->rotate_secret(somebody(), old.webhook.id, 169h, {}));
  EXPECT_FALSE(webhooks_->rotate_secret(somebody(), old.webhook.id, -1s, {}));
}

TEST_P(WebhooksTest, WhatWasSentCanBeSentAgainUnderItsId) {
  ScriptedServer server({answer(200), answer(200)});
  const auto hook = add(server.url("/")).webhook;
  const Delivery first = must(webhooks_->test(somebody(), hook.id, {}, {}));
  EXPECT_EQ(webhooks_->replay(somebody(), hook.id, first.id, {}).error().code,
            ErrorCode::kConflict);
  run_due();
  EXPECT_EQ(must(webhooks_->replay(somebody(), hook.id, first.id, {})).status,
            DeliveryStatus::kPending);
  EXPECT_EQ(run_due(), 1);
  EXPECT_EQ(delivery(hook).status, DeliveryStatus::kDelivered);
  EXPECT_EQ(header_of(server.requests().at(0), "webhook-id"),
            header_of(server.requests().at(1), "webhook-id"));
  EXPECT_EQ(deliveries(hook).size(), 1U);
}

TEST_P(WebhooksTest, WhatHasNoTaskIsFoundByTheSweep) {
  ScriptedServer server({answer(200)});
  const auto hook = add(server.url("/")).webhook;
  must(queue().with_store(
      [&](store::TaskStore& tasks) {
        return tasks.set_queue_mode("default", "draining", "test", queue().now());
      },
      {}));
  add_job();
  end({});  // A queue that takes nothing does not keep a job from its end.
  EXPECT_EQ(run_due(), 0);
  must(queue().with_store(
      [&](store::TaskStore& tasks) {
        return tasks.set_queue_mode("default", "open", "test", queue().now());
      },
      {}));
  clock().advance(11min);
  put({.kind = "webhooks.sweep"});
  EXPECT_EQ(run_due(), 1);
  EXPECT_EQ(run_due(), 1);
  EXPECT_EQ(delivery(hook).status, DeliveryStatus::kDelivered);
}

TEST_P(WebhooksTest, NobodySeesOrChangesThoseOfOthers) {
  const auto mine = add("http://127.0.0.1:1/").webhook;
  const auto all = add("http://127.0.0.1:1/", {}, everybody(), true).webhook;
  const Delivery sent = must(webhooks_->test(somebody(), mine.id, {}, {}));
  const Principal other = somebody("mehmet");
  for (const std::string& id : {mine.id, all.id, std::string("x"), queue().new_id()}) {
    const auto is_hidden = [](const auto& result) {
      return !result && result.error().code == ErrorCode::kNotFound;
    };
    EXPECT_TRUE(is_hidden(webhooks_->find(other, id, {})));
    EXPECT_TRUE(is_hidden(webhooks_->update(other, id, {.name = "x"}, {})));
    EXPECT_TRUE(is_hidden(webhooks_->remove(other, id, {})));
    EXPECT_TRUE(is_hidden(webhooks_->rotate_secret(other, id, 1h, {})));
    EXPECT_TRUE(is_hidden(webhooks_->deliveries(other, id, {}, {})));
    EXPECT_TRUE(is_hidden(webhooks_->delivery(other, id, sent.id, {})));
    EXPECT_TRUE(is_hidden(webhooks_->replay(other, id, sent.id, {})));
    EXPECT_TRUE(is_hidden(webhooks_->test(other, id, {}, {})));
  }
  EXPECT_TRUE(must(webhooks_->list(other, {})).empty());
  EXPECT_EQ(must(webhooks_->list(somebody(), {})).size(), 1U);
  EXPECT_EQ(must(webhooks_->list(everybody(), {})).size(), 2U);
  // A delivery is found under its own webhook only.
  EXPECT_FALSE(webhooks_->delivery(everybody(), all.id, sent.id, {}));
  EXPECT_EQ(
      webhooks_->create(somebody(), {.url = "https://example.com", .is_of_everybody = true}, {})
          .error()
          .code,
      ErrorCode::kPermissionDenied);
  must(webhooks_->remove(somebody(), mine.id, {}));
  EXPECT_EQ(run_due(), 1);  // Its task finds nothing to do.
}

TEST_P(WebhooksTest, BadDataIsRefusedWithItsField) {
  const auto error_of = [&](const WebhookDraft& draft) {
    return webhooks_->create(somebody(), draft, {}).error().message;
  };
  EXPECT_THAT(error_of({.url = "ftp://x"}), HasSubstr("url: "));
  EXPECT_THAT(error_of({.url = "http://10.0.0.1/"}), HasSubstr("outgoing.allow"));
  EXPECT_THAT(error_of({.url = "https://u:p@example.com/"}), HasSubstr("url: "));
  EXPECT_THAT(error_of({.url = "https://example.com", .name = "a\nb"}), HasSubstr("name: "));
  EXPECT_THAT(error_of({.url = "https://example.com", .events = {"job.exploded"}}),
              HasSubstr("`job.exploded`"));
  for (int i = 0; i < 50; ++i) add("https://example.com");
  EXPECT_THAT(error_of({.url = "https://example.com"}), HasSubstr("50"));
}

TEST(WebhookSecrets, SurviveTheColumn) {
  std::vector<WebhookSecret> secrets = {{.secret = remote::make_webhook_secret(system_rng())}};
  const store::Timestamp now = store::Timestamp(1'000'000ms);
  for (int i = 0; i < 5; ++i) {
    secrets = rotated(secrets, remote::make_webhook_secret(system_rng()), now, now + 1h);
  }
  const std::string text = to_text(secrets);
  EXPECT_LE(text.size(), 500U);
  const auto again = parse_webhook_secrets(text);
  ASSERT_TRUE(again) << again.error().message;
  ASSERT_EQ(again->size(), 3U);
  EXPECT_EQ(again->at(2).secret.reveal(), secrets.at(2).secret.reveal());
  EXPECT_EQ(again->at(2).until, now + 1h);
  for (const char* bad : {"", "x", "whsec_AAAA", "a b/c"}) {
    EXPECT_FALSE(parse_webhook_secrets(bad)) << bad;
  }
}

}  // namespace
}  // namespace katip::app
