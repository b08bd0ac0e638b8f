#include "store/fair_permits.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/guarded.h"

namespace katip::store {
namespace {

using namespace std::chrono_literals;

void wait_for_waiters(const FairPermits& permits, std::size_t count) {
  while (permits.waiter_count() != count) {
    std::this_thread::yield();
  }
}

TEST(FairPermits, GivesAsManyAsThereAre) {
  FairPermits permits(2, 10);
  EXPECT_TRUE(permits.acquire(0ms, {}));
  EXPECT_TRUE(permits.acquire(0ms, {}));
  EXPECT_EQ(permits.used_count(), 2u);
  EXPECT_EQ(permits.acquire(1ms, {}).error().code, ErrorCode::kTimeout);
  EXPECT_EQ(permits.waiter_count(), 0u);
  permits.release();
  EXPECT_TRUE(permits.acquire(0ms, {}));
}

TEST(FairPermits, MoreServeWhoWaitsAndFewerTakeNothingAway) {
  FairPermits permits(1, 10);
  EXPECT_TRUE(permits.acquire(0ms, {}));
  std::jthread waiter([&] { EXPECT_TRUE(permits.acquire(1h, {})); });
  wait_for_waiters(permits, 1);
  permits.add(1);
  waiter.join();
  EXPECT_EQ(permits.used_count(), 2u);
  permits.add(-1);
  EXPECT_EQ(permits.used_count(), 2u) << "nobody loses one";
  permits.release();
  EXPECT_EQ(permits.acquire(1ms, {}).error().code, ErrorCode::kTimeout)
      << "the one that is in use is the one that is left";
  permits.release();
  EXPECT_EQ(permits.used_count(), 0u);
  EXPECT_TRUE(permits.acquire(0ms, {}));
}

TEST(FairPermits, RefusesAtOnceWhenTooManyWait) {
  FairPermits permits(1, 0);
  EXPECT_TRUE(permits.acquire(0ms, {}));
  EXPECT_EQ(permits.acquire(1h, {}).error().code, ErrorCode::kOverloaded);
}

TEST(FairPermits, AWaitEndsWithAStop) {
  FairPermits permits(1, 10);
  EXPECT_TRUE(permits.acquire(0ms, {}));
  std::stop_source stop;
  std::jthread waiter([&] {
    EXPECT_EQ(permits.acquire(1h, stop.get_token()).error().code, ErrorCode::kCancelled);
  });
  wait_for_waiters(permits, 1);
  stop.request_stop();
  waiter.join();
  EXPECT_EQ(permits.waiter_count(), 0u);
  EXPECT_EQ(permits.acquire(1h, stop.get_token()).error().code, ErrorCode::kCancelled);
}

TEST(FairPermits, ServesInTheOrderOfAsking) {
  constexpr int kWaiterCount = 8;
  FairPermits permits(1, kWaiterCount);
  EXPECT_TRUE(permits.acquire(0ms, {}));
  Guarded<std::vector<int>> order;
  std::vector<std::jthread> waiters;
  for (int i = 0; i < kWaiterCount; ++i) {
    waiters.emplace_back([&, i] {
      EXPECT_TRUE(permits.acquire(1h, {}));
      order.with_lock([&](auto& served) { served.push_back(i); });
      permits.release();
    });
    wait_for_waiters(permits, static_cast<std::size_t>(i) + 1);
  }
  permits.release();
  waiters.clear();
  EXPECT_EQ(order.with_lock([](const auto& served) { return served; }),
            (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(permits.used_count(), 0u);
}

TEST(FairPermits, NobodyLosesAPermitInACrowd) {
  FairPermits permits(3, 1'000);
  std::vector<std::jthread> crowd;
  for (int i = 0; i < 8; ++i) {
    crowd.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        // Some give up in the very moment in which they are served.
        if (permits.acquire(round % 2 == 0 ? 0ms : 1h, {})) {
          EXPECT_LE(permits.used_count(), 3u);
          permits.release();
        }
      }
    });
  }
  crowd.clear();
  EXPECT_EQ(permits.used_count(), 0u);
  EXPECT_EQ(permits.waiter_count(), 0u);
}

}  // namespace
}  // namespace katip::store
