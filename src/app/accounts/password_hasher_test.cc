#include "app/accounts/password_hasher.h"

#include <chrono>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

namespace katip::app {
namespace {

using namespace std::chrono_literals;
using ::testing::StartsWith;

constexpr PasswordHashOptions kCheap{.memory_kib = 8, .pass_count = 1};

TEST(PasswordHasher, KnowsThePasswordAgain) {
  PasswordHasher hasher(kCheap);
  const auto hash = hasher.hash(Secret("kedi pencerede"), {});
  ASSERT_TRUE(hash);
  EXPECT_THAT(*hash, StartsWith("$argon2id$v=19$m=8,t=1,p=1$"));
  EXPECT_EQ(hasher.is_match(*hash, Secret("kedi pencerede"), {}), true);
  EXPECT_EQ(hasher.is_match(*hash, Secret("kedi pencerede "), {}), false);
  EXPECT_EQ(hasher.is_match(*hash, Secret(""), {}), false);
  EXPECT_EQ(hasher.is_match("", Secret("kedi pencerede"), {}), false);
}

TEST(PasswordHasher, GivesTwoPeopleWithOnePasswordTwoHashes) {
  PasswordHasher hasher(kCheap);
  EXPECT_NE(*hasher.hash(Secret("kedi pencerede"), {}), *hasher.hash(Secret("kedi pencerede"), {}));
}

TEST(PasswordHasher, RefusingSomebodyUnknownWorksAsMuchAsRefusingAPassword) {
  PasswordHasher hasher({.memory_kib = 16'384, .pass_count = 2});
  const std::string hash = *hasher.hash(Secret("kedi pencerede"), {});
  const auto measure = [](const auto& work) {
    auto best = 1h * 1.0;
    for (int i = 0; i < 3; ++i) {
      const auto begin = std::chrono::steady_clock::now();
      EXPECT_EQ(work(), false);
      best = std::min<std::chrono::duration<double, std::ratio<3600>>>(
          best, std::chrono::steady_clock::now() - begin);
    }
    return best;
  };
  const auto known = measure([&] { return hasher.is_match(hash, Secret("wrong"), {}); });
  const auto unknown = measure([&] { return hasher.refuse(Secret("wrong"), {}); });
  EXPECT_GT(unknown / known, 0.5);
  EXPECT_LT(unknown / known, 2.0);
}

TEST(PasswordHasher, ThoseWhoFindNoRoomInTheLineAreToldSo) {
  PasswordHasher hasher(
      {.memory_kib = 131'072, .pass_count = 4, .concurrency = 1, .waiter_count_max = 1});
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 6; ++i) {
      threads.emplace_back([&] {
        const auto result = hasher.refuse(Secret("x"), {});
        if (!result && result.error().code == ErrorCode::kOverloaded) ++refused;
      });
    }
  }
  EXPECT_GE(refused, 1);
  EXPECT_LE(refused, 4) << "one at work, one in the line";
}

TEST(PasswordHasher, StopsWaitingWhenAsked) {
  PasswordHasher hasher({.memory_kib = 8, .pass_count = 1, .concurrency = 0});
  std::stop_source stop;
  stop.request_stop();
  const auto result = hasher.hash(Secret("x"), stop.get_token());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace katip::app
