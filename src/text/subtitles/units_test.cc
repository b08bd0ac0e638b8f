#include "text/subtitles/units.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::text {
namespace {

using ::testing::ElementsAre;

constexpr int kWidth = 42;

std::vector<Unit> units_of(const Transcript& transcript) {
  return split_units(cleaned(transcript), kWidth).value();
}

std::vector<std::string> texts(const std::vector<Unit>& units) {
  std::vector<std::string> texts;
  for (const Unit& unit : units) {
    texts.push_back((unit.space_before ? "_" : "") + unit.text);
  }
  return texts;
}

std::vector<std::string> texts_of(const std::string& text, const std::string& language) {
  return texts(units_of({.language = language, .segments = {{.end_ms = 1000, .text = text}}}));
}

TEST(SplitUnits, GivesNoneForAnEmptyTranscript) { EXPECT_TRUE(units_of({}).empty()); }

TEST(SplitUnits, KeepsWordsWithTheirPunctuation) {
  EXPECT_THAT(texts_of("Well-known, and/or  \"so\"…", "en"),
              ElementsAre("Well-known,", "_and/or", "_\"so\"…"));
}

TEST(SplitUnits, BreaksJapaneseWithoutLeadingPunctuation) {
  EXPECT_THAT(texts_of("東京。iPhoneを、", "ja"), ElementsAre("東", "京。", "iPhone", "を、"));
}

TEST(SplitUnits, MarksBreaksInsideDictionaryWords) {
  const std::vector<Unit> units = units_of({.language = "ja", .segments = {{.text = "東京と"}}});
  ASSERT_EQ(units.size(), 3u);
  EXPECT_TRUE(units[1].cuts_word) << "東京 is one word";
  EXPECT_FALSE(units[2].cuts_word);
}

TEST(SplitUnits, BreaksThaiAtItsWords) {
  EXPECT_THAT(texts_of("ภาษาไทย", "th"), ElementsAre("ภาษา", "ไทย"));
}

TEST(SplitUnits, KeepsKoreanWordsWhole) {
  EXPECT_THAT(texts_of("길 옆으로 걸어갔다.", "ko"), ElementsAre("길", "_옆으로", "_걸어갔다."));
}

TEST(SplitUnits, JoinsSegmentsAsTheirScriptDoes) {
  EXPECT_THAT(texts(units_of({.segments = {{.text = "Yes."}, {.text = "No."}}})),
              ElementsAre("Yes.", "_No."));
  EXPECT_THAT(texts(units_of({.language = "zh", .segments = {{.text = "是。"}, {.text = "不。"}}})),
              ElementsAre("是。", "不。"));
}

TEST(SplitUnits, CutsWhatNoLineCanHoldAtItsSpaces) {
  std::string text = "a";
  for (int i = 0; i < 60; ++i) {
    text += " !";  // No line breaks before an exclamation mark, says Unicode.
  }
  for (const Unit& unit : units_of({.segments = {{.text = text}}})) {
    EXPECT_LE(unit.width, kWidth);
  }
}

TEST(SplitUnits, TakesTheTimesOfTheWords) {
  const std::vector<Unit> units =
      units_of({.segments = {{.start_ms = 0,
                              .end_ms = 9000,
                              .text = "So, my friends",
                              .words = {{.start_ms = 100, .end_ms = 300, .text = " So,"},
                                        {.start_ms = 900, .end_ms = 1000, .text = " my"},
                                        {.start_ms = 1000, .end_ms = 1500, .text = " friends"}}}}});
  ASSERT_EQ(units.size(), 3u);
  EXPECT_EQ(units[0].start_ms, 100);
  EXPECT_EQ(units[0].end_ms, 300);
  EXPECT_EQ(units[1].start_ms, 900);
  EXPECT_EQ(units[2].end_ms, 1500);
}

TEST(SplitUnits, CutsAWordsTimeWhereTheWordIsCut) {
  const std::vector<Unit> units =
      units_of({.language = "zh",
                .segments = {{.text = "今天",
                              .words = {{.start_ms = 1000, .end_ms = 2000, .text = "今天"}}}}});
  ASSERT_EQ(units.size(), 2u);
  EXPECT_EQ(units[0].end_ms, 1500);
  EXPECT_EQ(units[1].start_ms, 1500);
  EXPECT_EQ(units[1].end_ms, 2000);
}

TEST(SplitUnits, SharesTheSegmentsTimeOutWhenWordsHaveNone) {
  Segment segment{.start_ms = 1000, .end_ms = 2000, .text = "abcd ef ghij"};
  const std::vector<Unit> without = units_of({.segments = {segment}});
  segment.words = {{.text = " abcd"}, {.text = " ef"}, {.text = " ghij"}};
  for (const std::vector<Unit>& units : {without, units_of({.segments = {segment}})}) {
    ASSERT_EQ(units.size(), 3u);
    EXPECT_EQ(units[0].start_ms, 1000);
    EXPECT_EQ(units[0].end_ms, 1400);
    EXPECT_EQ(units[1].end_ms, 1600);
    EXPECT_EQ(units[2].end_ms, 2000);
  }
}

TEST(SplitUnits, TrustsTheTextWhenTheWordsSpellAnother) {
  const std::vector<Unit> units =
      units_of({.segments = {{.start_ms = 0,
                              .end_ms = 1000,
                              .text = "Katip hears",
                              .words = {{.start_ms = 0, .end_ms = 900, .text = " Cat"},
                                        {.start_ms = 900, .end_ms = 1000, .text = " hears"}}}}});
  EXPECT_THAT(texts(units), ElementsAre("Katip", "_hears"));
  EXPECT_EQ(units[1].start_ms, 500);
}

TEST(SplitUnits, NeverGoesBackInTime) {
  const std::vector<Unit> units =
      units_of({.segments = {{.start_ms = 5000, .end_ms = 6000, .text = "late"},
                             {.start_ms = 0, .end_ms = 100, .text = "early"}}});
  EXPECT_EQ(units[1].start_ms, 5000);
  EXPECT_EQ(units[1].end_ms, 5000);
}

TEST(SplitUnits, TakesTheSpeakerOfTheWordOrElseOfTheSegment) {
  const std::vector<Unit> units =
      units_of({.segments = {{.text = "yes no",
                              .words = {{.end_ms = 10, .text = " yes", .speaker = "B"},
                                        {.start_ms = 10, .end_ms = 20, .text = " no"}},
                              .speaker = "A"}}});
  EXPECT_EQ(units[0].speaker, "B");
  EXPECT_EQ(units[1].speaker, "A");
}

TEST(WithSpeakerLabels, NamesEachTurnOnce) {
  EXPECT_THAT(
      texts(with_speaker_labels(units_of({.segments = {{.text = "One two", .speaker = "A"},
                                                       {.text = "three", .speaker = "A"},
                                                       {.text = "four"},
                                                       {.text = "five", .speaker = "B"}}}))),
      ElementsAre("A:", "_One", "_two", "_three", "_four", "_B:", "_five"));
}

TEST(WidthOf, CountsTheSpacesBetween) {
  const std::vector<Unit> units = units_of({.segments = {{.text = "ab cd 東京"}}});
  EXPECT_EQ(width_of(units), 10);
  EXPECT_EQ(width_of(std::span(units).subspan(1, 1)), 2);
  EXPECT_EQ(width_of({}), 0);
}

}  // namespace
}  // namespace katip::text
