#include "engine/decode/window_decoder.h"

#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/kernels/cross_attention.h"
#include "engine/model/testing/tokenizer.h"

namespace katip::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Text tokens 0 to 9, then those with a meaning, then timestamps.
constexpr int kEnd = 10;
constexpr int kStart = 11;
constexpr int kEnglish = 12;
constexpr int kTurkish = 13;
constexpr int kGerman = 14;
constexpr int kTranslate = 15;
constexpr int kTranscribe = 16;
constexpr int kPrevious = 18;
constexpr int kNoSpeech = 19;
constexpr int kNoTimestamps = 20;
constexpr int kTimestamp = 21;
constexpr int kVocabulary = 40;
constexpr int kFrames = 10;

constexpr int kLoop = 1;  // a text token that spells the same again and again
constexpr int kWord = 2;
constexpr int kOtherWord = 3;

/// A model that is a table: what follows a token, with probabilities.
using Table = std::map<int, std::map<int, float>>;

ModelConfig small_config() {
  ModelConfig config;
  config.audio_context = 100;
  config.text_layer_count = 1;
  config.text_head_count = 1;
  config.state_size = 64;
  config.vocabulary_size = kVocabulary;
  config.alignment_heads = {{0, 0}};
  return config;
}

std::string repeated(std::string_view text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

class WindowDecoderTest : public testing::Test {
 protected:
  WindowDecoderTest()
      : config_(small_config()),
        tokenizer_({{kLoop, repeated(" la", 60)}, {kWord, " hello"}, {kOtherWord, " there"}}),
        rules_(config_, {.end_of_text = kEnd,
                         .start_of_transcript = kStart,
                         .translate = kTranslate,
                         .transcribe = kTranscribe,
                         .start_of_lm = 17,
                         .start_of_previous = kPrevious,
                         .no_speech = kNoSpeech,
                         .no_timestamps = kNoTimestamps,
                         .timestamp_begin = kTimestamp,
                         .language_begin = kEnglish,
                         .language_count = 3}),
        tools_{config_, tokenizer_, rules_, sizeof(float)},
        blocks_(CrossCache::block_size(config_, cross_attention_float32())),
        window_(config_, cross_attention_float32(), kFrames, blocks_) {
    options_.beam_size = 1;
    options_.best_of = 1;
  }

  WindowTask task() {
    WindowTask task;
    task.options = &options_;
    task.language = kTurkish;
    task.audio_frame_count = kFrames;
    return task;
  }

  static void write_row(const Table& table, int last, std::span<float> row) {
    std::ranges::fill(row, -30.0f);
    const auto next = table.find(last);
    if (next == table.end()) return;
    for (const auto& [token, probability] : next->second) {
      row[static_cast<std::size_t>(token)] = std::log(probability);
    }
  }

  /// Runs to the end; the first attempt hears the first table, and so on. What each pass that
  /// starts at position 0 computed is left in prompts_.
  DecodedWindow run(WindowTask task, const std::vector<Table>& attempts) {
    WindowDecoder decoder(tools_, window_, std::move(task));
    std::size_t started = 0;  // attempts; detection of the language is none
    for (int guard = 0; !decoder.is_done() && guard < 1000; ++guard) {
      std::vector<DecoderRow> rows;
      std::vector<int> logit_rows;
      decoder.add_rows(rows, logit_rows);
      if (rows.front().position == 0) {
        prompts_.emplace_back();
        for (const DecoderRow& row : rows) prompts_.back().push_back(row.token);
        if (logit_rows.size() == 2) ++started;
      }
      const Table& table = attempts.at(started == 0 ? 0 : started - 1);
      std::vector<float> logits(logit_rows.size() * kVocabulary);
      for (std::size_t i = 0; i < logit_rows.size(); ++i) {
        write_row(table, rows[static_cast<std::size_t>(logit_rows[i])].token,
                  std::span(logits).subspan(i * kVocabulary, kVocabulary));
      }
      decoder.advance(logits);
    }
    EXPECT_TRUE(decoder.is_done());
    return decoder.take();
  }

  ModelConfig config_;
  TestingTokenizer tokenizer_;
  TokenRules rules_;
  DecodeTools tools_;
  BlockPool blocks_;
  CrossCache window_;
  TranscribeOptions options_;
  std::vector<std::vector<int>> prompts_;
};

/// Says one token for certain; nobody doubts that somebody speaks.
Table certain(int token) {
  return {{kStart, {{kNoSpeech, 0.01f}, {kTurkish, 0.99f}}},
          {kTranscribe, {{kTimestamp, 1.0f}}},
          {kTranslate, {{kTimestamp, 1.0f}}},
          {kTimestamp, {{token, 1.0f}}},
          {token, {{kEnd, 1.0f}}}};
}

/// Says the token as the best of ten that are about as likely.
Table unsure(int token, float probability) {
  Table table = certain(token);
  for (int other = 0; other < 10; ++other) {
    table[kTimestamp][other] = (1.0f - probability) / 9.0f;
  }
  table[kTimestamp][token] = probability;
  return table;
}

TEST_F(WindowDecoderTest, ThePromptNamesLanguageAndTask) {
  EXPECT_THAT(run(task(), {certain(kWord)}).tokens, ElementsAre(kTimestamp, kWord));
  options_.task = Task::kTranslate;
  run(task(), {certain(kWord)});
  EXPECT_THAT(prompts_, ElementsAre(ElementsAre(kStart, kTurkish, kTranscribe),
                                    ElementsAre(kStart, kTurkish, kTranslate)));
}

TEST_F(WindowDecoderTest, AnEnglishModelIsPromptedByTheStartAlone) {
  config_.multilingual = false;
  WindowTask english = task();
  english.language.reset();
  Table table = certain(kWord);
  table[kStart] = {{kTimestamp, 1.0f}};
  EXPECT_THAT(run(english, {table}).tokens, ElementsAre(kTimestamp, kWord));
  EXPECT_THAT(prompts_, ElementsAre(ElementsAre(kStart)));
}

TEST_F(WindowDecoderTest, PreviousTextStandsBeforeTheStart) {
  WindowTask prompted = task();
  prompted.previous = {4, 5, 6};
  run(prompted, {certain(kWord)});
  EXPECT_THAT(prompts_,
              ElementsAre(ElementsAre(kPrevious, 4, 5, 6, kStart, kTurkish, kTranscribe)));
}

TEST_F(WindowDecoderTest, OfALongPreviousTextTheEndIsKept) {
  WindowTask prompted = task();
  prompted.previous.assign(1000, 4);
  prompted.previous.back() = 7;
  run(prompted, {certain(kWord)});
  ASSERT_THAT(prompts_, SizeIs(1));
  EXPECT_THAT(prompts_[0], SizeIs(1 + 223 + 3)) << "half of 448, less one";
  EXPECT_EQ(prompts_[0][223], 7);
  EXPECT_EQ(prompts_[0][224], kStart);
}

TEST_F(WindowDecoderTest, TheMostProbableLanguageIsTaken) {
  WindowTask unknown = task();
  unknown.language.reset();
  Table table = certain(kWord);
  table[kStart] = {{kEnglish, 0.6f}, {kTurkish, 0.3f}, {kGerman, 0.1f}};
  const DecodedWindow heard = run(unknown, {table});
  EXPECT_EQ(heard.language, kEnglish);
  EXPECT_NEAR(heard.language_probability, 0.6f, 1e-5f);
  EXPECT_THAT(prompts_,
              ElementsAre(ElementsAre(kStart), ElementsAre(kStart, kEnglish, kTranscribe)));
}

TEST_F(WindowDecoderTest, OnlyAllowedLanguagesAreDetected) {
  WindowTask unknown = task();
  unknown.language.reset();
  unknown.allowed_languages = {kGerman, kTurkish};
  Table table = certain(kWord);
  table[kStart] = {{kEnglish, 0.6f}, {kTurkish, 0.3f}, {kGerman, 0.1f}};
  const DecodedWindow heard = run(unknown, {table});
  EXPECT_EQ(heard.language, kTurkish);
  EXPECT_NEAR(heard.language_probability, 0.75f, 1e-5f) << "of those that are allowed";
}

TEST_F(WindowDecoderTest, AnImprobableTextIsDecodedAgainAtAHigherTemperature) {
  options_.limits.average_log_probability_min = -0.5f;
  options_.temperatures = {0.0f, 0.4f, 0.8f};
  const DecodedWindow heard =
      run(task(), {unsure(kWord, 0.2f), unsure(kWord, 0.2f), certain(kOtherWord)});
  EXPECT_THAT(heard.tokens, ElementsAre(kTimestamp, kOtherWord));
  EXPECT_EQ(heard.temperature, 0.8f);
  EXPECT_THAT(prompts_, SizeIs(3));
}

TEST_F(WindowDecoderTest, ATextThatRepeatsItselfIsDecodedAgain) {
  options_.temperatures = {0.0f, 0.2f};
  const DecodedWindow heard = run(task(), {certain(kLoop), certain(kWord)});
  EXPECT_THAT(heard.tokens, ElementsAre(kTimestamp, kWord));
  EXPECT_EQ(heard.temperature, 0.2f);
  EXPECT_LT(heard.compression_ratio, options_.limits.compression_ratio_max);
}

TEST_F(WindowDecoderTest, WhenAllAttemptsFailAnImprobableTextIsBetterThanALoop) {
  options_.limits.average_log_probability_min = -0.1f;
  options_.temperatures = {0.0f, 0.2f};
  // The first is drawn without chance: temperature 0 takes the best of ten.
  const DecodedWindow heard = run(task(), {unsure(kWord, 0.5f), certain(kLoop)});
  EXPECT_THAT(heard.tokens, ElementsAre(kTimestamp, kWord));
  EXPECT_EQ(heard.temperature, 0.0f);
}

TEST_F(WindowDecoderTest, AnImprobableTextWhereNobodySeemsToSpeakIsSilence) {
  options_.limits.average_log_probability_min = -0.5f;
  Table table = unsure(kWord, 0.2f);
  table[kStart] = {{kNoSpeech, 0.9f}, {kTurkish, 0.1f}};
  const DecodedWindow heard = run(task(), {table});
  EXPECT_THAT(heard.tokens, IsEmpty());
  EXPECT_THAT(heard.log_probabilities, IsEmpty());
  EXPECT_NEAR(heard.no_speech_probability, 0.9f, 1e-5f);
  EXPECT_THAT(prompts_, SizeIs(1)) << "silence is not decoded again";
}

TEST_F(WindowDecoderTest, AProbableTextStaysWhateverTheDoubtThatSomebodySpeaks) {
  Table table = certain(kWord);
  table[kStart] = {{kNoSpeech, 0.9f}, {kTurkish, 0.1f}};
  EXPECT_THAT(run(task(), {table}).tokens, ElementsAre(kTimestamp, kWord));
}

TEST_F(WindowDecoderTest, ThePromptSaidAgainWhereNobodySeemsToSpeakIsSilence) {
  WindowTask prompted = task();
  prompted.previous = {kOtherWord, kWord};
  Table table = certain(kWord);
  EXPECT_THAT(run(prompted, {table}).tokens, ElementsAre(kTimestamp, kWord)) << "it was said";
  table[kStart] = {{kNoSpeech, 0.9f}, {kTurkish, 0.1f}};
  EXPECT_THAT(run(prompted, {table}).tokens, IsEmpty());
}

/// Says two words in turn and never ends.
Table endless() {
  Table table = certain(kWord);
  table[kWord] = {{kOtherWord, 1.0f}};
  table[kOtherWord] = {{kWord, 1.0f}};
  return table;
}

TEST_F(WindowDecoderTest, ATextThatGoesRoundInCirclesIsDecodedAgain) {
  options_.temperatures = {0.0f, 0.2f};
  EXPECT_THAT(run(task(), {endless(), certain(kWord)}).tokens, ElementsAre(kTimestamp, kWord));
}

TEST_F(WindowDecoderTest, OfATextThatOnlyGoesRoundInCirclesOneRoundIsKept) {
  options_.temperatures = {0.0f};
  const DecodedWindow heard = run(task(), {endless()});
  EXPECT_THAT(heard.tokens, ElementsAre(kTimestamp, kWord, kOtherWord));
  EXPECT_THAT(heard.log_probabilities, SizeIs(3));
  EXPECT_LT(heard.compression_ratio, options_.limits.compression_ratio_max);
}

TEST_F(WindowDecoderTest, OfAPromptOnlyWhatTheModelSawCountsAsSaidAgain) {
  WindowTask prompted = task();
  prompted.previous.assign(1000, kOtherWord);
  prompted.previous.front() = kWord;  // long forgotten
  Table table = certain(kWord);
  table[kStart] = {{kNoSpeech, 0.9f}, {kTurkish, 0.1f}};
  EXPECT_THAT(run(prompted, {table}).tokens, ElementsAre(kTimestamp, kWord));
}

/// Says a word, a pause, and then another word until there is no room left.
Table too_long() {
  constexpr int kPause = kTimestamp + 4;
  Table table = certain(kWord);
  table[kWord] = {{kPause, 1.0f}};
  table[kPause] = {{kPause, 0.5f}, {kOtherWord, 0.5f}};
  table[kOtherWord] = {{kOtherWord, 1.0f}};
  return table;
}

TEST_F(WindowDecoderTest, ATextThatIsTooLongEndsWithItsLastFinishedSegment) {
  config_.text_context = 40;
  options_.temperatures = {0.0f};
  options_.limits.compression_ratio_max = 100.0f;
  const DecodedWindow heard = run(task(), {too_long()});
  EXPECT_THAT(heard.tokens, ElementsAre(kTimestamp, kWord, kTimestamp + 4));
  EXPECT_THAT(heard.log_probabilities, SizeIs(3));
}

TEST_F(WindowDecoderTest, ATextThatIsTooLongWithoutAFinishedSegmentStays) {
  config_.text_context = 40;
  options_.temperatures = {0.0f};
  options_.limits.compression_ratio_max = 100.0f;
  Table table = certain(kOtherWord);
  table[kOtherWord] = {{kOtherWord, 1.0f}};
  EXPECT_THAT(run(task(), {table}).tokens, SizeIs(20)) << "half of the context";
}

TEST_F(WindowDecoderTest, WordTimesTakeOnePassOverTheTextWithoutTimestampsAndPrompt) {
  options_.word_times = WordTimes::kOn;
  WindowTask prompted = task();
  prompted.previous = {4};
  const DecodedWindow heard = run(prompted, {certain(kWord)});
  ASSERT_THAT(prompts_, SizeIs(2));
  EXPECT_THAT(prompts_[1], ElementsAre(kStart, kTurkish, kTranscribe, kNoTimestamps, kWord));
  EXPECT_THAT(heard.alignment, SizeIs(2 * kFrames)) << "the token and the end of text";
}

}  // namespace
}  // namespace katip::engine
