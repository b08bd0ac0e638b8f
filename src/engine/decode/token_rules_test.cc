#include "engine/decode/token_rules.h"

#include <cmath>
#include <map>
#include <vector>

#include <gtest/gtest.h>

namespace katip::engine {
namespace {

// A vocabulary of 200: text 0 to 99, control tokens from 100, timestamps from 120 (1.6 s of them).
constexpr int kEnd = 100;
constexpr int kTimestamp = 120;  // 20 ms each
constexpr int kVocabulary = 200;
constexpr int kLastTimestamp = 190;

SpecialTokens special_tokens() {
  return {.end_of_text = kEnd,
          .start_of_transcript = 101,
          .translate = 105,
          .transcribe = 106,
          .start_of_lm = 107,
          .start_of_previous = 108,
          .no_speech = 109,
          .no_timestamps = 110,
          .timestamp_begin = kTimestamp,
          .language_begin = 102,
          .language_count = 3};
}

class TokenRulesTest : public testing::Test {
 protected:
  TokenRulesTest() : rules_(config(), special_tokens()) {}

  static ModelConfig config() {
    ModelConfig config;
    config.suppress_tokens = {5, 6, 100000, -1};  // ids outside the vocabulary are harmless
    config.suppress_tokens_begin = {7, kEnd};
    return config;
  }

  std::map<int, bool> allowed_after(const std::vector<int>& sampled,
                                    float timestamp_logit = -20.0f) {
    std::vector<float> logits(kVocabulary, 0.0f);
    for (int token = kTimestamp; token < kVocabulary; ++token)
      logits[static_cast<std::size_t>(token)] = timestamp_logit;
    rules_.apply(logits, sampled, kLastTimestamp);
    std::map<int, bool> allowed;
    for (const float logit : logits) {
      allowed.emplace(static_cast<int>(allowed.size()), !std::isinf(logit));
    }
    return allowed;
  }

  TokenRules rules_;
};

TEST_F(TokenRulesTest, ControlTokensAndSuppressedOnesNeverCome) {
  auto allowed = allowed_after({kTimestamp, 1, 2});
  for (const int token : {5, 6, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110})
    EXPECT_FALSE(allowed[token]) << token;
  EXPECT_TRUE(allowed[1]);
  EXPECT_TRUE(allowed[kEnd]);
}

TEST_F(TokenRulesTest, TheFirstTokenIsATimestampWithinTheFirstSecond) {
  auto allowed = allowed_after({});
  for (int token = 0; token < kVocabulary; ++token) {
    EXPECT_EQ(allowed[token], token >= kTimestamp && token <= kTimestamp + 50) << token;
  }
}

TEST_F(TokenRulesTest, AfterTheOpeningTimestampComesText) {
  auto allowed = allowed_after({kTimestamp + 3});
  EXPECT_TRUE(allowed[1]);
  for (int token = kTimestamp; token < kVocabulary; ++token) EXPECT_FALSE(allowed[token]);
}

TEST_F(TokenRulesTest, AfterAClosingTimestampComesTheNextOneOrTheEnd) {
  auto allowed = allowed_after({kTimestamp, 1, kTimestamp + 9});
  EXPECT_FALSE(allowed[1]);
  EXPECT_TRUE(allowed[kEnd]);
  EXPECT_FALSE(allowed[kTimestamp + 8]) << "time does not run backwards";
  EXPECT_TRUE(allowed[kTimestamp + 9]) << "the next segment may begin where this one ends";
}

TEST_F(TokenRulesTest, ASegmentIsNeverEmpty) {
  auto allowed = allowed_after({kTimestamp + 4, 1});
  EXPECT_FALSE(allowed[kTimestamp + 4]);
  EXPECT_TRUE(allowed[kTimestamp + 5]);
}

TEST_F(TokenRulesTest, TimestampsEndWithTheWindow) {
  auto allowed = allowed_after({kTimestamp + 4, 1});
  EXPECT_TRUE(allowed[kLastTimestamp]);
  EXPECT_FALSE(allowed[kLastTimestamp + 1]);
}

TEST_F(TokenRulesTest, ProbableTimestampsForceATimestamp) {
  auto allowed =
      allowed_after({kTimestamp, 1}, -1.0f);  // 69 of them together outweigh any one word
  EXPECT_FALSE(allowed[1]);
  EXPECT_FALSE(allowed[kEnd]);
  EXPECT_TRUE(allowed[kTimestamp + 9]);
}

}  // namespace
}  // namespace katip::engine
