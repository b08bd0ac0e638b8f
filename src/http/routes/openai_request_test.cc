#include "http/routes/openai_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::http {
namespace {

using testing::ElementsAre;

using Fields = std::vector<std::pair<std::string, std::string>>;

std::expected<SpeechRequest, Failure> parse(Fields fields,
                                            SpeechTask task = SpeechTask::kTranscribe) {
  Form form;
  form.fields = std::move(fields);
  const bool has_model = form.value("model").has_value();
  if (!has_model) form.fields.emplace_back("model", "whisper-1");
  const auto models = app::ModelNames::create("base", {"large-v3"}, {"mine=large-v3"});
  return parse_speech_request(form, task, *models, {});
}

SpeechRequest good(Fields fields, SpeechTask task = SpeechTask::kTranscribe) {
  auto request = parse(std::move(fields), task);
  EXPECT_TRUE(request) << request.error().message;
  return request ? *std::move(request) : SpeechRequest();
}

/// The name of the field that is refused.
std::string refused(Fields fields, SpeechTask task = SpeechTask::kTranscribe) {
  const auto request = parse(std::move(fields), task);
  return request ? "nothing" : request.error().parameter;
}

TEST(OpenAiRequestTest, SaysNothingIsEverythingByDefault) {
  const SpeechRequest request = good({});
  EXPECT_EQ(request.format, SpeechFormat::kJson);
  EXPECT_EQ(request.model.model, "base");
  EXPECT_TRUE(request.wants_segments);
  EXPECT_FALSE(request.wants_words || request.wants_logprobs || request.is_streamed);
  EXPECT_EQ(request.args.options.language, app::TranscriptionArgs().options.language);
}

TEST(OpenAiRequestTest, ModelsAreThoseThatAreHere) {
  EXPECT_EQ(good({{"model", "mine"}}).model.model, "large-v3");
  EXPECT_EQ(good({{"model", "mine"}}).args.model, "large-v3");
  EXPECT_EQ(good({}).args.model, "");
  EXPECT_EQ(refused({{"model", ""}}), "model");
  const auto missing = parse({{"model", "whisper-9"}});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().status, 404);
  EXPECT_EQ(missing.error().openai_code, "model_not_found");
}

TEST(OpenAiRequestTest, FormatsAreThoseOfTheTask) {
  EXPECT_EQ(good({{"response_format", "srt"}}).format, SpeechFormat::kSrt);
  EXPECT_EQ(good({{"response_format", "diarized_json"}}).format, SpeechFormat::kDiarizedJson);
  EXPECT_EQ(refused({{"response_format", "diarized_json"}}, SpeechTask::kTranslate),
            "response_format");
  EXPECT_EQ(refused({{"response_format", "xml"}}), "response_format");
}

TEST(OpenAiRequestTest, TemperaturesAreNumbersFromZeroToOne) {
  EXPECT_THAT(good({{"temperature", "0.5"}}).args.options.temperatures, ElementsAre(0.5f));
  EXPECT_EQ(good({{"temperature", "0"}}).args.options.temperatures,
            app::TranscriptionArgs().options.temperatures);
  for (const char* bad : {"-0.1", "1.1", "nan", "inf", "warm", "0.5 ", "1e400"}) {
    EXPECT_EQ(refused({{"temperature", bad}}), "temperature") << bad;
  }
}

TEST(OpenAiRequestTest, ListsComeInEverySpelling) {
  const std::vector<Fields> spellings = {{{"keywords[]",
                                           "Ay\xC5\x9F"
                                           "e"},
                                          {"keywords[]", "Ali"}},
                                         {{"keywords",
                                           "Ay\xC5\x9F"
                                           "e"},
                                          {"keywords[]", "Ali"}},
                                         {{"keywords",
                                           "[\"Ay\xC5\x9F"
                                           "e\", \"Ali\"]"}}};
  for (const Fields& fields : spellings) {
    EXPECT_EQ(good(fields).args.options.lexicon.size(), 2U);
  }
  Fields many;
  for (int i = 0; i < 1'001; ++i) many.emplace_back("keywords[]", "a");
  EXPECT_EQ(refused(many), "keywords");
}

TEST(OpenAiRequestTest, WordTimesNeedTheFormatThatHasThem) {
  const SpeechRequest words =
      good({{"response_format", "verbose_json"}, {"timestamp_granularities[]", "word"}});
  EXPECT_TRUE(words.wants_words);
  EXPECT_NE(words.args.options.word_times, app::TranscriptionArgs().options.word_times);
  EXPECT_FALSE(words.wants_segments);
  EXPECT_EQ(refused({{"timestamp_granularities[]", "word"}}), "timestamp_granularities");
  EXPECT_EQ(refused({{"response_format", "verbose_json"}, {"timestamp_granularities", "letter"}}),
            "timestamp_granularities");
}

TEST(OpenAiRequestTest, LanguagesAreCodes) {
  EXPECT_EQ(good({{"language", "tr"}}).args.options.language, "tr");
  EXPECT_THAT(good({{"languages", "[\"tr\",\"en\"]"}}).args.options.languages,
              ElementsAre("tr", "en"));
  EXPECT_EQ(refused({{"language", "turkish"}}), "language");
  EXPECT_EQ(refused({{"languages[]", "xx"}}), "languages");
  EXPECT_EQ(good({{"language", "xx"}}, SpeechTask::kTranslate).args.options.language,
            good({}, SpeechTask::kTranslate).args.options.language)
      << "translations pass it over";
}

TEST(OpenAiRequestTest, StreamsAreForThoseWhoCan) {
  const std::pair<std::string, std::string> model = {"model", "gpt-4o-transcribe"};
  EXPECT_TRUE(good({model, {"stream", "true"}}).is_streamed);
  EXPECT_FALSE(good({model, {"stream", "false"}}).is_streamed);
  EXPECT_FALSE(good({{"stream", "True"}}).is_streamed) << "whisper-1 passes it over";
  EXPECT_EQ(refused({model, {"stream", "yes"}}), "stream");
  EXPECT_EQ(refused({model, {"stream", "1"}, {"response_format", "vtt"}}), "stream");
}

TEST(OpenAiRequestTest, ChunkingComesAsWordObjectOrFields) {
  const std::vector<Fields> spellings = {
      {{"chunking_strategy", R"({"type":"server_vad","threshold":0.25})"}},
      {{"chunking_strategy[type]", "server_vad"}, {"chunking_strategy[threshold]", "0.25"}}};
  for (const Fields& fields : spellings) {
    EXPECT_FLOAT_EQ(good(fields).args.options.vad_threshold, 0.25f);
  }
  good({{"chunking_strategy", "auto"}});
  good({{"chunking_strategy", "server_vad"}});
  good({{"chunking_strategy",
         R"({"type":"server_vad","prefix_padding_ms":0,"silence_duration_ms":200})"}});
  good({{"chunking_strategy", R"({"type":"server_vad","threshold":null,"other":[7]})"}});
  good({{"chunking_strategy[type]", "server_vad"},
        {"chunking_strategy[prefix_padding_ms]", "300"},
        {"chunking_strategy[silence_duration_ms]", "200"}});
  for (const char* bad :
       {"{", "[]", "{\"type\":7}x", "never", R"({"type":"server_vad","threshold":1})",
        R"({"type":"server_vad","threshold":-1})", R"({"type":"server_vad","threshold":"0.5"})",
        R"({"type":7})", R"({"type":"server_vad","prefix_padding_ms":"300"})",
        R"({"type":"server_vad","prefix_padding_ms":5001})",
        R"({"type":"server_vad","silence_duration_ms":-1})",
        R"({"type":"server_vad","silence_duration_ms":0.5})"}) {
    EXPECT_EQ(refused({{"chunking_strategy", bad}}), "chunking_strategy") << bad;
  }
  for (const char* field : {"threshold", "prefix_padding_ms", "silence_duration_ms"}) {
    for (const char* bad : {"much", "-1", "1e9", "0x1"}) {
      const std::string name = std::string("chunking_strategy[") + field + "]";
      EXPECT_EQ(refused({{name, bad}}), "chunking_strategy") << name << bad;
    }
  }
}

TEST(OpenAiRequestTest, AModelOfSpeakersWantsToKnowHowLongRecordingsAreCut) {
  const std::pair<std::string, std::string> model = {"model", "gpt-4o-transcribe-diarize"};
  EXPECT_TRUE(good({model}).must_be_short);
  EXPECT_TRUE(good({model, {"chunking_strategy", ""}}).must_be_short);
  EXPECT_FALSE(good({model, {"chunking_strategy", "auto"}}).must_be_short);
  EXPECT_FALSE(good({model, {"chunking_strategy", R"({"type":"server_vad"})"}}).must_be_short);
  EXPECT_FALSE(good({model, {"chunking_strategy[type]", "server_vad"}}).must_be_short);
  EXPECT_FALSE(good({}).must_be_short) << "others cut by themselves";
  EXPECT_FALSE(good({{"model", "mine"}, {"response_format", "diarized_json"}}).must_be_short);
}

TEST(OpenAiRequestTest, KnownSpeakersComeWithTheirVoices) {
  const char* url = "data:audio/wav;base64,UklGRg==";
  EXPECT_EQ(good({{"known_speaker_names[]", "a"}, {"known_speaker_references[]", url}})
                .known_speakers.size(),
            1U);
  EXPECT_EQ(refused({{"known_speaker_names[]", "a"}}), "known_speaker_references");
  EXPECT_EQ(refused({{"known_speaker_names", "a"}, {"known_speaker_references", "a.wav"}}),
            "known_speaker_references");
}

TEST(OpenAiRequestTest, WhatCanBeIncludedNeedsItsFormat) {
  EXPECT_TRUE(good({{"include[]", "logprobs"}}).wants_logprobs);
  EXPECT_EQ(refused({{"include", "words"}}), "include");
  EXPECT_EQ(refused({{"include", "logprobs"}, {"response_format", "text"}}), "include");
}

TEST(OpenAiRequestTest, TextsAreTextsAndDeepJsonIsNoTrouble) {
  EXPECT_EQ(refused({{"prompt", "\xFF"}}), "prompt");
  EXPECT_EQ(refused({{"prompt", std::string("a\0b", 3)}}), "prompt");
  EXPECT_EQ(good({{"prompt", "A talk."}}).args.options.initial_prompt, "A talk.");
  const std::string deep(100'000, '[');
  EXPECT_EQ(good({{"keywords", deep}}).args.options.lexicon.size(), 1U);
  EXPECT_EQ(refused({{"chunking_strategy", "{" + deep}}), "chunking_strategy");
}

TEST(OpenAiRequestTest, TheSchemaShowsWhatIsTaken) {
  EXPECT_GT(speech_schema(SpeechTask::kTranscribe).properties().size(),
            speech_schema(SpeechTask::kTranslate).properties().size());
  EXPECT_TRUE(speech_schema(SpeechTask::kTranslate).is_open());
}

}  // namespace
}  // namespace katip::http
