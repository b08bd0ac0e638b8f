#include "http/routes/realtime_config.h"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

namespace katip::http {
namespace {

namespace json = boost::json;

class RealtimeConfigTest : public ::testing::Test {
 protected:
  /// The field that is refused; empty when nothing is.
  std::string update(std::string_view session) {
    const auto failure = config_.update(json::parse(session).as_object(), models_);
    return failure ? failure->parameter : "";
  }
  const app::ModelNames models_ = *app::ModelNames::create("base", {}, {});
  RealtimeConfig config_;
};

TEST_F(RealtimeConfigTest, SaysBackWhatItWasTold) {
  EXPECT_EQ(update(R"({"type":"transcription","audio":{"input":{
      "format":{"type":"audio/pcma"},"noise_reduction":{"type":"near_field"},
      "transcription":{"model":"gpt-4o-transcribe","language":"tr","prompt":"a","keywords":["b"]},
      "turn_detection":{"type":"server_vad","threshold":0.25,"silence_duration_ms":800,
                        "idle_timeout_ms":6000}}},
      "include":["item.input_audio_transcription.logprobs"]})"),
            "");
  EXPECT_EQ(config_.format, app::LiveFormat::kALaw);
  ASSERT_TRUE(config_.turns);
  EXPECT_FLOAT_EQ(config_.turns->threshold, 0.25f);
  EXPECT_EQ(config_.turns->silence_duration_ms, 800);
  EXPECT_EQ(config_.turns->prefix_padding_ms, 300);
  EXPECT_EQ(config_.turns->idle_timeout_ms, 6'000);
  const json::value told = config_.to_json(RealtimeDialect::kCurrent);
  EXPECT_EQ(told.at_pointer("/audio/input/format/type"), "audio/pcma");
  EXPECT_EQ(told.at_pointer("/audio/input/noise_reduction/type"), "near_field");
  EXPECT_EQ(told.at_pointer("/audio/input/transcription/language"), "tr");
  const app::TranscriptionArgs args = config_.args({}, models_);
  EXPECT_EQ(args.options.language, "tr");
  EXPECT_EQ(args.options.initial_prompt, "a");
  EXPECT_EQ(args.options.lexicon.size(), 1U);
  // What it says can be said to it again.
  RealtimeConfig again;
  EXPECT_FALSE(again.update(told.as_object(), models_));
  EXPECT_EQ(json::value(again.to_json(RealtimeDialect::kCurrent)), told);
}

TEST_F(RealtimeConfigTest, TheBetaHasOtherWords) {
  EXPECT_EQ(update(R"({"input_audio_format":"g711_ulaw","turn_detection":null,
                       "input_audio_transcription":{"model":"whisper-1","language":"en"}})"),
            "");
  EXPECT_EQ(config_.format, app::LiveFormat::kMuLaw);
  EXPECT_FALSE(config_.turns);
  const json::object told = config_.to_json(RealtimeDialect::kBeta);
  EXPECT_EQ(told.at("input_audio_format"), "g711_ulaw");
  EXPECT_TRUE(told.at("turn_detection").is_null());
}

TEST_F(RealtimeConfigTest, WhatIsNotNamedStays) {
  EXPECT_EQ(
      update(R"({"audio":{"input":{"transcription":{"language":"tr"},"turn_detection":null}}})"),
      "");
  EXPECT_EQ(update(R"({"audio":{"input":{"transcription":{"prompt":"x"}}}})"), "");
  EXPECT_EQ(config_.language, "tr");
  EXPECT_FALSE(config_.turns);
  EXPECT_EQ(update("{}"), "");
  EXPECT_EQ(
      update(R"({"audio":{"input":{"turn_detection":{"type":"semantic_vad","eagerness":"low"}}}})"),
      "");
  EXPECT_EQ(config_.turns->silence_duration_ms, 1'000);
}

TEST_F(RealtimeConfigTest, TurnsByMeaningAreSaidBackAsTheyCame) {
  const std::pair<const char*, int> cases[] = {
      {R"({"type":"semantic_vad","eagerness":"low"})", 1'000},
      {R"({"type":"semantic_vad","eagerness":"high"})", 300},
      {R"({"type":"semantic_vad","eagerness":"medium","silence_duration_ms":700})", 700},
      {R"({"type":"semantic_vad","eagerness":"auto","threshold":0.25,"prefix_padding_ms":100,)"
       R"("idle_timeout_ms":6000})",
       500}};
  for (const auto& [turns, silence_ms] : cases) {
    const std::string wanted = std::string(R"({"turn_detection":)") + turns + "}";
    EXPECT_EQ(update(wanted), "");
    EXPECT_EQ(config_.turns->silence_duration_ms, silence_ms) << turns;
    EXPECT_EQ(config_.to_json(RealtimeDialect::kBeta).at("turn_detection"), json::parse(turns));
  }
  EXPECT_EQ(update(R"({"turn_detection":{"type":"semantic_vad"}})"), "");
  EXPECT_EQ(config_.to_json(RealtimeDialect::kBeta).at("turn_detection"),
            json::parse(R"({"type":"semantic_vad","eagerness":"auto"})"));
  EXPECT_EQ(update(R"({"turn_detection":{"type":"server_vad","eagerness":"low"}})"), "");
  const json::object told = config_.to_json(RealtimeDialect::kBeta);
  EXPECT_EQ(told.at("turn_detection").at("type"), "server_vad");
  EXPECT_EQ(config_.turns->silence_duration_ms, 500) << "that has none";
}

TEST_F(RealtimeConfigTest, ADelayIsRefusedAndNoDelayIsNone) {
  const auto failure = config_.update(
      json::parse(R"({"input_audio_transcription":{"delay":"xhigh","language":"tr"}})").as_object(),
      models_);
  ASSERT_TRUE(failure);
  EXPECT_NE(failure->message.find("silence_duration_ms"), std::string::npos)
      << "what to do instead";
  EXPECT_EQ(config_.language, "");
  EXPECT_EQ(update(R"({"audio":{"input":{"transcription":{"delay":null,"language":"tr"}}}})"), "");
  EXPECT_EQ(config_.language, "tr");
}

TEST_F(RealtimeConfigTest, WhatDoesNotFitIsNamedAndChangesNothing) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"audio":7})", "session.audio"},
      {R"({"audio":{"input":{"format":{"type":"audio/mp3"}}}})", "session.audio.input.format.type"},
      {R"({"audio":{"input":{"format":{"type":"audio/pcm","rate":16000}}}})",
       "session.audio.input.format.rate"},
      {R"({"audio":{"input":{"turn_detection":{}}}})", "session.audio.input.turn_detection.type"},
      {R"({"audio":{"input":{"transcription":{"language":"tr","model":"x"}}}})",
       "session.audio.input.transcription.model"},
      {R"({"input_audio_transcription":{"language":"turkish"}})",
       "session.input_audio_transcription.language"},
      {R"({"audio":{"input":{"transcription":{"delay":"low"}}}})",
       "session.audio.input.transcription.delay"},
      {R"({"input_audio_transcription":{"delay":"soon"}})",
       "session.input_audio_transcription.delay"},
      {R"({"include":["everything"]})", "session.include.0"}};
  for (const auto& [session, parameter] : cases) EXPECT_EQ(update(session), parameter);
  EXPECT_EQ(config_.language, "");
}

}  // namespace
}  // namespace katip::http
