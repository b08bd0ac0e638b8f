#include "engine/align/word_limits.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/align/testing/golden.h"

namespace katip::engine {
namespace {

AlignedWord word(float start, float end, std::string text = " word", std::size_t token = 0) {
  return {.start_frame = start,
          .end_frame = end,
          .text = std::move(text),
          .token_begin = token,
          .token_end = token + 1};
}

std::vector<AlignedWord> golden_words(const boost::json::array& rows) {
  std::vector<AlignedWord> words;
  std::size_t token = 0;
  for (const auto& row : rows) {
    const auto& cells = row.as_array();
    words.push_back(word(number(cells[2]), number(cells[3]), cells[0].as_string().c_str(), token));
    words.back().token_end = token += cells[1].to_number<std::size_t>();
  }
  return words;
}

std::vector<AlignedSegment> golden_segments(const boost::json::array& rows) {
  std::vector<AlignedSegment> segments;
  for (const auto& row : rows) {
    const auto& cells = row.as_array();
    segments.push_back({.start_frame = number(cells[0]),
                        .end_frame = number(cells[1]),
                        .token_count = cells[2].to_number<std::size_t>()});
  }
  return segments;
}

// 120 random windows through the reference's own code, which rounds words to half a frame.
TEST(FitSegments, AgreesWithTheReference) {
  const auto cases = parse_golden("segments.json");
  ASSERT_EQ(cases.as_array().size(), 120u);
  for (const auto& one : cases.as_array()) {
    auto words = golden_words(one.at("words").as_array());
    auto segments = golden_segments(one.at("segments").as_array());
    const WordDurations durations = measure_durations(words);
    limit_at_sentence_ends(words, durations);
    merge_punctuation(words);
    const float end = fit_segments(words, segments, durations, number(one.at("last_speech")));
    EXPECT_NEAR(end, number(one.at("last_speech_after")), 0.3);
    for (std::size_t i = 0; i < segments.size(); ++i) {
      const auto& expected = one.at("fitted").as_array()[i].as_array();
      EXPECT_NEAR(segments[i].start_frame, number(expected[0]), 0.3);
      EXPECT_NEAR(segments[i].end_frame, number(expected[1]), 0.3);
      const auto& expected_words = expected[2].as_array();
      ASSERT_EQ(segments[i].word_end - segments[i].word_begin, expected_words.size());
      for (std::size_t w = 0; w < expected_words.size(); ++w) {
        const AlignedWord& got = words[segments[i].word_begin + w];
        EXPECT_EQ(got.text, expected_words[w].at(0).as_string());
        EXPECT_NEAR(got.start_frame, number(expected_words[w].at(1)), 0.3);
        EXPECT_NEAR(got.end_frame, number(expected_words[w].at(2)), 0.3);
      }
    }
  }
}

TEST(FitSegments, NoWordsLeaveTheSegmentsAlone) {
  std::vector<AlignedSegment> segments = {{.start_frame = 3, .end_frame = 9, .token_count = 2}};
  EXPECT_EQ(fit_segments({}, segments, {}, 1.0f), 1.0f);
  EXPECT_EQ(segments[0].start_frame, 3.0f);
  EXPECT_EQ(segments[0].word_end, 0u);
  EXPECT_EQ(fit_segments({}, {}, {}, 7.0f), 7.0f);
}

TEST(MeasureDurations, WordsWithoutLengthDoNotCount) {
  EXPECT_EQ(measure_durations({}).median, 0.0f);
  EXPECT_EQ(measure_durations(std::vector{word(5, 5)}).longest, 0.0f);
  const WordDurations durations = measure_durations(std::vector{word(0, 10), word(10, 10)});
  EXPECT_EQ(durations.median, 10.0f);
  EXPECT_EQ(durations.longest, 20.0f);
  EXPECT_EQ(measure_durations(std::vector{word(0, 500)}).median, 35.0f) << "at most 0.7 s";
}

TEST(MergePunctuation, MarksGoToTheirWords) {
  std::vector<AlignedWord> words = {word(0, 1, " (", 0), word(1, 2, "so", 1),  word(2, 3, ")", 2),
                                    word(3, 4, ",", 3),  word(4, 5, " ok", 4), word(5, 6, ".", 5)};
  merge_punctuation(words);
  ASSERT_EQ(words.size(), 2u);
  EXPECT_EQ(words[0].text, " (so),");
  EXPECT_EQ(words[0].start_frame, 1.0f) << "a mark has no time of its own";
  EXPECT_EQ(words[0].end_frame, 2.0f);
  EXPECT_EQ(words[0].token_begin, 0u);
  EXPECT_EQ(words[0].token_end, 4u);
  EXPECT_EQ(words[1].text, " ok.");
}

TEST(MergePunctuation, MarksAloneStayAWord) {
  std::vector<AlignedWord> words = {word(0, 1, ".", 0)};
  merge_punctuation(words);
  EXPECT_EQ(words.size(), 1u);
  words = {word(0, 1, " (", 0), word(1, 2, " (", 1)};
  merge_punctuation(words);
  ASSERT_EQ(words.size(), 1u);
  EXPECT_EQ(words[0].text, " ( (");
  words.clear();
  merge_punctuation(words);
  EXPECT_TRUE(words.empty());
}

TEST(KeepToSpeech, TheFirstWordStartsWhereSpeechStarts) {
  std::vector<AlignedWord> words = {word(0, 30)};
  keep_to_speech(words, std::vector<FrameSpan>{{18, 60}});
  EXPECT_EQ(words[0].start_frame, 18.0f);
  EXPECT_EQ(words[0].end_frame, 30.0f);
}

TEST(KeepToSpeech, APauseBelongsToNoWord) {
  std::vector<AlignedWord> words = {word(10, 40), word(40, 120), word(120, 140)};
  keep_to_speech(words, std::vector<FrameSpan>{{10, 46}, {95, 160}});
  EXPECT_EQ(words[0].end_frame, 46.0f) << "the last word goes on to the end of the speech";
  EXPECT_EQ(words[1].start_frame, 95.0f);
  EXPECT_EQ(words[1].end_frame, 120.0f);
  EXPECT_EQ(words[2].start_frame, 120.0f);
}

TEST(KeepToSpeech, AWordWithoutSpeechStaysAsItIs) {
  std::vector<AlignedWord> words = {word(0, 30), word(30, 30), word(30, 60)};
  keep_to_speech(words, std::vector<FrameSpan>{{40, 50}});
  EXPECT_EQ(words[0].start_frame, 0.0f);
  EXPECT_EQ(words[1].end_frame, 30.0f);
  EXPECT_EQ(words[2].start_frame, 40.0f);
  EXPECT_EQ(words[2].end_frame, 50.0f);
}

TEST(KeepToSpeech, TheEdgeOfTheNextWordIsNoWord) {
  std::vector<AlignedWord> words = {word(0, 60)};
  keep_to_speech(words, std::vector<FrameSpan>{{20, 40}, {58, 90}});
  EXPECT_EQ(words[0].start_frame, 20.0f);
  EXPECT_EQ(words[0].end_frame, 40.0f);
}

TEST(KeepToSpeech, WhateverTheSpansTimesStayInOrder) {
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    std::vector<AlignedWord> words;
    float at = 0;
    for (int i = 0; i < 12; ++i) {
      const float end = at + static_cast<float>(random() % 40);
      words.push_back(word(at, end));
      at = end;
    }
    std::vector<FrameSpan> speech;
    for (std::size_t begin = 0; begin < 400;) {
      const std::size_t end = begin + random() % 50;
      speech.push_back({begin, end});  // empty ones too
      begin = end + 1 + random() % 30;
    }
    keep_to_speech(words, speech);
    float last = 0;
    for (const AlignedWord& one : words) {
      EXPECT_LE(last, one.start_frame);
      EXPECT_LE(one.start_frame, one.end_frame);
      last = one.end_frame;
    }
  }
}

TEST(PutInOrder, TheLaterStartWins) {
  std::vector<AlignedWord> words = {word(3, 12), word(10, 20), word(8, 9), word(30, 25)};
  put_in_order(words, 5.0f, 28.0f);
  EXPECT_EQ(words[0].start_frame, 5.0f) << "the floor";
  EXPECT_EQ(words[0].end_frame, 10.0f) << "the end gives way";
  EXPECT_EQ(words[1].end_frame, 10.0f);
  EXPECT_EQ(words[2].start_frame, 10.0f) << "never before the word in front";
  EXPECT_EQ(words[2].end_frame, 10.0f);
  EXPECT_EQ(words[3].start_frame, 28.0f) << "never beyond the window";
  EXPECT_EQ(words[3].end_frame, 28.0f);
}

TEST(PutInOrder, AnythingComesOutInOrder) {
  std::mt19937 random(5);
  const auto any = [&] { return static_cast<float>(random() % 1'000) - 100.0f; };
  for (int round = 0; round < 300; ++round) {
    std::vector<AlignedWord> words;
    for (int i = 0; i < 10; ++i) words.push_back(word(any(), any()));
    const float floor = any();
    put_in_order(words, floor, 700.0f);
    float last = std::clamp(floor, 0.0f, 700.0f);
    for (const AlignedWord& one : words) {
      ASSERT_LE(last, one.start_frame);
      ASSERT_LE(one.start_frame, one.end_frame);
      ASSERT_LE(one.end_frame, 700.0f);
      last = one.end_frame;
    }
  }
  put_in_order({}, 0.0f, 0.0f);
}

TEST(PutInOrder, GoodTimesStayAsTheyAre) {
  std::vector<AlignedWord> words = {word(1, 2), word(2, 2), word(4, 7)};
  put_in_order(words, -50.0f, 7.0f);
  EXPECT_EQ(words[0].start_frame, 1.0f);
  EXPECT_EQ(words[0].end_frame, 2.0f);
  EXPECT_EQ(words[1].end_frame, 2.0f);
  EXPECT_EQ(words[2].start_frame, 4.0f);
  EXPECT_EQ(words[2].end_frame, 7.0f);
}

TEST(SpeechSpans, ShortGapsAreClosedAndLongOnesKept) {
  // 640 samples are two frames.
  const std::vector<float> probabilities = {0.1f, 0.9f, 0.2f, 0.8f, 0.1f, 0.1f, 0.1f, 0.6f};
  const auto spans = speech_spans(probabilities, 640, 16, {.delay_frames = 0});
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].begin, 2u);
  EXPECT_EQ(spans[0].end, 8u);
  EXPECT_EQ(spans[1].begin, 14u);
  EXPECT_EQ(spans[1].end, 16u);
}

TEST(SpeechSpans, SpeechBeginsBeforeItIsNoticed) {
  std::vector<float> probabilities(20, 0.0f);
  probabilities[0] = probabilities[5] = probabilities[10] = 1.0f;
  const auto spans =
      speech_spans(probabilities, 320, 20, {.silence_frames_min = 2, .delay_frames = 6});
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(spans[0].begin, 0u) << "not before the window";
  EXPECT_EQ(spans[1].begin, 1u) << "not before the end of the last";
  EXPECT_EQ(spans[1].end, 6u);
  EXPECT_EQ(spans[2].begin, 6u);
}

TEST(SpeechSpans, FramesWithoutProbabilityAreSilent) {
  EXPECT_TRUE(speech_spans({}, 512, 1500).empty());
  const std::vector<float> loud(3, 1.0f);
  const auto spans = speech_spans(loud, 512, 1500);
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_EQ(spans[0].end, 5u) << "1536 samples are 4.8 frames";
}

}  // namespace
}  // namespace katip::engine
