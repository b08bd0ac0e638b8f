#include "app/rate_limit.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/manual_clock.h"

namespace katip::app {
namespace {

using namespace std::chrono_literals;

class RateLimiterTest : public ::testing::Test {
 protected:
  bool take(const std::string& key = "a") { return limiter.take(key, kLimit).is_allowed; }
  int take_all() {
    int count = 0;
    while (take()) ++count;
    return count;
  }

  static constexpr RateLimit kLimit{.quota = 10, .window = 60s};
  ManualClock clock;
  RateLimiter limiter{clock, 4};
};

TEST_F(RateLimiterTest, AllowsTheQuotaAndSaysWhatIsLeft) {
  const RateDecision first = limiter.take("a", kLimit);
  EXPECT_TRUE(first.is_allowed);
  EXPECT_EQ(first.limit, 10);
  EXPECT_EQ(first.remaining, 9);
  EXPECT_EQ(first.reset, 60s);
  EXPECT_EQ(take_all(), 9);
  const RateDecision refused = limiter.look("a", kLimit);
  EXPECT_FALSE(refused.is_allowed);
  EXPECT_EQ(refused.remaining, 0);
  EXPECT_TRUE(take("b")) << "each key by itself";
}

TEST_F(RateLimiterTest, WhoeverWaitsAsLongAsTheyWereToldIsAllowed) {
  for (const auto pause : {0ms, 17'300ms, 59'999ms}) {
    take_all();
    clock.advance(pause);
    take_all();
    const RateDecision refused = limiter.look("a", kLimit);
    ASSERT_FALSE(refused.is_allowed);
    clock.advance(refused.reset - 1s);
    EXPECT_FALSE(limiter.look("a", kLimit).is_allowed && refused.reset > 2s) << pause;
    clock.advance(1s);
    EXPECT_TRUE(take()) << pause;
  }
}

TEST_F(RateLimiterTest, NobodyGetsTwiceTheQuotaAroundTheTurnOfAWindow) {
  clock.advance(1s);
  EXPECT_TRUE(take());  // A window begins.
  clock.advance(59s);
  EXPECT_EQ(take_all(), 9);
  clock.advance(2s);
  EXPECT_EQ(take_all(), 0);
  clock.advance(30s);
  EXPECT_LE(take_all(), 6);
  clock.advance(120s);
  EXPECT_EQ(take_all(), 10) << "who was away has all of it again";
}

TEST_F(RateLimiterTest, WhatIsGivenBackWasNeverCounted) {
  take_all();
  limiter.give_back("a");
  EXPECT_EQ(take_all(), 1);
  limiter.give_back("nobody", 5);
  limiter.give_back("a", 500);
  EXPECT_EQ(take_all(), 10);
}

TEST_F(RateLimiterTest, CostsAreCounted) {
  EXPECT_TRUE(limiter.take("a", kLimit, 8).is_allowed);
  EXPECT_FALSE(limiter.take("a", kLimit, 3).is_allowed);
  EXPECT_TRUE(limiter.take("a", kLimit, 2).is_allowed);
  const RateDecision never = limiter.take("b", kLimit, 11);
  EXPECT_FALSE(never.is_allowed);
  EXPECT_GE(never.reset.count(), 1) << "what never fits still has a time to come again";
}

TEST_F(RateLimiterTest, ForgetsTheKeysThatWereNotSeenForLongest) {
  take_all();
  for (const char* key : {"b", "c", "d", "e"}) take(key);
  EXPECT_TRUE(take("a")) << "five do not fit";
}

TEST_F(RateLimiterTest, ManyThreadsGetTheQuotaTogether) {
  std::atomic<int> allowed = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int round = 0; round < 100; ++round) allowed += take() ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(allowed, 10);
}

TEST(NetworkOf, TakesTheNetworkOfIpv6AndTheAddressOfIpv4) {
  EXPECT_EQ(network_of("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(network_of("::ffff:192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(network_of("2001:db8:1:2::1"), network_of("2001:db8:1:2:ffff::"));
  EXPECT_NE(network_of("2001:db8:1:2::1"), network_of("2001:db8:1:3::1"));
  EXPECT_EQ(network_of("unix"), "unix");
}

}  // namespace
}  // namespace katip::app
