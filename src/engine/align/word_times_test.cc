#include "engine/align/word_times.h"

#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/align/testing/golden.h"
#include "engine/align/word_limits.h"
#include "engine/model/testing/tokenizer.h"

namespace katip::engine {
namespace {

/// A clip of tests/golden/align: attention of Whisper base and what the reference makes of it.
struct Clip {
  boost::json::value json;
  std::string language;
  std::vector<int> tokens;
  std::vector<float> probabilities;
  std::vector<float> data;
  AlignmentWeights weights;
  std::map<int, std::string> bytes;
};

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

Clip load_clip(const std::string& name) {
  Clip clip;
  clip.json = parse_golden(name + ".json");
  clip.language = clip.json.at("language").as_string().c_str();
  clip.tokens = boost::json::value_to<std::vector<int>>(clip.json.at("tokens"));
  for (const auto& p : clip.json.at("probabilities").as_array()) {
    clip.probabilities.push_back(number(p));
  }
  for (const auto& [token, hex] : clip.json.at("bytes").as_object()) {
    clip.bytes[std::stoi(std::string(token))] = from_hex(hex.as_string().c_str());
  }
  for (const char weight : read_golden(name + ".u8")) {
    clip.data.push_back(static_cast<float>(static_cast<unsigned char>(weight)) / 255.0f);
  }
  const auto shape = boost::json::value_to<std::vector<std::size_t>>(clip.json.at("shape"));
  clip.weights = {.head_count = shape[0], .row_count = shape[1], .frame_count = shape[2]};
  return clip;
}

class WordTimesGolden : public testing::TestWithParam<std::string> {};

TEST_P(WordTimesGolden, TheMatrixIsTheReferences) {
  Clip clip = load_clip(GetParam());
  clip.weights.data = clip.data;
  const auto matrix = alignment_matrix(clip.weights);
  const auto& sample = clip.json.at("matrix_sample").as_array();
  const std::size_t frames = clip.weights.frame_count;
  for (std::size_t row = 0; row < sample.size(); ++row) {
    EXPECT_NEAR(matrix[row * frames + (row * 37) % frames], number(sample[row]), 1e-5);
  }
}

TEST_P(WordTimesGolden, WordsAndTimesAreTheReferences) {
  Clip clip = load_clip(GetParam());
  clip.weights.data = clip.data;
  const auto times = find_word_times(clip.weights, clip.tokens, clip.probabilities, clip.language,
                                     TestingTokenizer(clip.bytes), {.lag_frames = 0.0f});
  const auto& expected = clip.json.at("merged").as_array();
  ASSERT_EQ(times.words.size(), expected.size());
  std::size_t token = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const AlignedWord& word = times.words[i];
    EXPECT_EQ(word.text, expected[i].at(0).as_string());
    EXPECT_EQ(word.token_begin, token);
    token += expected[i].at(1).to_number<std::size_t>();
    EXPECT_EQ(word.token_end, token);
    // The fixture holds times from before the cutting at sentence ends, which can only shorten.
    EXPECT_GE(word.start_frame, number(expected[i].at(2)));
    EXPECT_LE(word.end_frame, number(expected[i].at(3)));
    if (i > 0 && i + 1 < expected.size()) {
      EXPECT_EQ(word.start_frame, number(expected[i].at(2))) << word.text;
      EXPECT_EQ(word.end_frame, number(expected[i].at(3))) << word.text;
    }
    EXPECT_NEAR(word.probability, number(expected[i].at(4)), 1e-5);
  }
}

INSTANTIATE_TEST_SUITE_P(Clips, WordTimesGolden, testing::Values("leopard_en", "leopard_ja"));

TEST(WordTimes, TheLagMovesEveryTimeButTheFirst) {
  Clip clip = load_clip("leopard_en");
  clip.weights.data = clip.data;
  const TestingTokenizer tokenizer(clip.bytes);
  const auto plain = find_word_times(clip.weights, clip.tokens, clip.probabilities, "en", tokenizer,
                                     {.lag_frames = 0.0f});
  const auto moved = find_word_times(clip.weights, clip.tokens, clip.probabilities, "en", tokenizer,
                                     {.lag_frames = 2.0f});
  EXPECT_EQ(moved.words[0].start_frame, 0.0f);
  for (std::size_t i = 1; i < plain.words.size(); ++i) {
    EXPECT_EQ(moved.words[i].start_frame, plain.words[i].start_frame + 2);
  }
}

TEST(WordTimes, NoWordAndNoMarkIsJoinedAcrossSegments) {
  const TestingTokenizer tokenizer({{1, " so"}, {2, "me"}, {3, "."}});
  const std::vector<int> tokens = {1, 2, 3};
  const std::vector<float> probabilities(3, 1.0f);
  const std::vector<float> data(4 * 30, 0.1f);
  const AlignmentWeights weights = {
      .data = data, .head_count = 1, .row_count = 4, .frame_count = 30};
  const auto whole = find_word_times(weights, tokens, probabilities, "en", tokenizer, {});
  ASSERT_EQ(whole.words.size(), 1u);
  EXPECT_EQ(whole.words[0].text, " some.");
  const std::vector<std::size_t> begins = {0, 1, 2};
  const auto cut =
      find_word_times(weights, tokens, probabilities, "en", tokenizer, {.segment_begins = begins});
  ASSERT_EQ(cut.words.size(), 3u);
  EXPECT_EQ(cut.words[0].text, " so");
  EXPECT_EQ(cut.words[1].text, "me");
  EXPECT_EQ(cut.words[1].token_begin, 1u);
  EXPECT_EQ(cut.words[2].text, ".");
  EXPECT_EQ(cut.words[2].token_end, 3u);
}

TEST(WordTimes, ANegativeLagDoesNotLeaveTheWindow) {
  Clip clip = load_clip("leopard_en");
  clip.weights.data = clip.data;
  const auto moved = find_word_times(clip.weights, clip.tokens, clip.probabilities, "en",
                                     TestingTokenizer(clip.bytes), {.lag_frames = -60.0f});
  for (const AlignedWord& word : moved.words) {
    EXPECT_GE(word.start_frame, 0.0f);
    EXPECT_LE(word.start_frame, word.end_frame);
  }
}

TEST(WordTimes, NoTextHasNoWords) {
  const std::vector<float> row(10, 0.1f);
  const auto times =
      find_word_times({.data = row, .head_count = 1, .row_count = 1, .frame_count = 10}, {}, {},
                      "en", TestingTokenizer({}), {});
  EXPECT_TRUE(times.words.empty());
  EXPECT_EQ(times.durations.median, 0.0f);
}

TEST(WordTimes, NoFramesPutEverythingAtTheStart) {
  const TestingTokenizer tokenizer({{1, " a"}, {2, " b"}});
  const std::vector<int> tokens = {1, 2};
  const std::vector<float> probabilities = {0.5f, 0.25f};
  const auto times = find_word_times({.head_count = 8, .row_count = 3}, tokens, probabilities, "en",
                                     tokenizer, {});
  ASSERT_EQ(times.words.size(), 2u);
  EXPECT_EQ(times.words[1].end_frame, 0.0f);
  EXPECT_EQ(times.words[1].probability, 0.25f);
}

TEST(WordTimes, OneTokenCoversItsFrames) {
  // The end of text looks at the last eight of twenty frames.
  std::vector<float> data(40, 0.0f);
  for (std::size_t i = 0; i < 20; ++i) data[i < 12 ? i : 20 + i] = 1.0f;
  const TestingTokenizer tokenizer({{1, " a"}});
  const auto times = find_word_times(
      {.data = data, .head_count = 1, .row_count = 2, .frame_count = 20}, std::vector<int>{1},
      std::vector<float>{1.0f}, "en", tokenizer, {.lag_frames = 0.0f});
  ASSERT_EQ(times.words.size(), 1u);
  EXPECT_EQ(times.words[0].start_frame, 0.0f);
  EXPECT_EQ(times.words[0].end_frame, 12.0f);
}

TEST(WordTimes, WeightsThatAreNoNumbersGiveTimesInOrder) {
  const TestingTokenizer tokenizer({{1, " a"}, {2, " b"}, {3, " c"}});
  const std::vector<int> tokens = {1, 2, 3};
  const std::vector<float> probabilities(3, std::nanf(""));
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
    const std::vector<float> data(2 * 4 * 50, bad);
    const auto times =
        find_word_times({.data = data, .head_count = 2, .row_count = 4, .frame_count = 50}, tokens,
                        probabilities, "en", tokenizer, {});
    ASSERT_EQ(times.words.size(), 3u);
    float last = 0;
    for (const AlignedWord& word : times.words) {
      EXPECT_LE(last, word.start_frame);
      EXPECT_LE(word.start_frame, word.end_frame);
      EXPECT_LE(word.end_frame, 50.0f);
      last = word.end_frame;
    }
  }
}

}  // namespace
}  // namespace katip::engine
