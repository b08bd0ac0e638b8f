#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/manual_clock.h"
#include "state/memory_state.h"
#include "state/state_store.h"

/// Every backend of StateStore passes these tests: a new one adds itself to the list at the end.
namespace katip::state {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

struct Backend {
  const char* name;
  std::function<std::unique_ptr<StateStore>(ManualClock&)> make;
};

class StateConformance : public ::testing::TestWithParam<Backend> {
 protected:
  StateStore& state() { return *state_; }
  ManualClock& clock() { return clock_; }
  std::optional<std::string> value(std::string_view key) {
    const auto found = state().get(key).value();
    return found ? std::optional(found->value) : std::nullopt;
  }

 private:
  ManualClock clock_;
  std::unique_ptr<StateStore> state_ = GetParam().make(clock_);
};

TEST_P(StateConformance, AValueIsThereUntilItsEnd) {
  EXPECT_EQ(value("a"), std::nullopt);
  ASSERT_TRUE(state().set("a", "merhaba", 10s));
  EXPECT_EQ(value("a"), "merhaba");
  clock().advance(9'999ms);
  EXPECT_EQ(state().get("a").value()->ends_in, 1ms);
  clock().advance(1ms);
  EXPECT_EQ(value("a"), std::nullopt);
  ASSERT_TRUE(state().set("a", "", std::nullopt));
  clock().advance(24h * 366);
  EXPECT_EQ(value("a"), "");
  EXPECT_EQ(state().get("a").value()->ends_in, std::nullopt);
}

TEST_P(StateConformance, ANewValueHasItsOwnEnd) {
  ASSERT_TRUE(state().set("a", "1", 1s));
  ASSERT_TRUE(state().set("a", "2", std::nullopt));
  clock().advance(2s);
  EXPECT_EQ(value("a"), "2");
}

TEST_P(StateConformance, WhatIsRemovedIsGone) {
  ASSERT_TRUE(state().set("a", "1", std::nullopt));
  EXPECT_TRUE(state().remove("a").value());
  EXPECT_FALSE(state().remove("a").value());
  EXPECT_EQ(value("a"), std::nullopt);
}

TEST_P(StateConformance, ACounterLosesNothing) {
  constexpr int kThreadCount = 8;
  constexpr int kStepCount = 1'000;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreadCount; ++i) {
      threads.emplace_back([&] {
        for (int step = 0; step < kStepCount; ++step) EXPECT_TRUE(state().add("n", 1, {}));
      });
    }
  }
  EXPECT_EQ(state().add("n", 0, {}).value(), kThreadCount * kStepCount);
  EXPECT_EQ(value("n"), "8000");
}

TEST_P(StateConformance, ACounterBeginsAnewAfterItsEnd) {
  EXPECT_EQ(state().add("n", 5, 1s).value(), 5);
  clock().advance(500ms);
  EXPECT_EQ(state().add("n", -2, 10s).value(), 3) << "and its end stays";
  clock().advance(500ms);
  EXPECT_EQ(state().add("n", 1, 1s).value(), 1);
}

TEST_P(StateConformance, ACounterStaysInItsRange) {
  EXPECT_EQ(state().add("n", INT64_MAX, {}).value(), INT64_MAX);
  EXPECT_EQ(state().add("n", 1, {}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(state().add("n", 0, {}).value(), INT64_MAX);
  ASSERT_TRUE(state().set("t", "text", {}));
  EXPECT_EQ(state().add("t", 1, {}).error().code, ErrorCode::kConflict);
}

TEST_P(StateConformance, OfAThousandExactlyOneStartsACooldown) {
  std::atomic<int> winner_count = 0;
  std::atomic<int> problem_count = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 1'000; ++i) {
      threads.emplace_back([&] {
        const auto cooldown = state().start_cooldown("c", 10s);
        if (!cooldown) ++problem_count;
        if (cooldown && cooldown->is_started) ++winner_count;
      });
    }
  }
  EXPECT_EQ(winner_count, 1);
  EXPECT_EQ(problem_count, 0);
}

TEST_P(StateConformance, ACooldownEnds) {
  EXPECT_TRUE(state().start_cooldown("c", 10s).value().is_started);
  clock().advance(4s);
  const Cooldown again = state().start_cooldown("c", 10s).value();
  EXPECT_FALSE(again.is_started);
  EXPECT_EQ(again.ends_in, 6s) << "asking does not make it longer";
  clock().advance(6s);
  EXPECT_TRUE(state().start_cooldown("c", 10s).value().is_started);
  EXPECT_EQ(state().add("n", 1, {}).value(), 1);
  EXPECT_EQ(state().start_cooldown("n", 1s).error().code, ErrorCode::kConflict);
}

TEST_P(StateConformance, ListsInOrderAndInPages) {
  for (const char* key : {"b:2", "a:1", "b:1", "b:3", "c"}) {
    ASSERT_TRUE(state().set(key, "x", key[0] == 'a' ? std::optional<Duration>(1s) : std::nullopt));
  }
  const auto keys = [&](std::string_view prefix, std::string_view after, int count) {
    std::vector<std::string> names;
    for (const StateKey& key : state().list(prefix, after, count).value()) names.push_back(key.key);
    return names;
  };
  EXPECT_THAT(keys("b:", "", 2), ElementsAre("b:1", "b:2"));
  EXPECT_THAT(keys("b:", "b:2", 2), ElementsAre("b:3"));
  EXPECT_THAT(keys("", "", 100).size(), 5U);
  clock().advance(1s);
  EXPECT_THAT(keys("a", "", 100), ElementsAre());
  EXPECT_EQ(state().list("", "", 0).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(state().list("", "", 1'001).error().code, ErrorCode::kInvalidArgument);
}

TEST_P(StateConformance, WhatIsOutOfLimitsIsRefused) {
  const auto invalid = ErrorCode::kInvalidArgument;
  for (const std::string& key : {std::string(), std::string(513, 'x'), std::string("a\nb"),
                                 std::string("a\0b", 3), std::string("\xFF")}) {
    EXPECT_EQ(state().set(key, "x", {}).error().code, invalid);
    EXPECT_EQ(state().get(key).error().code, invalid);
    EXPECT_EQ(state().add(key, 1, {}).error().code, invalid);
    EXPECT_EQ(state().start_cooldown(key, 1s).error().code, invalid);
    EXPECT_EQ(state().remove(key).error().code, invalid);
  }
  EXPECT_EQ(state().set("a", std::string((1 << 20) + 1, 'x'), {}).error().code, invalid);
  EXPECT_EQ(state().set("a", "\xFF", {}).error().code, invalid);
  EXPECT_EQ(state().set("a", "x", 0ms).error().code, invalid);
  EXPECT_EQ(state().set("a", "x", -1s).error().code, invalid);
  EXPECT_EQ(state().start_cooldown("a", 24h * 367).error().code, invalid);
}

INSTANTIATE_TEST_SUITE_P(All, StateConformance,
                         ::testing::Values(Backend{"Memory",
                                                   [](ManualClock& clock) {
                                                     return std::make_unique<MemoryState>(clock);
                                                   }}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace katip::state
