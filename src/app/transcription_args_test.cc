#include "app/transcription_args.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string with_options(const std::string& options) {
  return R"({"job_id": "job_1", "source": "a.wav", "options": )" + options + "}";
}

TEST(TranscriptionArgs, JobAndSourceAreEnough) {
  const auto args = parse_transcription_args(R"({"job_id": "job_1", "source": "uploads/a.wav"})");
  ASSERT_TRUE(args) << args.error().message;
  EXPECT_EQ(args->job_id, "job_1");
  EXPECT_EQ(args->source, "uploads/a.wav");
  EXPECT_THAT(args->formats, IsEmpty());
  EXPECT_EQ(args->options.language, "");
  EXPECT_EQ(args->options.beam_size, engine::TranscribeOptions().beam_size);
  EXPECT_EQ(args->channels, audio::Channels::kMix);
}

TEST(TranscriptionArgs, EveryOptionIsRead) {
  const auto args = parse_transcription_args(
      R"({"job_id": "j", "source": "s", "formats": ["srt", "md"], "options": {
        "language": "Turkish", "languages": ["tr", "en"], "task": "translate", "beam_size": 3,
        "best_of": 2, "patience": 1.5, "length_penalty": 0.5, "temperatures": [0, 0.4],
        "prompt": "Merhaba.", "condition_on_previous_text": true, "vad": false,
        "vad_threshold": 0.4, "word_times": true, "token_scores": true, "seed": 7,
        "channels": "separate",
        "lexicon": ["Ay\u015fe", {"term": "katip", "weight": 2, "alternatives": ["katib"]}]}})");
  ASSERT_TRUE(args) << args.error().message;
  EXPECT_THAT(args->formats, ElementsAre(text::Format::kSrt, text::Format::kMarkdown));
  const engine::TranscribeOptions& options = args->options;
  EXPECT_EQ(options.language, "tr");
  EXPECT_THAT(options.languages, ElementsAre("tr", "en"));
  EXPECT_EQ(options.task, engine::Task::kTranslate);
  EXPECT_EQ(options.beam_size, 3);
  EXPECT_EQ(options.best_of, 2);
  EXPECT_EQ(options.patience, 1.5f);
  EXPECT_EQ(options.length_penalty, 0.5f);
  EXPECT_THAT(options.temperatures, ElementsAre(0.0f, 0.4f));
  EXPECT_EQ(options.initial_prompt, "Merhaba.");
  EXPECT_TRUE(options.condition_on_previous_text);
  EXPECT_EQ(options.vad, engine::Vad::kOff);
  EXPECT_EQ(options.vad_threshold, 0.4f);
  EXPECT_EQ(options.word_times, engine::WordTimes::kOn);
  EXPECT_TRUE(options.token_scores);
  EXPECT_EQ(options.seed, 7U);
  EXPECT_EQ(args->channels, audio::Channels::kSeparate);
  ASSERT_EQ(options.lexicon.size(), 2U);
  EXPECT_EQ(options.lexicon[0].term, "Ayşe");
  EXPECT_EQ(options.lexicon[0].weight, 1.0f);
  EXPECT_EQ(options.lexicon[1].weight, 2.0f);
  EXPECT_THAT(options.lexicon[1].alternatives, ElementsAre("katib"));

  const auto again = parse_transcription_args(to_json(*args));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(to_json(*again), to_json(*args)) << "written and read, nothing is lost";
}

TEST(TranscriptionArgs, OneTemperatureIsAListOfOne) {
  const auto args = parse_transcription_args(with_options(R"({"temperature": 0.2})"));
  ASSERT_TRUE(args);
  EXPECT_THAT(args->options.temperatures, ElementsAre(0.2f));
}

struct Wrong {
  std::string json;
  const char* named;
};

TEST(TranscriptionArgs, WhatIsWrongIsNamed) {
  const std::vector<Wrong> all = {
      {"", "no JSON"},
      {"[1]", "must be an object"},
      {R"({"source": "a.wav"})", "`job_id`"},
      {R"({"job_id": "j", "source": ""})", "`source`"},
      {R"({"job_id": 1, "source": "a.wav"})", "`job_id`: must be a text"},
      {R"({"job_id": "j", "sorce": "a.wav"})", "`sorce`. Did you mean `source`?"},
      {R"({"job_id": "j", "source": "a", "formats": ["srtt"]})", "srt"},
      {with_options(R"({"beam": 5})"), "`beam`. Did you mean `beam_size`?"},
      {with_options(R"({"beam_size": 2.5})"), "`beam_size`: must be a whole number"},
      {with_options(R"({"beam_size": 11})"), "beam size must be 1 to 10"},
      {with_options(R"({"vad": "no"})"), "`vad`: must be true or false"},
      {with_options(R"({"patience": 1e300})"), "`patience`: must be a number"},
      {with_options(R"({"seed": -1})"), "`seed`"},
      {with_options(R"({"language": "klingon"})"), "klingon"},
      {with_options(R"({"languages": "tr"})"), "`languages`: must be a list"},
      {with_options(R"({"languages": [7]})"), "an item: must be a text"},
      {with_options(R"({"task": "sing"})"), "`transcribe` or `translate`"},
      {with_options(R"({"channels": "left"})"), "`mix` or `separate`"},
      {with_options(R"({"temperature": []})"), "temperatures"},
      {with_options(R"({"lexicon": [{"word": "x"}]})"), "`word`"},
      {with_options(R"({"lexicon": [{"weight": 1}]})"), "a term is empty"},
      {with_options(R"({"lexicon": [{"term": "x", "weight": 9}]})"), "weight of 'x'"},
  };
  for (const Wrong& each : all) {
    const auto args = parse_transcription_args(each.json);
    ASSERT_FALSE(args) << each.json;
    EXPECT_EQ(args.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(args.error().message, HasSubstr(each.named)) << each.json;
  }
}

}  // namespace
}  // namespace katip::app
