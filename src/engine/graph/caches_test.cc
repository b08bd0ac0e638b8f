#include "engine/graph/caches.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace katip::engine {
namespace {

ModelConfig small_config() {
  ModelConfig config;
  config.text_layer_count = 1;
  config.state_size = 64;
  return config;
}

TEST(AllocateAligned, LargeBlocksBeginOnAHugePage) {
  const auto address = [](const AlignedBytes& bytes) {
    return reinterpret_cast<std::uintptr_t>(bytes.get());
  };
  EXPECT_EQ(address(allocate_aligned(100)) % 64, 0u);
  EXPECT_EQ(address(allocate_aligned(3'000'000)) % (2u << 20), 0u);
}

TEST(TokenCache, APlaceIsGivenOnceUntilItIsTakenBack) {
  TokenCache cache(small_config(), sizeof(float));
  std::set<std::byte*> places;  // three chunks
  std::vector<std::byte*> kept;
  for (int token = 0; token < 96; ++token) {
    std::byte* const place = cache.add();
    EXPECT_TRUE(places.insert(place).second) << token;
    if (token % 10 == 0) kept.push_back(place);
  }
  cache.keep_only(kept);
  std::set<std::byte*> again;
  for (int token = 0; token < 86; ++token) {
    std::byte* const place = cache.add();
    EXPECT_TRUE(places.contains(place)) << "there was room, " << token;
    EXPECT_TRUE(again.insert(place).second) << token;
    EXPECT_EQ(std::ranges::count(kept, place), 0) << "still in use, " << token;
  }
}

TEST(TokenCache, ClearTakesBackAll) {
  TokenCache cache(small_config(), sizeof(float));
  std::byte* const first = cache.add();
  cache.add();
  cache.clear();
  EXPECT_EQ(cache.add(), first);
}

}  // namespace
}  // namespace katip::engine
