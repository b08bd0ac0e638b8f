#include "engine/lexicon/lexicon_cache.h"

#include <gtest/gtest.h>

#include "engine/model/testing/tokenizer.h"

namespace katip::engine {
namespace {

std::vector<LexiconTerm> terms(int count, float weight = 1) {
  std::vector<LexiconTerm> all;
  for (int i = 0; i < count; ++i)
    all.push_back({.term = "a" + std::to_string(i), .weight = weight});
  return all;
}

TEST(LexiconCache, KnowsTheSameTermsAgain) {
  const TestingTokenizer tokenizer({{1, "a"}});
  LexiconCache cache;
  const auto first = cache.get(terms(200), tokenizer);
  EXPECT_EQ(cache.get(terms(200), tokenizer), first);
  EXPECT_NE(cache.get(terms(201), tokenizer), first);
  EXPECT_NE(cache.get(terms(200, 2), tokenizer), first);
  auto spelled = terms(200);
  spelled.back().alternatives = {"b"};
  EXPECT_NE(cache.get(spelled, tokenizer), first);
  EXPECT_EQ(cache.get(terms(200), tokenizer), first);
}

TEST(LexiconCache, ForgetsWhatWasUsedLongestAgo) {
  const TestingTokenizer tokenizer({{1, "a"}});
  LexiconCache cache;
  const std::weak_ptr<const Lexicon> first = cache.get(terms(200), tokenizer);
  const std::weak_ptr<const Lexicon> second = cache.get(terms(201), tokenizer);
  static_cast<void>(cache.get(terms(202), tokenizer));
  static_cast<void>(cache.get(terms(203), tokenizer));
  static_cast<void>(cache.get(terms(200), tokenizer));
  static_cast<void>(cache.get(terms(204), tokenizer));
  EXPECT_FALSE(first.expired());
  EXPECT_TRUE(second.expired());
}

TEST(LexiconCache, KeepsNoShortOnes) {
  const TestingTokenizer tokenizer({{1, "a"}});
  LexiconCache cache;
  const auto kept = cache.get(terms(200), tokenizer);
  for (int i = 1; i < 20; ++i) static_cast<void>(cache.get(terms(i), tokenizer));
  EXPECT_EQ(cache.get(terms(200), tokenizer), kept);
}

}  // namespace
}  // namespace katip::engine
