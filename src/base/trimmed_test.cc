#include "base/trimmed.h"

#include <gtest/gtest.h>

namespace katip {
namespace {

TEST(Trimmed, TakesBlanksFromBothEndsAndNoneFromBetween) {
  EXPECT_EQ(trimmed(""), "");
  EXPECT_EQ(trimmed(" \t\r\n"), "");
  EXPECT_EQ(trimmed("\ta b\r\n"), "a b");
  EXPECT_EQ(trimmed("ab"), "ab");
  EXPECT_EQ(trimmed("  ab\n", " "), "ab\n");
}

}  // namespace
}  // namespace katip
