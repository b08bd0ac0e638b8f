#include "text/writers.h"

#include <fstream>
#include <sstream>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

// The files of tests/golden/text/ were written by these writers and then checked by hand. After a
// wanted change, a failing test names the file that it wrote: read it, then copy it over the old
// one.
namespace katip::text {
namespace {

using ::testing::HasSubstr;

Transcript meeting() {
  return {
      .language = "en",
      .language_probability = 0.9876f,
      .duration_ms = 3'723'450,
      .segments =
          {{.start_ms = 480,
            .end_ms = 4120,
            .text = "Welcome, Mr. Smith & co. Is \"A --> B\" <ok>? Yes, it is.",
            .tokens = {50364, 4027, 11},
            .average_log_probability = -0.28573197f,
            .compression_ratio = 1.25f,
            .no_speech_probability = 0.0123f,
            .words = {{480, 900, " Welcome,", 0.91f, "Ayşe"},
                      {900, 1000, " Mr.", 0.8f, "Ayşe"},
                      {1000, 1300, " Smith", 0.99f, "Ayşe"},
                      {1300, 1400, " &", 0.5f, "Ayşe"},
                      {1400, 1700, " co.", 0.75f, "Ayşe"},
                      {1900, 2000, " Is", 0.9f, "Ayşe"},
                      {2000, 2100, " \"A", 0.9f, "Ayşe"},
                      {2100, 2200, " -->", 0.4f, "Ayşe"},
                      {2200, 2400, " B\"", 0.9f, "Ayşe"},
                      {2400, 2700, " <ok>?", 0.6f, "Ayşe"},
                      {3200, 3500, " Yes,", 0.95f, "B"},
                      {3500, 3700, " it", 0.95f, "B"},
                      {3700, 4120, " is.", 0.95f, "B"}},
            .speaker = "Ayşe"},
           {.start_ms = 9000,
            .end_ms = 15000,
            .text = "[Music] The first item of the agenda is the budget of the new library, which "
                    "we discussed last week.",
            .temperature = 0.2f,
            .window_start_ms = 8500,
            .speaker = "B"},
           {.start_ms = 3'720'000, .end_ms = 3'722'000, .text = "Bye."}},
      .warning = "the file breaks off --> after 1:02:03"};
}

/// Scripts, directions, signs and times that are easy to get wrong.
Transcript mixed() {
  return {.language = "ja",
          .duration_ms = 20'000,
          .segments = {{.start_ms = 0,
                        .end_ms = 4000,
                        .text = "客観的実在の判断的知識が成立するのである。"
                                "東京とニューヨークの間です。"},
                       {.start_ms = 4000, .end_ms = 4000, .text = "零。"},
                       {.start_ms = 3000,
                        .end_ms = 9000,
                        .text = "שלום, מה שלומך? 👩‍👩‍👧 🇹🇷 ❤️"},
                       {.start_ms = 9000, .end_ms = 9100, .text = "bro\xE4ken\tby\nteş\x01t"},
                       {.start_ms = 9100, .end_ms = 9200, .text = " "},
                       {.start_ms = 15000, .end_ms = 12000, .text = "สวัสดีครับผมชื่อสมชาย"}}};
}

std::string read(const std::string& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

void expect_golden(const std::string& name, const Transcript& transcript,
                   const WriteOptions& options = {}) {
  for (const Format format : formats()) {
    if (format == Format::kDocx) {
      continue;  // Its bytes depend on zlib's version; docx_test.cc looks inside.
    }
    const std::string file = name + "." + std::string(file_extension(format));
    const std::string golden = KATIP_SOURCE_DIR "/tests/golden/text/" + file;
    const std::string written = write(transcript, format, options).value();
    if (written != read(golden)) {
      const std::string path = ::testing::TempDir() + file;
      std::ofstream(path, std::ios::binary) << written;
      ADD_FAILURE() << "not as " << golden << ": see " << path << "\n" << written;
    }
  }
}

TEST(Write, WritesAMeetingAsTheGoldenFiles) {
  expect_golden("meeting", meeting(), {.title = "Meeting [1] of *May*"});
}

TEST(Write, WritesNothingSaidAsTheGoldenFiles) {
  expect_golden("empty", {.language = "", .duration_ms = 8000});
}

TEST(Write, WritesEveryScriptAsTheGoldenFiles) { expect_golden("mixed", mixed()); }

TEST(Write, GivesTheSameBytesAgain) {
  for (const Format format : formats()) {
    EXPECT_EQ(write(meeting(), format, {}).value(), write(meeting(), format, {}).value());
  }
}

TEST(Write, RefusesOptionsOutOfRange) {
  const Result<std::string> result = write({}, Format::kText, {.subtitles = {.line_count_max = 9}});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
}

TEST(Write, TakesAHugeTranscript) {
  Transcript transcript{.language = "tr", .duration_ms = 7'200'000};
  for (int i = 0; i < 1000; ++i) {
    transcript.segments.push_back({.start_ms = i * 7200,
                                   .end_ms = i * 7200 + 7000,
                                   .text = "Bugün hava çok güzel, değil mi?"});
  }
  for (const Format format : formats()) {
    EXPECT_TRUE(write(transcript, format, {}).has_value()) << file_extension(format);
  }
}

TEST(WriteText, RunsOnOneLineWhenAsked) {
  const WriteOptions running{.text_layout = TextLayout::kRunning};
  EXPECT_EQ(write({.segments = {{.text = "One."}, {.text = "Two.", .speaker = "A"}}}, Format::kText,
                  running),
            "One. Two.\n");
  EXPECT_EQ(write({}, Format::kText, running), "");
}

TEST(WriteJson, LeavesOutWhatIsNotAskedFor) {
  const WriteOptions words_only{.segments = Shown::kNo};
  const boost::json::value words =
      boost::json::parse(write(meeting(), Format::kJson, words_only).value());
  EXPECT_FALSE(words.as_object().contains("segments"));
  EXPECT_TRUE(words.as_object().contains("words"));
  const WriteOptions segments_only{.words = Shown::kNo};
  const boost::json::value segments =
      boost::json::parse(write(meeting(), Format::kJson, segments_only).value());
  EXPECT_TRUE(segments.as_object().contains("segments"));
  EXPECT_FALSE(segments.as_object().contains("words"));
}

TEST(WriteJson, CallsATranslationEnglish) {
  const boost::json::value translation = boost::json::parse(
      write({.task = Task::kTranslate, .language = "tr"}, Format::kJson, {}).value());
  EXPECT_EQ(translation.at("task"), "translate");
  EXPECT_EQ(translation.at("language"), "english");
  EXPECT_EQ(translation.at("language_code"), "tr");
}

TEST(ParseFormat, TakesExtensionsAndNamesOfEitherCase) {
  EXPECT_EQ(parse_format("srt"), Format::kSrt);
  EXPECT_EQ(parse_format("DOCX"), Format::kDocx);
  EXPECT_EQ(parse_format("text"), Format::kText);
  EXPECT_EQ(parse_format("markdown"), Format::kMarkdown);
  for (const Format format : formats()) {
    EXPECT_EQ(parse_format(file_extension(format)), format);
    EXPECT_FALSE(content_type(format).empty());
  }
}

TEST(ParseFormat, SaysWhatWasMeant) {
  const Result<Format> typo = parse_format("strt");
  ASSERT_FALSE(typo.has_value());
  EXPECT_EQ(typo.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(typo.error().message, HasSubstr("Did you mean `srt`?"));
  EXPECT_THAT(parse_format("photograph").error().message,
              HasSubstr("Formats: txt, srt, vtt, json, tsv, lrc, md, docx"));
  EXPECT_FALSE(parse_format("").has_value());
}

}  // namespace
}  // namespace katip::text
