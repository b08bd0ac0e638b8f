#include "engine/lexicon/token_traits.h"

#include <gtest/gtest.h>

#include "engine/model/testing/tokenizer.h"

namespace katip::engine {
namespace {

TEST(TokenTraits, SpacesAndEndsOfWords) {
  const TokenTraits traits(TestingTokenizer({{1, " a"},
                                             {2, "a"},
                                             {3, "-"},
                                             {4, " ("},
                                             {5, "客"},
                                             {6, "é"},
                                             {7, "\xe5\xae"},
                                             {8, "ทำ"},
                                             {9, "한"},
                                             {10, "7"},
                                             {11, "。"}}));
  EXPECT_TRUE(traits.has_space(1));
  EXPECT_FALSE(traits.has_space(2));
  EXPECT_TRUE(traits.has_space(4));
  for (const int token : {3, 4, 5, 8, 11}) EXPECT_TRUE(traits.ends_word(token)) << token;
  for (const int token : {1, 2, 6, 7, 9, 10}) EXPECT_FALSE(traits.ends_word(token)) << token;
}

TEST(TokenTraits, SpecialTokensAreNoText) {
  const TokenTraits traits(TestingTokenizer({{1, " a"}}));
  for (const int token : {50257, 50364, 51864, 1'000'000, -1}) {
    EXPECT_TRUE(traits.is_special(token)) << token;
    EXPECT_TRUE(traits.ends_word(token)) << token;
    EXPECT_FALSE(traits.has_space(token)) << token;
  }
  EXPECT_FALSE(traits.is_special(50256));
}

TEST(BeginsWithoutSpace, KnowsTheScripts) {
  for (const auto* text : {"東京", "カタ", "ไทย", "ລາວ", "မြန်", "ខ្មែរ", "𠀀"}) {
    EXPECT_TRUE(begins_without_space(text)) << text;
  }
  for (const auto* text : {"Tokyo", "한국", "Ärzte", "Москва", "", "\xff", "\xe6\x9d"}) {
    EXPECT_FALSE(begins_without_space(text)) << text;
  }
}

}  // namespace
}  // namespace katip::engine
