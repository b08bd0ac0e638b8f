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

TEST(TakeUntil, TakesPiecesUntilNothingIsLeft) {
  std::string_view text = "a,,bc";
  EXPECT_EQ(take_until(text, ','), "a");
  EXPECT_EQ(take_until(text, ','), "");
  EXPECT_EQ(text, "bc");
  EXPECT_EQ(take_until(text, ','), "bc");
  EXPECT_EQ(take_until(text, ','), "");
  text = "a,";
  EXPECT_EQ(take_until(text, ','), "a");
  EXPECT_EQ(text, "");
}

}  // namespace
}  // namespace katip
