#include "text/subtitles/cue_splitter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::text {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> cues_of(const Transcript& transcript) {
  const std::vector<Unit> units = split_units(cleaned(transcript), 42).value();
  std::vector<std::string> texts;
  for (const UnitRange& range :
       split_cues(units, rate_breaks(units, transcript.language), SubtitleOptions{})) {
    texts.emplace_back();
    for (std::size_t i = range.begin; i < range.end; ++i) {
      texts.back() += (i > range.begin && units[i].space_before ? " " : "") + units[i].text;
    }
  }
  return texts;
}

TEST(SplitCues, GivesNoneForNoText) { EXPECT_TRUE(cues_of({}).empty()); }

TEST(SplitCues, GivesShortSentencesOneCue) {
  EXPECT_THAT(cues_of({.language = "en",
                       .segments = {{.end_ms = 3000, .text = "You're welcome. Take care. Bye."}}}),
              ElementsAre("You're welcome. Take care. Bye."));
}

TEST(SplitCues, CutsBetweenSentencesRatherThanInside) {
  EXPECT_THAT(
      cues_of({.language = "en",
               .segments = {{.end_ms = 7000,
                             .text = "I walked over the old bridge in the morning. Then I saw that "
                                     "all of the shops in the street were closed."}}}),
      ElementsAre("I walked over the old bridge in the morning.",
                  "Then I saw that all of the shops in the street were closed."));
}

TEST(SplitCues, LeavesNoWordAloneAtTheEndOfASentence) {
  const std::vector<std::string> cues = cues_of(
      {.language = "en",
       .segments = {{.end_ms = 6900,
                     .text = "The purpose of this test is to give you a good sense of how long "
                             "the machine takes today."}}});
  ASSERT_EQ(cues.size(), 2u);
  EXPECT_GT(cues[1].size(), 20u);
}

TEST(SplitCues, CutsAtALongPause) {
  EXPECT_THAT(cues_of({.segments = {{.start_ms = 0, .end_ms = 500, .text = "one"},
                                    {.start_ms = 3499, .end_ms = 3500, .text = "two"},
                                    {.start_ms = 6500, .end_ms = 7000, .text = "three"}}}),
              ElementsAre("one two", "three"));
}

TEST(SplitCues, CutsWhereTheSpeakerChanges) {
  EXPECT_THAT(
      cues_of({.segments = {{.end_ms = 500, .text = "yes", .speaker = "A"},
                            {.start_ms = 500, .end_ms = 900, .text = "no", .speaker = "B"}}}),
      ElementsAre("yes", "no"));
}

TEST(SplitCues, CutsSlowSpeechByTime) {
  EXPECT_THAT(cues_of({.segments = {{.start_ms = 0, .end_ms = 4000, .text = "slow."},
                                    {.start_ms = 4000, .end_ms = 8000, .text = "speech."}}}),
              ElementsAre("slow.", "speech."));
}

}  // namespace
}  // namespace katip::text
