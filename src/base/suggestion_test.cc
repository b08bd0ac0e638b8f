#include "base/suggestion.h"

#include <array>

#include <gtest/gtest.h>

namespace katip {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"transcribe", "models", "doctor", "config"};

TEST(EditDistance, CountsInsertDeleteReplaceAndSwap) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("beam", "baem"), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("Turkish", "turkish"), 0u);
}

TEST(EditDistance, IsBoundedForVeryLongInput) {
  EXPECT_LE(edit_distance(std::string(1'000'000, 'a'), "b"), 128u);
}

TEST(Nearest, FindsTheNameThatWasMeant) {
  EXPECT_EQ(nearest("transcirbe", kNames), "transcribe");
  EXPECT_EQ(nearest("model", kNames), "models");
  EXPECT_EQ(nearest("transc", kNames), "transcribe");
}

TEST(Nearest, SaysNothingWhenNothingIsNear) {
  EXPECT_EQ(nearest("xyzzy", kNames), std::nullopt);
  EXPECT_EQ(nearest("", kNames), std::nullopt);
  EXPECT_EQ(nearest("abc", std::span<const std::string_view>{}), std::nullopt);
}

TEST(DidYouMean, EndsAMessage) {
  EXPECT_EQ(did_you_mean("beam"), " Did you mean `beam`?");
  EXPECT_EQ(did_you_mean(std::nullopt), "");
}

}  // namespace
}  // namespace katip
