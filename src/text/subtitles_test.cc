#include "text/subtitles.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/unicode/characters.h"

namespace katip::text {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string without_spaces(const std::string& text) {
  std::string squeezed;
  std::ranges::copy_if(text, std::back_inserter(squeezed), [](char c) { return c != ' '; });
  return squeezed;
}

std::string text_of(const std::vector<Cue>& cues) {
  std::string text;
  for (const Cue& cue : cues) {
    for (const std::string& line : cue.lines) {
      text += line;
    }
  }
  return without_spaces(text);
}

int width_of(const Cue& cue) {
  int width = 0;
  for (const std::string& line : cue.lines) {
    width += display_width(line);
  }
  return width;
}

void expect_lines_within_limits(const Cue& cue, const SubtitleOptions& options) {
  EXPECT_GE(cue.lines.size(), 1u);
  EXPECT_LE(cue.lines.size(), static_cast<std::size_t>(options.line_count_max));
  for (const std::string& line : cue.lines) {
    EXPECT_TRUE(display_width(line) <= options.line_width_max || line.find(' ') == line.npos)
        << line;
    EXPECT_EQ(line, trimmed(line));
    EXPECT_FALSE(line.empty());
  }
}

/// What every list of cues keeps, whatever the transcript.
void expect_the_rules(const Transcript& transcript, const std::vector<Cue>& cues,
                      const SubtitleOptions& options) {
  EXPECT_EQ(text_of(cues), without_spaces(full_text(cleaned(transcript))));
  for (std::size_t i = 0; i < cues.size(); ++i) {
    const Cue& cue = cues[i];
    SCOPED_TRACE("cue " + std::to_string(i) + " of " + std::to_string(cues.size()));
    expect_lines_within_limits(cue, options);
    EXPECT_GE(cue.start_ms, 0);
    EXPECT_GT(cue.end_ms, cue.start_ms);
    EXPECT_LE(cue.end_ms - cue.start_ms, options.cue_ms_max);
    const bool next_is_near =
        i + 1 < cues.size() && cues[i + 1].start_ms <= cue.end_ms + options.gap_ms_min;
    if (i + 1 < cues.size()) {
      EXPECT_GE(cues[i + 1].start_ms, cue.end_ms + options.gap_ms_min);
    }
    if (!next_is_near) {
      EXPECT_GE(cue.end_ms - cue.start_ms, options.cue_ms_min);
      const double seconds = static_cast<double>(cue.end_ms - cue.start_ms) / 1000;
      EXPECT_TRUE(width_of(cue) <= options.reading_speed_max * seconds + 1e-6 ||
                  cue.end_ms - cue.start_ms == options.cue_ms_max);
    }
  }
}

std::string random_word(std::mt19937& random) {
  static const std::vector<std::string> kWords = {
      "the",
      "of",
      "house,",
      "and",
      "Walked.",
      "London",
      "Bridge",
      "20",
      "\"so\"",
      "şöyle",
      "bir",
      "gün;",
      "日本",
      "語。",
      "한국어",
      "ไทยภาษา",
      "שלום,",
      "مرحبا",
      "👩‍👩‍👧",
      "🇹🇷",
      "e\u0301",
      "!",
      "—",
      "a\xFF",
      "x",
      "Mr.",
      "https://example.org/long/a",
      "antidisestablishmentarianism-antidisestablishmentarianism"};
  return kWords[random() % kWords.size()];
}

std::int64_t up_to(std::mt19937& random, int limit) {
  return static_cast<std::int64_t>(random() % static_cast<unsigned>(limit));
}

Segment random_segment(std::mt19937& random, std::int64_t start_ms) {
  Segment segment{.start_ms = start_ms};
  const bool has_words = random() % 2 == 0;
  std::int64_t at = start_ms;
  for (std::size_t count = random() % 30; count > 0; --count) {
    const std::string word = random_word(random);
    const std::int64_t length = up_to(random, 20) == 0 ? 9000 : up_to(random, 400);
    segment.text += " " + word;
    if (has_words) {
      segment.words.push_back({.start_ms = at, .end_ms = at + length, .text = " " + word});
    }
    at += length + (up_to(random, 15) == 0 ? up_to(random, 5000) : 0);
  }
  segment.end_ms = random() % 10 == 0 ? start_ms : at;
  segment.speaker = random() % 3 == 0 ? "A" : "";
  return segment;
}

Transcript random_transcript(std::mt19937& random) {
  Transcript transcript{.language = random() % 2 == 0 ? "en" : "tr"};
  std::int64_t at = 0;
  for (std::size_t count = random() % 12; count > 0; --count) {
    transcript.segments.push_back(random_segment(random, at));
    at = transcript.segments.back().end_ms;
    at += up_to(random, 3000) - 1000;  // Segments may overlap.
  }
  return transcript;
}

TEST(MakeCues, GivesNoneForAnEmptyTranscript) {
  EXPECT_TRUE(make_cues({}, {}).value().empty());
  EXPECT_TRUE(make_cues({.segments = {{.text = " \n"}}}, {}).value().empty());
}

TEST(MakeCues, ShowsOneWordLongEnoughToBeRead) {
  const std::vector<Cue> cues =
      make_cues({.segments = {{.start_ms = 1000, .end_ms = 1100, .text = "Yes."}}}, {}).value();
  ASSERT_EQ(cues.size(), 1u);
  EXPECT_EQ(cues[0].start_ms, 1000);
  EXPECT_EQ(cues[0].end_ms, 1833);
  EXPECT_THAT(cues[0].lines, ElementsAre("Yes."));
}

TEST(MakeCues, KeepsTheRulesWhateverTheTranscript) {
  std::mt19937 random(7);
  for (int round = 0; round < 90; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    const Transcript transcript = random_transcript(random);
    SubtitleOptions options;
    if (round % 3 == 1) {
      options = {.line_width_max = 20, .line_count_max = 1, .cue_ms_max = 4000, .gap_ms_min = 0};
    } else if (round % 3 == 2) {
      options = {.line_width_max = 30, .line_count_max = 3, .reading_speed_max = 12};
    }
    const Result<std::vector<Cue>> cues = make_cues(transcript, options);
    ASSERT_TRUE(cues.has_value());
    expect_the_rules(transcript, *cues, options);
    if (::testing::Test::HasFailure()) {
      return;  // One broken rule is enough to read.
    }
  }
}

TEST(MakeCues, BridgesShortGapsAndLeavesLongOnes) {
  const std::vector<Cue> cues =
      make_cues(
          {.segments = {{.start_ms = 0, .end_ms = 2000, .text = "One.", .speaker = "A"},
                        {.start_ms = 2400, .end_ms = 4000, .text = "Two.", .speaker = "B"},
                        {.start_ms = 4600, .end_ms = 6000, .text = "Three.", .speaker = "A"}}},
          {})
          .value();
  ASSERT_EQ(cues.size(), 3u);
  EXPECT_EQ(cues[0].end_ms, 2400 - 83);
  EXPECT_EQ(cues[1].end_ms, 4000);
}

TEST(MakeCues, ShowsManySegmentsOfOneMomentOneAfterTheOther) {
  Transcript transcript;
  for (int i = 0; i < 200; ++i) {
    transcript.segments.push_back(
        {.start_ms = 1000, .end_ms = 1000, .text = "Sentence number " + std::to_string(i) + "."});
  }
  expect_the_rules(transcript, make_cues(transcript, {}).value(), {});
}

TEST(MakeCues, TakesTimesAtTheEndsOfTheirRange) {
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  const Transcript transcript{.segments = {{.start_ms = kMin, .end_ms = kMax, .text = "a b c"},
                                           {.start_ms = kMax, .end_ms = kMin, .text = "d e f"}}};
  expect_the_rules(transcript, make_cues(transcript, {}).value(), {});
}

TEST(MakeCues, PutsTheSpeakerBeforeEachTurnWhenAsked) {
  const Transcript transcript{
      .segments = {{.start_ms = 0, .end_ms = 2000, .text = "Hello.", .speaker = "Ayşe"},
                   {.start_ms = 2000, .end_ms = 4000, .text = "Hi.", .speaker = "B"}}};
  const std::vector<Cue> plain = make_cues(transcript, {}).value();
  EXPECT_THAT(plain[0].lines, ElementsAre("Hello."));
  EXPECT_EQ(plain[0].speaker, "Ayşe");
  const std::vector<Cue> labelled =
      make_cues(transcript, {.speaker_labels = SpeakerLabels::kPrefix}).value();
  EXPECT_THAT(labelled[0].lines, ElementsAre("Ayşe: Hello."));
  EXPECT_THAT(labelled[1].lines, ElementsAre("B: Hi."));
}

TEST(MakeCues, HoldsTheWordsOfHours) {
  Transcript transcript{.language = "en"};
  for (int i = 0; i < 2000; ++i) {
    transcript.segments.push_back({.start_ms = i * 6000,
                                   .end_ms = i * 6000 + 5800,
                                   .text = "This is a sentence of some hours, and it goes on."});
  }
  const std::vector<Cue> cues = make_cues(transcript, {}).value();
  EXPECT_EQ(text_of(cues), without_spaces(full_text(transcript)));
  EXPECT_GE(cues.size(), 2000u);
}

TEST(SubtitleOptions, NamesTheFieldThatIsOutOfRange) {
  EXPECT_TRUE(SubtitleOptions{}.validate().has_value());
  const Status status = SubtitleOptions{.line_width_max = 5}.validate();
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(status.error().message, HasSubstr("line_width_max must be between 10 and 200"));
  EXPECT_FALSE(SubtitleOptions{.reading_speed_max = std::nan("")}.validate().has_value());
  EXPECT_FALSE((SubtitleOptions{.cue_ms_min = 2000, .cue_ms_max = 1500}.validate().has_value()));
  EXPECT_FALSE(make_cues({}, {.line_count_max = 0}).has_value());
}

}  // namespace
}  // namespace katip::text
