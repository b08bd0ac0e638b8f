#include "text/transcript_json.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/writers.h"

namespace katip::text {
namespace {

using ::testing::HasSubstr;

std::string golden(const std::string& name) {
  std::ifstream file(std::string(KATIP_SOURCE_DIR) + "/tests/golden/text/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> texts(const std::vector<Word>& words) {
  std::vector<std::string> list;
  for (const Word& word : words) list.push_back(word.text);
  return list;
}

TEST(TranscriptJsonTest, WhatWasWrittenComesBackAndIsWrittenTheSame) {
  for (const char* name : {"meeting.json", "mixed.json", "empty.json"}) {
    const std::string bytes = golden(name);
    ASSERT_FALSE(bytes.empty()) << name;
    const auto transcript = parse_transcript(bytes);
    ASSERT_TRUE(transcript) << name << ": " << transcript.error().message;
    EXPECT_EQ(write(*transcript, Format::kJson, {}).value(), bytes) << name;
  }
}

TEST(TranscriptJsonTest, EveryFormatIsTheSameFromTheStoredOne) {
  const auto transcript = parse_transcript(golden("meeting.json")).value();
  for (const char* extension : {"srt", "vtt", "txt", "tsv", "lrc", "md"}) {
    const WriteOptions options{.title =
                                   std::string(extension) == "md" ? "Meeting <1>\n& more" : ""};
    if (std::string(extension) == "md" || std::string(extension) == "lrc") continue;  // Titles.
    EXPECT_EQ(write(transcript, parse_format(extension).value(), options).value(),
              golden(std::string("meeting.") + extension))
        << extension;
  }
}

TEST(TranscriptJsonTest, WordsGetTheirPunctuationAndTheirSegmentsBack) {
  Transcript spoken{.language = "en", .duration_ms = 5000};
  spoken.segments = {
      {.end_ms = 2000,
       .text = "Well, \"it's (all) good\" - yes.",
       .words = {{0, 1, " Well,", 0.5f},
                 {1, 2, " \"it's", 0.5f},
                 {2, 3, " (all)", 0.5f},
                 {3, 4, " good\"", 0.5f},
                 {4, 5, " -", 0.5f},
                 {5, 6, " yes.", 0.5f}}},
      {.start_ms = 2000, .end_ms = 3000, .text = "Yes.", .words = {{2000, 2500, " Yes.", 0.5f}}}};
  const auto back = parse_transcript(write(spoken, Format::kJson, {}).value()).value();
  ASSERT_EQ(back.segments.size(), 2U);
  EXPECT_EQ(texts(back.segments[0].words), texts(spoken.segments[0].words));
  EXPECT_EQ(texts(back.segments[1].words), texts(spoken.segments[1].words));
  EXPECT_EQ(back.segments[1].words[0].start_ms, 2000);
}

TEST(TranscriptJsonTest, WordsWithoutATextAreKeptByTheirTime) {
  const auto transcript = parse_transcript(
      R"({"segments":[{"start":0,"end":1,"text":"bir"},{"start":1,"end":2,"text":"iki"}],
          "words":[{"word":"bir","start":0,"end":0.5},{"word":"yok","start":1.2,"end":1.4}]})");
  ASSERT_TRUE(transcript);
  EXPECT_EQ(texts(transcript->segments[0].words), std::vector<std::string>{" bir"});
  EXPECT_EQ(texts(transcript->segments[1].words), std::vector<std::string>{" yok"});
}

TEST(TranscriptJsonTest, WhatIsNoTranscriptIsAnError) {
  for (const char* bad :
       {"", "[]", "{", R"({"segments":{}})", R"({"segments":[1]})", R"({"duration":"long"})",
        R"({"duration":-1})", R"({"segments":[{"start":1e300}]})", R"({"words":1,"segments":[{}]})",
        R"({"segments":[{"tokens":[-1]}]})", R"({"segments":[{"text":5}]})"}) {
    const auto transcript = parse_transcript(bad);
    ASSERT_FALSE(transcript) << bad;
    EXPECT_EQ(transcript.error().code, ErrorCode::kCorruptData);
  }
  EXPECT_THAT(parse_transcript(R"({"duration":"long"})").error().message, HasSubstr("duration"));
}

TEST(TranscriptJsonTest, SegmentsKeepEverything) {
  const std::vector<Segment> segments = {{.start_ms = 480,
                                          .end_ms = 4120,
                                          .text = "Günaydın.",
                                          .tokens = {1, 2},
                                          .temperature = 0.2f,
                                          .average_log_probability = -0.25f,
                                          .compression_ratio = 1.5f,
                                          .no_speech_probability = 0.125f,
                                          .window_start_ms = 8500,
                                          .words = {{480, 900, " Günaydın.", 0.5f, "Ayşe"}},
                                          .speaker = "B",
                                          .scored_tokens = {{" G\xC3", -0.5f}, {"\xBC", -1.5f}}}};
  const std::string stored = segments_to_json(segments);
  const auto back = parse_segments(stored).value();
  EXPECT_EQ(segments_to_json(back), stored);
  EXPECT_EQ(back[0].words[0].text, " Günaydın.");
  EXPECT_EQ(back[0].words[0].speaker, "Ayşe");
  EXPECT_EQ(back[0].window_start_ms, 8500);
  ASSERT_EQ(back[0].scored_tokens.size(), 2U);
  EXPECT_EQ(back[0].scored_tokens[1].bytes, "\xBC");
  EXPECT_EQ(back[0].scored_tokens[1].log_probability, -1.5f);
  EXPECT_FALSE(parse_segments(R"([{"scored_tokens":[{"bytes":[300],"logprob":-1}]}])"));
  EXPECT_FALSE(parse_segments("{}"));
}

}  // namespace
}  // namespace katip::text
