#include "app/accounts/tokens.h"

#include <array>
#include <set>

#include <gtest/gtest.h>

namespace katip::app {
namespace {

TEST(Tokens, AKeyHasAPublicAndASecretHalf) {
  const NewKeyText text = make_key(system_rng());
  EXPECT_EQ(text.key.reveal().size(), 3U + 12 + 1 + 43);
  EXPECT_EQ(key_prefix_of(text.key.reveal()), text.prefix);
  EXPECT_TRUE(text.prefix.starts_with("kp_"));
}

TEST(Tokens, WhatIsNoKeyIsNotLookedUp) {
  std::string key = make_key(system_rng()).key.reveal();
  for (std::size_t i = 0; i < key.size(); ++i) {
    std::string wrong = key;
    wrong[i] = '\'';
    EXPECT_EQ(key_prefix_of(wrong), std::nullopt) << i;
  }
  EXPECT_EQ(key_prefix_of(key + "x"), std::nullopt);
  EXPECT_EQ(key_prefix_of(key.substr(1)), std::nullopt);
  EXPECT_EQ(key_prefix_of(""), std::nullopt);
  EXPECT_EQ(key_prefix_of(make_session_token(system_rng()).reveal()), std::nullopt);
}

TEST(Tokens, ASessionTokenHasAFormOfItsOwn) {
  const std::string token = make_session_token(system_rng()).reveal();
  EXPECT_TRUE(is_session_token(token));
  EXPECT_FALSE(is_session_token(token + "x"));
  EXPECT_FALSE(is_session_token(token.substr(1)));
  EXPECT_FALSE(is_session_token(""));
}

TEST(Tokens, EveryLetterIsAsLikelyAsEveryOther) {
  constexpr std::size_t kCount = 62'000;
  std::array<int, 256> counts{};
  for (const char c : random_letters(system_rng(), kCount)) ++counts[static_cast<unsigned char>(c)];
  int kinds = 0;
  for (const int count : counts) {
    if (count == 0) continue;
    ++kinds;
    EXPECT_NEAR(count, 1'000, 250);  // Eight standard deviations.
  }
  EXPECT_EQ(kinds, 62);
}

TEST(Tokens, NoTwoAreTheSame) {
  std::set<std::string> keys;
  for (int i = 0; i < 1'000; ++i) keys.insert(make_key(system_rng()).prefix);
  EXPECT_EQ(keys.size(), 1'000U);
}

TEST(Tokens, ChecksumsAreComparedWhole) {
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
  EXPECT_TRUE(equal_in_constant_time("", ""));
}

}  // namespace
}  // namespace katip::app
