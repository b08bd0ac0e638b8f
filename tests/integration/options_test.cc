#include <algorithm>
#include <set>
#include <stop_token>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/engine.h"
#include "integration/testing.h"
#include "text/word_errors.h"

namespace katip::integration {
namespace {

using engine::Engine;
using engine::Precision;
using engine::Segment;
using engine::Task;
using engine::TranscribeOptions;
using engine::Transcription;
using engine::Vad;
using engine::WordTimes;
using testing::AnyOf;
using testing::HasSubstr;

class Options : public EngineTest {};

std::vector<float> long_recording() { return joined(librivox(), 2000); }

std::string all_words() {
  std::string words;
  for (const Recording& each : librivox()) words += each.reference + ' ';
  return words;
}

std::int64_t errors(const Transcription& heard, std::string_view reference) {
  const auto comparison = text::compare(reference, text_of(heard), "en");
  if (comparison.count.errors() > 0) {
    testing::Test::RecordProperty("errors", text::readable_errors(comparison));
  }
  return comparison.count.errors();
}

TEST_F(Options, TranslatingGivesEnglish) {
  KATIP_NEEDS_RECORDINGS();
  const auto heard = transcribe(samples(recording("leopard_es.wav").path),
                                {.language = "es", .task = Task::kTranslate});
  EXPECT_EQ(heard.language, "es");
  EXPECT_THAT(text_of(heard), AnyOf(HasSubstr("sand"), HasSubstr("Sand")));
  EXPECT_THAT(text_of(heard), HasSubstr(" and "));
}

TEST_F(Options, DetectionChoosesFromTheLanguagesAllowed) {
  KATIP_NEEDS_RECORDINGS();
  const std::vector<float>& portuguese = samples(recording("leopard_pt.wav").path);
  EXPECT_EQ(transcribe(portuguese, {}).language, "pt");
  const auto heard = transcribe(portuguese, {.languages = {"ja", "es", "ko"}});
  EXPECT_EQ(heard.language, "es");
  EXPECT_GT(heard.language_probability, 0.5f) << "of those that were allowed";
  EXPECT_EQ(transcribe(portuguese, {.languages = {"ja"}}).language, "ja");
}

TEST_F(Options, AnInitialPromptLendsItsSpelling) {
  KATIP_NEEDS_LIBRIVOX();
  const std::vector<float>& pcm = samples(librivox()[0].path);
  ASSERT_THAT(text_of(transcribe(pcm, {.language = "en"})), HasSubstr("Dashwood"));
  const auto heard =
      transcribe(pcm, {.language = "en", .initial_prompt = "The letters of Mr. Jon Dashwoode."});
  EXPECT_THAT(text_of(heard), HasSubstr("Jon Dashwoode"));
}

TEST_F(Options, AnInitialPromptIsNotHeardInSilence) {
  KATIP_NEEDS_RECORDINGS();
  for (const char* name : {"silence_1s.wav", "silence_8s.wav", "noise_only.wav"}) {
    const auto heard =
        transcribe(samples(recording(name).path),
                   {.language = "en", .initial_prompt = "The letters of Mr. Jon Dashwoode."});
    EXPECT_EQ(text_of(heard), "") << name;
  }
}

TEST_F(Options, WindowsPromptedByTheTextBeforeThemKeepTheWords) {
  KATIP_NEEDS_LIBRIVOX();
  const std::vector<float> pcm = long_recording();
  ASSERT_GT(pcm.size(), 30u * 16'000u);
  const auto heard = transcribe(pcm, {.language = "en", .condition_on_previous_text = true});
  EXPECT_LE(errors(heard, all_words()), 4);
}

TEST_F(Options, WordsStandInOrderWithinTheirSegmentAndSpellItsText) {
  KATIP_NEEDS_LIBRIVOX();
  const auto heard = transcribe(long_recording(), {.language = "en", .word_times = WordTimes::kOn});
  std::int64_t last_end = 0;
  for (const Segment& segment : heard.segments) {
    std::string spelled;
    for (const engine::Word& word : segment.words) {
      EXPECT_LE(last_end, word.start_ms) << word.text;
      EXPECT_LE(word.start_ms, word.end_ms) << word.text;
      EXPECT_GT(word.probability, 0.0f);
      EXPECT_LE(word.probability, 1.0f);
      last_end = word.end_ms;
      spelled += word.text;
    }
    EXPECT_EQ(spelled.substr(spelled.find_first_not_of(' ')), segment.text);
  }
  EXPECT_LE(last_end, heard.duration_ms);
}

TEST_F(Options, OneSeedGivesOneTextAndAnotherGivesAnother) {
  KATIP_NEEDS_RECORDINGS();
  const std::vector<float>& pcm = samples(recording("leopard_it.wav").path);
  std::set<std::string> texts;
  for (const std::uint64_t seed : {1u, 2u, 3u, 4u}) {
    const TranscribeOptions options{
        .language = "it", .best_of = 1, .temperatures = {1.0f}, .seed = seed};
    const std::string text = text_of(transcribe(pcm, options));
    EXPECT_EQ(text_of(transcribe(pcm, options)), text) << seed;
    texts.insert(text);
  }
  EXPECT_GT(texts.size(), 1u);
}

TEST_F(Options, WithoutTheVoiceActivityModelTheWordsAreTheSame) {
  KATIP_NEEDS_LIBRIVOX();
  const auto heard = transcribe(long_recording(), {.language = "en", .vad = Vad::kOff});
  EXPECT_LE(errors(heard, all_words()), 4);
  EXPECT_EQ(heard.speech_ms, heard.duration_ms);
}

TEST_F(Options, AnEnglishModelHearsEnglishAndRefusesTheRest) {
  KATIP_NEEDS_LIBRIVOX();
  if (!std::filesystem::exists(model_dir("tiny.en"))) {
    GTEST_SKIP() << "no model tiny.en in .deps/models: run tools/setup";
  }
  const auto tiny =
      Engine::open({.model_dir = model_dir("tiny.en"), .vad_dir = model_dir("silero-vad")});
  ASSERT_TRUE(tiny) << tiny.error().message;
  EXPECT_FALSE((*tiny)->model().multilingual);
  const auto heard = transcribe(**tiny, long_recording(), {});
  EXPECT_EQ(heard.language, "en");
  EXPECT_LE(errors(heard, all_words()), 6);
  for (const TranscribeOptions& options :
       {TranscribeOptions{.language = "tr"}, TranscribeOptions{.task = Task::kTranslate}}) {
    const auto refused = (*tiny)->transcribe(reader_of({}), options, {}, std::stop_token());
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("English only"));
  }
}

TEST_F(Options, Float32GivesTheTextOfInt8WhereSpeechIsClear) {
  KATIP_NEEDS_LIBRIVOX();
  const auto exact = Engine::open({.model_dir = model_dir("base"),
                                   .vad_dir = model_dir("silero-vad"),
                                   .precision = Precision::kFloat32});
  ASSERT_TRUE(exact) << exact.error().message;
  std::int64_t different_words = 0;
  for (const Recording& each : librivox()) {
    const TranscribeOptions options{.language = "en"};
    const auto heard = transcribe(samples(each.path), options);
    different_words += errors(heard, text_of(transcribe(**exact, samples(each.path), options)));
  }
  EXPECT_LE(different_words, 1) << "of 67";
}

TEST_F(Options, WithoutVoiceActivityWeightsTheVadMustBeOff) {
  const auto engine = Engine::open({.model_dir = model_dir("base")});
  ASSERT_TRUE(engine) << engine.error().message;
  const auto refused = (*engine)->transcribe(reader_of({}), {}, {}, std::stop_token());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE((*engine)->transcribe(reader_of({}), {.vad = Vad::kOff}, {}, std::stop_token()));
}

}  // namespace
}  // namespace katip::integration
