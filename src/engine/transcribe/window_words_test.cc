#include "engine/transcribe/window_words.h"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/model/testing/tokenizer.h"

namespace katip::engine {
namespace {

constexpr int kTimestamps = 50364;

ModelConfig one_head() {
  ModelConfig config;
  config.alignment_heads = {{0, 0}};
  return config;
}

/// A window in which text token i looks at the frames from starts[i] on, and the end of text at the
/// last ones.
DecodedWindow decoded(std::vector<int> tokens, const std::vector<int>& starts, int frame_count) {
  DecodedWindow window;
  for (std::size_t row = 0; row + 1 < starts.size(); ++row) {
    for (int frame = 0; frame < frame_count; ++frame) {
      const bool own = frame >= starts[row] && frame < starts[row + 1];
      window.alignment.push_back(own ? 0.9f : 0.001f);
    }
  }
  window.log_probabilities.assign(tokens.size(), 0.0f);
  window.tokens = std::move(tokens);
  return window;
}

std::int64_t plain_ms(float frame, Edge /*edge*/) {
  return 10'000 + static_cast<std::int64_t>(frame * 20.0f);
}

const TestingTokenizer& tokenizer() {
  static const TestingTokenizer words({{1, " one"}, {2, " two"}, {3, " three"}});
  return words;
}

TEST(WindowWords, SegmentsTakeTheTimesOfTheirWords) {
  // "one" is said from frame 20, "two" until 60; then a pause until "three" at 100.
  const auto window = decoded({kTimestamps, 1, 2, kTimestamps + 62, kTimestamps + 95, 3},
                              {0, 40, 62, 120, 150}, 150);
  const std::vector<WindowSegment> segments = {{0, 62, 1, 3}, {95, 150, 5, 6}};
  std::vector<float> speech(150, 0.0f);
  for (std::size_t i = 20; i < 60; ++i) speech[i] = 1.0f;
  for (std::size_t i = 100; i < 120; ++i) speech[i] = 1.0f;
  const auto timed = words_of_window(
      window, segments, tokenizer(), one_head(), "en",
      {.speech_probabilities = speech, .file_ms = plain_ms, .frame_count = 150, .last_end_ms = 0});
  ASSERT_EQ(timed.size(), 2u);
  ASSERT_EQ(timed[0].words.size(), 2u);
  EXPECT_NEAR(static_cast<double>(timed[0].start_ms), 10'400, 40) << "where speech begins";
  EXPECT_EQ(timed[0].words[0].text, " one");
  EXPECT_EQ(timed[0].words[0].start_ms, timed[0].start_ms);
  EXPECT_EQ(timed[0].words[1].end_ms, timed[0].end_ms);
  EXPECT_NEAR(static_cast<double>(timed[0].end_ms), 11'200, 60);
  ASSERT_EQ(timed[1].words.size(), 1u);
  EXPECT_NEAR(static_cast<double>(timed[1].start_ms), 12'000, 40) << "the pause is no word's";
  EXPECT_NEAR(static_cast<double>(timed[1].end_ms), 12'400, 60);
}

TEST(WindowWords, NoWordBeginsBeforeTheTextInFrontEnds) {
  const auto window = decoded({1, 2}, {0, 40, 80, 100}, 100);
  const std::vector<WindowSegment> segments = {{0, 100, 0, 2}};
  const auto timed = words_of_window(
      window, segments, tokenizer(), one_head(), "en",
      {.speech_probabilities = {}, .file_ms = plain_ms, .frame_count = 100, .last_end_ms = 11'000});
  ASSERT_EQ(timed[0].words.size(), 2u);
  EXPECT_EQ(timed[0].words[0].start_ms, 11'000);
  EXPECT_EQ(timed[0].words[0].end_ms, 11'000);
  EXPECT_EQ(timed[0].words[1].start_ms, 11'000);
  EXPECT_GT(timed[0].words[1].end_ms, 11'000);
}

TEST(WindowWords, NoTextHasNoWords) {
  const WindowSound sound = {
      .speech_probabilities = {}, .file_ms = plain_ms, .frame_count = 0, .last_end_ms = 0};
  EXPECT_TRUE(words_of_window({}, {}, tokenizer(), one_head(), "en", sound).empty());
  const std::vector<WindowSegment> segments = {{0, 0, 0, 0}};
  const auto timed = words_of_window({}, segments, tokenizer(), one_head(), "en", sound);
  ASSERT_EQ(timed.size(), 1u);
  EXPECT_TRUE(timed[0].words.empty());
}

// Any attention, any timestamps, any opinion of the detector, and a recording with cuts.
TEST(WindowWords, TimesAreInOrderWhateverTheModelSays) {
  std::mt19937 random(11);
  const auto below = [&](int limit) { return static_cast<int>(random() % unsigned(limit)); };
  for (int round = 0; round < 200; ++round) {
    const int frame_count = 1 + below(300);
    const auto sample_count = static_cast<std::int64_t>(frame_count) * 320;
    TimeMap times;
    for (std::int64_t file = below(1'000), left = sample_count; left > 0;) {
      const std::int64_t count = std::min<std::int64_t>(left, 1 + below(20'000));
      times.append(file, count);
      file += count + below(30'000);
      left -= count;
    }
    std::vector<int> tokens;
    std::vector<WindowSegment> segments;
    for (int at = 0; at < frame_count && segments.size() < 6;) {
      const int end = std::min(frame_count, at + below(80));
      const std::size_t begin = tokens.size();
      for (int i = below(6); i >= 0; --i) tokens.push_back(1 + below(3));
      segments.push_back({at, end, begin, tokens.size()});
      at = end + 1;
    }
    DecodedWindow window;
    for (std::size_t i = 0; i < (tokens.size() + 1) * std::size_t(frame_count); ++i) {
      window.alignment.push_back(static_cast<float>(below(1'000)) / 1'000.0f);
    }
    window.log_probabilities.assign(tokens.size(), -0.1f);
    window.tokens = tokens;
    std::vector<float> speech;
    for (int i = 0; i < frame_count; ++i) speech.push_back(static_cast<float>(below(40) > 15));
    const std::int64_t last_end_ms = below(500);
    const auto timed = words_of_window(
        window, segments, tokenizer(), one_head(), "en",
        {.speech_probabilities = speech,
         .file_ms =
             [&](float frame, Edge edge) {
               return times.to_file_sample(static_cast<std::int64_t>(frame * 320.0f), edge) / 16;
             },
         .frame_count = frame_count,
         .last_end_ms = last_end_ms});
    ASSERT_EQ(timed.size(), segments.size());
    std::int64_t last = last_end_ms;
    std::size_t word_count = 0;
    for (const TimedSegment& segment : timed) {
      ASSERT_FALSE(segment.words.empty());
      ASSERT_EQ(segment.start_ms, segment.words.front().start_ms);
      ASSERT_EQ(segment.end_ms, segment.words.back().end_ms);
      for (const Word& word : segment.words) {
        ASSERT_LE(last, word.start_ms);
        ASSERT_LE(word.start_ms, word.end_ms);
        last = word.end_ms;
        ++word_count;
      }
    }
    ASSERT_EQ(word_count, tokens.size());
    ASSERT_LE(last, std::max(last_end_ms, times.to_file_sample(sample_count, Edge::kEnd) / 16));
  }
}

}  // namespace
}  // namespace katip::engine
