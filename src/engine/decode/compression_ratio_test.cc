#include "engine/decode/compression_ratio.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace katip::engine {
namespace {

constexpr int kTextEnd = 50257;

std::string repeated(std::string_view part, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += part;
  return text;
}

std::vector<int> rounds(std::vector<int> round, int count) {
  std::vector<int> tokens;
  for (int i = 0; i < count; ++i) tokens.insert(tokens.end(), round.begin(), round.end());
  return tokens;
}

std::vector<int> counting(int first, int count) {
  std::vector<int> tokens;
  for (int i = 0; i < count; ++i) tokens.push_back(first + i);
  return tokens;
}

std::vector<int> joined(std::vector<int> left, const std::vector<int>& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

// What Python gives: `len(text) / len(zlib.compress(text))`.
TEST(CompressionRatio, EqualsTheReference) {
  EXPECT_DOUBLE_EQ(compression_ratio("And so my fellow Americans, ask not what your country can do "
                                     "for you, ask what you can do for your country."),
                   107.0 / 79.0);
  EXPECT_DOUBLE_EQ(compression_ratio("Çok teşekkürler. 客観的実在の判断的知識が成立するのである。"),
                   83.0 / 91.0);
  EXPECT_DOUBLE_EQ(compression_ratio(repeated(" I'm sorry.", 20)), 220.0 / 22.0);
  EXPECT_DOUBLE_EQ(compression_ratio("a"), 1.0 / 9.0);
}

TEST(CompressionRatio, NothingHasTheRatioZero) { EXPECT_EQ(compression_ratio(""), 0.0); }

TEST(CompressionRatio, AnyBytesAreTaken) {
  EXPECT_GT(compression_ratio(std::string(100, '\0')), 5.0);
  EXPECT_LT(compression_ratio("\xff\xfe\x80"), 1.0);
}

TEST(CompressionRatio, AMegabyteOfOneLetterIsAHugeRatio) {
  EXPECT_GT(compression_ratio(std::string(1 << 20, 'a')), 900.0);
}

TEST(FindLoop, NothingAndOneTokenAreNoLoop) {
  EXPECT_FALSE(find_loop({}, kTextEnd));
  EXPECT_FALSE(find_loop(std::vector<int>{7}, kTextEnd));
}

TEST(FindLoop, ManyDifferentTokensAreNoLoop) {
  EXPECT_FALSE(find_loop(counting(1, 224), kTextEnd));
}

TEST(FindLoop, PeopleMayRepeatThemselves) {
  EXPECT_FALSE(find_loop(rounds({645}, 8), kTextEnd)) << "no no no no no no no no";
  EXPECT_FALSE(find_loop(rounds({2369}, 36), kTextEnd)) << "a song of 36 times la";
  EXPECT_FALSE(find_loop(rounds({1, 2, 3, 4, 5, 6, 7}, 6), kTextEnd)) << "a refrain";
  EXPECT_FALSE(find_loop(rounds(counting(1, 20), 3), kTextEnd)) << "a sentence three times";
}

TEST(FindLoop, ATokenWithoutEndIsALoop) {
  const auto loop = find_loop(joined(counting(100, 10), rounds({645}, 37)), kTextEnd);
  ASSERT_TRUE(loop);
  EXPECT_EQ(loop->period, 1u);
  EXPECT_EQ(loop->text_begin, 10u);
  EXPECT_EQ(loop->round_count, 37u);
}

TEST(FindLoop, ALongSentenceFourTimesIsALoop) {
  const auto loop = find_loop(joined({9, 8}, rounds(counting(100, 20), 4)), kTextEnd);
  ASSERT_TRUE(loop);
  EXPECT_EQ(loop->period, 20u);
  EXPECT_EQ(loop->text_begin, 2u);
  EXPECT_EQ(loop->round_count, 4u);
}

TEST(FindLoop, TheLastRoundNeedNotBeComplete) {
  std::vector<int> tokens = rounds(counting(100, 10), 5);
  tokens.push_back(100);
  const auto loop = find_loop(tokens, kTextEnd);
  ASSERT_TRUE(loop);
  EXPECT_EQ(loop->period, 10u);
  EXPECT_EQ(loop->round_count, 5u);
}

TEST(FindLoop, TimestampsBetweenTheRoundsDoNotHideTheLoop) {
  std::vector<int> tokens;
  for (int i = 0; i < 12; ++i) {
    tokens.push_back(50364 + 20 * i);
    tokens.insert(tokens.end(), {286, 478, 2597, 13});  // " I'm sorry."
    tokens.push_back(50364 + 20 * i + 20);
  }
  const auto loop = find_loop(tokens, kTextEnd);
  ASSERT_TRUE(loop);
  EXPECT_EQ(loop->period, 4u);
  EXPECT_EQ(loop->round_count, 12u);
}

TEST(FindLoop, ALoopThatEndedIsNone) {
  EXPECT_FALSE(find_loop(joined(rounds({645}, 60), {1, 2}), kTextEnd));
}

TEST(FindLoop, EveryFoundLoopCompressesAboveTheLimit) {
  // The promise of the defaults, for the shortest loops that they let through.
  for (const auto& [round, count] : {std::pair{" no", 37}, std::pair{" I'm sorry.", 10},
                                     std::pair{" one two three four five six seven eight", 6}}) {
    EXPECT_GT(compression_ratio(repeated(round, count)), 2.4) << round;
  }
}

}  // namespace
}  // namespace katip::engine
