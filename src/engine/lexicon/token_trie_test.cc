#include "engine/lexicon/token_trie.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace katip::engine {
namespace {

constexpr TrieWorth kWorth = {.first = 2, .next = 1, .whole = 0.5f, .most = 4, .crowd = 0.5f};

TokenTrie::Node walk(const TokenTrie& trie, const std::vector<int>& tokens) {
  TokenTrie::Node node = TokenTrie::kRoot;
  for (const int token : tokens) {
    node = trie.child(node, token);
    if (node == TokenTrie::kNone) break;
  }
  return node;
}

TEST(TokenTrie, WithoutTermsNothingBegins) {
  const TokenTrie trie({}, 100, kWorth);
  EXPECT_EQ(trie.child(TokenTrie::kRoot, 5), TokenTrie::kNone);
  EXPECT_EQ(trie.sequence_count(), 0u);
  EXPECT_EQ(trie.node_count(), 1u);
  EXPECT_EQ(TokenTrie().child(TokenTrie::kRoot, 5), TokenTrie::kNone);
}

TEST(TokenTrie, OnlyItsSequencesAreInIt) {
  const TokenTrie trie({{{1, 2, 3}}, {{1, 2}}, {{4}}}, 100, kWorth);
  EXPECT_EQ(trie.sequence_count(), 3u);
  EXPECT_EQ(trie.node_count(), 5u);
  EXPECT_NE(walk(trie, {1, 2, 3}), TokenTrie::kNone);
  EXPECT_NE(walk(trie, {4}), TokenTrie::kNone);
  EXPECT_EQ(walk(trie, {2}), TokenTrie::kNone);
  EXPECT_EQ(walk(trie, {1, 3}), TokenTrie::kNone);
  EXPECT_EQ(walk(trie, {4, 4}), TokenTrie::kNone);
}

TEST(TokenTrie, TheWorthGrowsWithEveryToken) {
  const TokenTrie trie({{{1, 2, 3, 4, 5}}}, 100, kWorth);
  EXPECT_FLOAT_EQ(trie.worth(walk(trie, {1})), 2.0f);
  EXPECT_FLOAT_EQ(trie.worth(walk(trie, {1, 2})), 3.0f);
  EXPECT_FLOAT_EQ(trie.worth(walk(trie, {1, 2, 3, 4, 5})), 4.0f) << "the most that a term gets";
  EXPECT_EQ(trie.earned(walk(trie, {1, 2, 3, 4})), 0.0f);
  EXPECT_FLOAT_EQ(trie.earned(walk(trie, {1, 2, 3, 4, 5})), 4.0f);
}

TEST(TokenTrie, ATermInsideALongerOneIsEarnedOnTheWay) {
  const TokenTrie trie({{{1, 2}}, {{1, 2, 3}}}, 100, kWorth);
  const float inner = trie.earned(walk(trie, {1, 2}));
  EXPECT_FLOAT_EQ(inner, 3.5f);
  EXPECT_GE(trie.worth(walk(trie, {1, 2})), inner);
  EXPECT_FLOAT_EQ(trie.earned(walk(trie, {1, 2, 3})), 4.0f);
  EXPECT_TRUE(trie.has_children(walk(trie, {1, 2})));
  EXPECT_FALSE(trie.has_children(walk(trie, {1, 2, 3})));
}

TEST(TokenTrie, ABeginningThatManyShareIsWorthLess) {
  std::vector<TokenSequence> sequences;
  for (int i = 0; i < 50; ++i) sequences.push_back({{1, 10 + i}});
  const TokenTrie trie(sequences, 100, kWorth);
  EXPECT_NEAR(trie.worth(walk(trie, {1})), 2.0 - 0.5 * std::log(50.0), 1e-5);
  EXPECT_FLOAT_EQ(trie.worth(walk(trie, {1, 30})), 3.5f) << "alone again";
}

TEST(TokenTrie, EqualSequencesAreOneWithTheHeaviestWeight) {
  const TokenTrie trie({{{7, 8}, 1.0f}, {{7, 8}, 2.0f}, {{7, 8}, 0.5f}}, 100, kWorth);
  EXPECT_EQ(trie.sequence_count(), 1u);
  EXPECT_FLOAT_EQ(trie.earned(walk(trie, {7, 8})), 7.0f);
}

TEST(TokenTrie, WhatCannotBeSaidIsLeftOut) {
  const TokenTrie trie({{{}}, {{1, 100}}, {{-1}}, {{2}, 0.0f}, {{3}, std::nanf("")}, {{4}}}, 100,
                       kWorth);
  EXPECT_EQ(trie.sequence_count(), 1u);
  EXPECT_EQ(trie.child(TokenTrie::kRoot, -1), TokenTrie::kNone);
  EXPECT_EQ(trie.child(TokenTrie::kRoot, 100), TokenTrie::kNone);
  EXPECT_EQ(trie.child(1, 1'000'000), TokenTrie::kNone);
}

TEST(TokenTrie, HoldsExactlyWhatASetWouldHold) {
  std::mt19937 random(11);
  std::vector<TokenSequence> sequences;
  std::map<std::vector<int>, bool> beginnings;  // true: a whole sequence
  for (int i = 0; i < 2000; ++i) {
    std::vector<int> tokens(1 + random() % 5);
    for (int& token : tokens) token = static_cast<int>(random() % 9);
    for (std::size_t size = 1; size <= tokens.size(); ++size) {
      beginnings[{tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(size)}] |=
          size == tokens.size();
    }
    sequences.push_back({tokens});
  }
  const TokenTrie trie(sequences, 9, kWorth);
  EXPECT_EQ(trie.node_count(), beginnings.size() + 1);
  for (const auto& [tokens, is_whole] : beginnings) {
    const TokenTrie::Node node = walk(trie, tokens);
    ASSERT_NE(node, TokenTrie::kNone);
    const TokenTrie::Node parent = walk(trie, {tokens.begin(), tokens.end() - 1});
    EXPECT_GE(trie.worth(node), trie.earned(node));
    EXPECT_GE(trie.earned(node), parent == TokenTrie::kNone ? 0.0f : trie.earned(parent));
    if (is_whole) EXPECT_GT(trie.earned(node), 0.0f);
  }
}

}  // namespace
}  // namespace katip::engine
