#include "base/lru_map.h"

#include <gtest/gtest.h>

namespace katip {
namespace {

TEST(LruMap, ForgetsWhatWasNotUsedForLongest) {
  LruMap<int> map(2);
  EXPECT_EQ(map.find("a"), nullptr);
  map.insert("a", 1);
  map.insert("b", 2);
  EXPECT_FALSE(map.is_over());
  EXPECT_EQ(*map.find("a"), 1);
  map.insert("c", 3);
  ASSERT_TRUE(map.is_over());
  EXPECT_EQ(map.pop(), 2);
  EXPECT_EQ(map.find("b"), nullptr);
  EXPECT_EQ(*map.find("a"), 1);
  EXPECT_EQ(*map.find("c"), 3);
}

TEST(LruMap, ErasesOneAndAll) {
  LruMap<int> map(8);
  map.insert("a", 1);
  map.insert("b", 2);
  map.erase("a");
  map.erase("nothing");
  EXPECT_EQ(map.size(), 1u);
  EXPECT_EQ(map.find("a"), nullptr);
  map.clear();
  EXPECT_EQ(map.find("b"), nullptr);
}

}  // namespace
}  // namespace katip
