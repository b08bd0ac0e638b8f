#include "base/work_pool.h"

#include <atomic>
#include <latch>
#include <memory>

#include <gtest/gtest.h>

namespace katip {
namespace {

TEST(WorkPoolTest, RunsEverythingOnce) {
  std::atomic<int> count = 0;
  std::latch all(1'000);
  WorkPool pool(4, 1'000);
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_TRUE(pool.post([&] {
      ++count;
      all.count_down();
    }));
  }
  all.wait();
  EXPECT_EQ(count, 1'000);
}

TEST(WorkPoolTest, RefusesWhenTooMuchWaitsButNotWhatMustRun) {
  WorkPool pool(1, 2);
  std::latch begun(1);
  std::latch release(1);
  std::latch ended(3);
  ASSERT_TRUE(pool.post([&] {
    begun.count_down();
    release.wait();
  }));
  begun.wait();
  EXPECT_TRUE(pool.post([&] { ended.count_down(); }));
  EXPECT_TRUE(pool.post([&] { ended.count_down(); }));
  EXPECT_FALSE(pool.post([&] { ADD_FAILURE() << "was refused"; }));
  pool.post_always([&] { ended.count_down(); });
  release.count_down();
  ended.wait();
}

TEST(WorkPoolTest, WhatWaitsAtTheEndIsDestroyedUnrun) {
  WorkPool pool(1, 10);
  std::latch begun(1);
  const auto token = std::make_shared<int>(0);
  std::atomic<bool> is_filled = false;
  std::atomic<bool> is_finished = false;
  ASSERT_TRUE(pool.post([&] {
    begun.count_down();
    while (!is_filled || token.use_count() > 1) std::this_thread::yield();
    is_finished = true;
  }));
  begun.wait();
  ASSERT_TRUE(pool.post([token] { ADD_FAILURE(); }));
  ASSERT_TRUE(pool.post([token] { ADD_FAILURE(); }));
  is_filled = true;
  pool.stop();
  EXPECT_TRUE(is_finished) << "what has begun is finished";
  EXPECT_FALSE(pool.post([token] { ADD_FAILURE(); }));
  pool.post_always([token] { ADD_FAILURE(); });
  EXPECT_EQ(token.use_count(), 1) << "nothing is kept for later";
  pool.stop();
}

}  // namespace
}  // namespace katip
