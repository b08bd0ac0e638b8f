#include "store/migrate/graph/relative_target.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace katip::store::migrate {
namespace {

/// "branch|symbol|steps", or "none".
std::string parsed(std::string_view text) {
  const auto target = parse_relative_target(text);
  if (!target) return "none";
  return fmt::format("{}|{}|{}", target->branch.value_or("-"), target->symbol.value_or("-"),
                     target->steps);
}

TEST(RelativeTarget, HasABranchASymbolAndStepsInAnyCombination) {
  EXPECT_EQ(parsed("+2"), "-|-|2");
  EXPECT_EQ(parsed("-1"), "-|-|-1");
  EXPECT_EQ(parsed("5cb3+1"), "-|5cb3|1");
  EXPECT_EQ(parsed("voices@-2"), "voices|-|-2");
  EXPECT_EQ(parsed("voices@5cb3-2"), "voices|5cb3|-2");
  EXPECT_EQ(parsed("a-b@+1"), "a-b|-|1");
}

TEST(RelativeTarget, IsNoneWithoutSteps) {
  for (const char* text : {"", "+", "-", "head", "5cb3", "voices@head", "a-b", "@+1"}) {
    EXPECT_EQ(parsed(text), "none") << text;
  }
}

TEST(RelativeTarget, StepsBeyondABillionStayABillion) {
  EXPECT_EQ(parsed("+99999999999999999999"), "-|-|1000000000");
}

}  // namespace
}  // namespace katip::store::migrate
