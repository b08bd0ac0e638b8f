#include "http/routes/openai_answer.h"

#include <limits>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::http {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::StartsWith;

app::Transcript talk() {
  app::Transcript transcript{.language = "en", .language_probability = 1, .duration_ms = 7'100};
  transcript.segments = {
      {.start_ms = 0,
       .end_ms = 2'000,
       .text = "Good morning.",
       .words = {{.start_ms = 0, .end_ms = 900, .text = " Good", .probability = 1},
                 {.start_ms = 900, .end_ms = 2'000, .text = " morning.", .probability = 0}},
       .scored_tokens = {{" Good", -0.25f},
                         {" morning.", -std::numeric_limits<float>::infinity()},
                         {"\xC5", -1.0f}}},
      {.start_ms = 2'000, .end_ms = 7'000, .text = "Bye.", .speaker = "B"}};
  return transcript;
}

std::string body_of(const SpeechRequest& request, const app::Transcript& transcript = talk()) {
  const Answer answer = openai_answer(request, transcript);
  EXPECT_TRUE(answer) << answer.error().message;
  return answer ? std::get<std::string>(answer->body) : "";
}

/// The objects of the events, with "[DONE]" as a text.
std::vector<json::value> events_of(std::string_view text) {
  std::vector<json::value> events;
  while (!text.empty()) {
    EXPECT_TRUE(text.starts_with("data: "));
    const std::size_t end = text.find("\n\n");
    const std::string_view data = text.substr(6, end - 6);
    events.push_back(data == "[DONE]" ? json::value("[DONE]") : json::parse(data));
    text.remove_prefix(end + 2);
  }
  return events;
}

TEST(OpenAiAnswerTest, JsonHasTextAndWhatItCost) {
  const json::value body = json::parse(body_of({}));
  EXPECT_EQ(body, json::parse(R"({"text": "Good morning. Bye.",
                                  "usage": {"type": "duration", "seconds": 8}})"));
}

TEST(OpenAiAnswerTest, LogprobsAreThoseOfTheTokens) {
  SpeechRequest request;
  request.wants_logprobs = true;
  request.args.options.languages = {"en", "tr"};
  const json::value body = json::parse(body_of(request));
  const json::array& tokens = body.at("logprobs").as_array();
  ASSERT_EQ(tokens.size(), 3U);
  EXPECT_EQ(tokens[0].at("token"), " Good");
  EXPECT_EQ(tokens[0].at("bytes"), (json::array{32, 71, 111, 111, 100}));
  EXPECT_EQ(tokens[0].at("logprob"), -0.25);
  EXPECT_EQ(tokens[1].at("logprob").to_number<double>(), -100) << "JSON has no -inf";
  EXPECT_EQ(tokens[2].at("token"), "\uFFFD") << "half a character";
  EXPECT_EQ(tokens[2].at("bytes"), (json::array{0xC5}));
  EXPECT_EQ(body.at_pointer("/languages/0/code"), "en");
}

TEST(OpenAiAnswerTest, EveryFormatIsWhatItsNameSays) {
  EXPECT_EQ(body_of({.format = SpeechFormat::kText}), "Good morning. Bye.\n");
  EXPECT_THAT(body_of({.format = SpeechFormat::kSrt}), StartsWith("1\n00:00:00,000 --> "));
  EXPECT_THAT(body_of({.format = SpeechFormat::kVtt}), StartsWith("WEBVTT\n"));
  const json::value verbose = json::parse(body_of({.format = SpeechFormat::kVerboseJson}));
  EXPECT_EQ(verbose.at("language"), "english");
  EXPECT_EQ(verbose.at("segments").as_array().size(), 2U);
  EXPECT_FALSE(verbose.as_object().contains("words"));
  const json::value diarized = json::parse(body_of({.format = SpeechFormat::kDiarizedJson}));
  EXPECT_EQ(diarized.at_pointer("/segments/0/speaker"), "A");
  EXPECT_EQ(diarized.at_pointer("/segments/1/speaker"), "B");
  EXPECT_EQ(diarized.at_pointer("/segments/1/id"), "seg_002");
}

TEST(OpenAiAnswerTest, ARecordingIsAtLeastATenthOfASecond) {
  app::Transcript transcript{.duration_ms = 99};
  const Answer answer = openai_answer({}, transcript);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().openai_code, "audio_too_short");
  transcript.duration_ms = 100;
  EXPECT_EQ(json::parse(body_of({}, transcript)).at("text"), "");
}

TEST(OpenAiAnswerTest, BadFilesAreTheClientsFault) {
  const Failure bad = openai_failure({ErrorCode::kInvalidArgument, "no audio stream"});
  EXPECT_EQ(bad.status, 400);
  EXPECT_EQ(bad.parameter, "file");
  EXPECT_THAT(bad.message, HasSubstr("(no audio stream)"));
  EXPECT_EQ(openai_failure({ErrorCode::kCorruptData, "x"}).status, 400);
  EXPECT_EQ(openai_failure({ErrorCode::kCancelled, "x"}).status, 409);
  EXPECT_EQ(openai_failure({ErrorCode::kInternal, "secret"}).hidden, "secret");
}

TEST(OpenAiEventsTest, DeltasComeToTheTextOfTheEnd) {
  SpeechEvents events({});
  const app::Transcript transcript = talk();
  std::string text;
  const auto take = [&](const std::string& sent) {
    for (const json::value& event : events_of(sent)) {
      if (event.is_object() && event.at("type") == "transcript.text.delta") {
        text += event.at("delta").as_string();
      }
    }
  };
  take(events.segments({transcript.segments[0]}));
  EXPECT_EQ(text, "Good morning.");
  const std::string end = events.done(transcript);
  take(end);
  EXPECT_EQ(text, "Good morning. Bye.");
  const auto last = events_of(end);
  ASSERT_EQ(last.size(), 3U);
  EXPECT_EQ(std::string(last[1].at("text").as_string()), text);
  EXPECT_EQ(last[1].at("usage").at("seconds"), 8);
  EXPECT_EQ(last[2], "[DONE]");
}

TEST(OpenAiEventsTest, DeltasBringTheirTokensWhereTheyAreAskedFor) {
  SpeechRequest request;
  request.wants_logprobs = true;
  SpeechEvents events(request);
  const app::Transcript transcript = talk();
  const std::string all = events.segments({transcript.segments[0]}) + events.done(transcript);
  json::array of_deltas;
  json::array of_the_end;
  for (const json::value& event : events_of(all)) {
    if (!event.is_object()) continue;
    const bool is_delta = event.at("type") == "transcript.text.delta";
    for (const json::value& token : event.at("logprobs").as_array()) {
      (is_delta ? of_deltas : of_the_end).push_back(token);
    }
  }
  EXPECT_EQ(of_deltas.size(), 3U);
  EXPECT_EQ(of_deltas, of_the_end);
  EXPECT_EQ(events_of(SpeechEvents({}).segments({transcript.segments[0]}))
                .at(0)
                .as_object()
                .contains("logprobs"),
            false);
}

TEST(OpenAiEventsTest, ADeltaOfSeveralSpeakersSaysWhichSegmentItIsOf) {
  SpeechEvents events({.format = SpeechFormat::kDiarizedJson});
  std::vector<std::string> told;
  for (const json::value& event : events_of(events.segments(talk().segments))) {
    const bool is_delta = event.at("type") == "transcript.text.delta";
    told.emplace_back(event.at(is_delta ? "segment_id" : "id").as_string());
    if (is_delta) told.back() += ":" + std::string(event.at("delta").as_string());
  }
  EXPECT_THAT(told,
              testing::ElementsAre("seg_001:Good morning.", "seg_001", "seg_002: Bye.", "seg_002"));
}

TEST(OpenAiEventsTest, TheEndNamesTheLanguageWhereTheAnswerDoes) {
  app::Transcript transcript = talk();
  transcript.language = "tr";
  const auto ends_with_languages = [&](const SpeechRequest& request) {
    const auto events = events_of(SpeechEvents(request).done(transcript));
    const json::object& done = events.at(events.size() - 2).as_object();
    const json::value* languages = done.if_contains("languages");
    return languages != nullptr && languages->at(0).at("code") == "tr";
  };
  SpeechRequest request{.format = SpeechFormat::kJson};
  EXPECT_FALSE(ends_with_languages(request)) << "it was not asked";
  request.args.options.languages = {"tr", "en"};
  EXPECT_TRUE(ends_with_languages(request));
  request.format = SpeechFormat::kDiarizedJson;
  EXPECT_FALSE(ends_with_languages(request));
}

TEST(OpenAiEventsTest, SegmentsAreToldOnceAndNumbered) {
  SpeechEvents events({.format = SpeechFormat::kDiarizedJson});
  const app::Transcript transcript = talk();
  std::string all = events.segments({transcript.segments[0]});
  all += events.done(transcript);
  std::vector<std::string> ids;
  for (const json::value& event : events_of(all)) {
    if (event.is_object() && event.at("type") == "transcript.text.segment") {
      ids.emplace_back(event.at("id").as_string());
    }
  }
  EXPECT_THAT(ids, testing::ElementsAre("seg_001", "seg_002"));
}

TEST(OpenAiEventsTest, AFailureIsAnEventToo) {
  const auto events = events_of(SpeechEvents::failed(Failure(400, "X", "no")));
  EXPECT_EQ(events.at(0).at("error").at("message"), "no");
}

}  // namespace
}  // namespace katip::http
