#include "app/idempotency.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "app/role.h"
#include "jobs/testing/queue_fixture.h"

namespace katip::app {
namespace {

using namespace std::chrono_literals;
using jobs::must;

class IdempotencyTest : public jobs::QueueFixture {
 protected:
  static RepeatableRequest request(char body = 'a') {
    return {
        .method = "POST", .path = "/api/v1/jobs", .key = "k-1", .sha256 = std::string(64, body)};
  }
  RepeatState begin(const RepeatableRequest& request, const Principal& who = open_principal()) {
    return must(repeats().begin(who, request, {}));
  }
  static bool is_mine(const RepeatState& state) {
    return std::holds_alternative<RepeatTicket>(state);
  }
  Idempotency& repeats() {
    if (!repeats_) repeats_ = std::make_unique<Idempotency>(pool(), clock(), IdempotencyOptions{});
    return *repeats_;
  }

 private:
  std::unique_ptr<Idempotency> repeats_;
};
KATIP_ON_BOTH_DATABASES(IdempotencyTest);

TEST_P(IdempotencyTest, TheSecondRequestGetsTheAnswerOfTheFirst) {
  const RepeatState mine = begin(request());
  ASSERT_TRUE(is_mine(mine));
  EXPECT_TRUE(std::holds_alternative<RepeatRunning>(begin(request())));
  EXPECT_TRUE(std::holds_alternative<RepeatOther>(begin(request('b'))));
  EXPECT_TRUE(must(repeats().finish(std::get<RepeatTicket>(mine),
                                    {.status = 201,
                                     .media_type = "application/json",
                                     .location = "/api/v1/things/1",
                                     .body = R"({"id":"ş"})"},
                                    {})));
  const RepeatState again = begin(request());
  const auto* answer = std::get_if<KeptAnswer>(&again);
  ASSERT_NE(answer, nullptr);
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(answer->media_type, "application/json");
  EXPECT_EQ(answer->location, "/api/v1/things/1");
  EXPECT_EQ(answer->body, R"({"id":"ş"})");
  EXPECT_TRUE(std::holds_alternative<RepeatOther>(begin(request('b'))));
}

TEST_P(IdempotencyTest, OfTwoHundredAtTheSameTimeExactlyOneHasIt) {
  std::atomic<int> mine = 0;
  std::atomic<int> running = 0;
  Idempotency& shared = repeats();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 200; ++i) {
      threads.emplace_back([&] {
        const auto state = shared.begin(open_principal(), request(), {});
        if (!state) ADD_FAILURE() << state.error().message;
        if (state && is_mine(*state)) ++mine;
        if (state && std::holds_alternative<RepeatRunning>(*state)) ++running;
      });
    }
  }
  EXPECT_EQ(mine, 1);
  EXPECT_EQ(running, 199);
}

TEST_P(IdempotencyTest, AKeyBelongsToOnePrincipalAndOneRoute) {
  EXPECT_TRUE(is_mine(begin(request())));
  const Principal other{.kind = PrincipalKind::kUser, .id = "u", .owner = "mehmet"};
  EXPECT_TRUE(is_mine(begin(request('b'), other)));
  RepeatableRequest elsewhere = request('b');
  elsewhere.path = "/api/v1/keys";
  EXPECT_TRUE(is_mine(begin(elsewhere)));
}

TEST_P(IdempotencyTest, WhoeverDiedIsReplacedAfterAWhile) {
  const RepeatState dead = begin(request());
  clock().advance(15min - 1ms);
  EXPECT_TRUE(std::holds_alternative<RepeatRunning>(begin(request())));
  clock().advance(1ms);
  const RepeatState next = begin(request());
  ASSERT_TRUE(is_mine(next));
  EXPECT_FALSE(must(repeats().finish(std::get<RepeatTicket>(dead), {.body = "late"}, {})));
  EXPECT_TRUE(must(repeats().finish(std::get<RepeatTicket>(next), {.body = "good"}, {})));
  EXPECT_EQ(std::get<KeptAnswer>(begin(request())).body, "good");
}

TEST_P(IdempotencyTest, WhatDidNothingMayComeAgain) {
  const RepeatState mine = begin(request());
  must(repeats().release(std::get<RepeatTicket>(mine), {}));
  EXPECT_TRUE(is_mine(begin(request('b'))));
}

TEST_P(IdempotencyTest, AnAnswerIsForgottenAfterADay) {
  const RepeatState mine = begin(request());
  must(repeats().finish(std::get<RepeatTicket>(mine), {}, {}));
  clock().advance(24h - 1ms);
  EXPECT_TRUE(std::holds_alternative<KeptAnswer>(begin(request())));
  EXPECT_EQ(must(repeats().prune({})), 0);
  clock().advance(1ms);
  EXPECT_EQ(must(repeats().prune({})), 1);
  EXPECT_TRUE(is_mine(begin(request('b'))));
}

TEST_P(IdempotencyTest, AnAnswerThatCannotBeKeptIsNotGivenAndNotDoneAgain) {
  const RepeatState mine = begin(request());
  must(repeats().finish(std::get<RepeatTicket>(mine), {.body = "\xFF"}, {}));
  const auto again = repeats().begin(open_principal(), request(), {});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kConflict);
}

TEST_P(IdempotencyTest, AnAnswerWithASecretIsNotKept) {
  const RepeatState mine = begin(request());
  EXPECT_TRUE(must(repeats().finish_unkept(std::get<RepeatTicket>(mine), 201, {})));
  EXPECT_FALSE(repeats().begin(open_principal(), request(), {}));
}

TEST_P(IdempotencyTest, KeysAreVisibleText) {
  for (const std::string& key : {std::string(), std::string(256, 'k'), std::string("a b"),
                                 std::string("a\nb"), std::string("ş"), std::string("a\0b", 3)}) {
    RepeatableRequest wrong = request();
    wrong.key = key;
    const auto state = repeats().begin(open_principal(), wrong, {});
    ASSERT_FALSE(state) << key;
    EXPECT_EQ(state.error().code, ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace katip::app
