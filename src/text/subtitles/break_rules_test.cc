#include "text/subtitles/break_rules.h"

#include <gtest/gtest.h>

namespace katip::text {
namespace {

/// The quality of the break at "|" in a text.
BreakQuality quality_at_bar(std::string text, const std::string& language,
                            std::int64_t pause_ms = 0) {
  const std::size_t bar = text.find(" |");
  const std::string before = text.substr(0, bar);
  text.erase(bar, 2);
  const Transcript transcript{.language = language, .segments = {{.text = text}}};
  std::vector<Unit> units = split_units(cleaned(transcript), 200).value();
  std::size_t words_before = 0;
  for (std::size_t size = 0; size + 1 < before.size(); ++words_before) {
    size += units[words_before].text.size() + (words_before > 0 ? 1 : 0);
  }
  for (std::size_t i = words_before; i < units.size(); ++i) {
    units[i].start_ms = units[i].end_ms = pause_ms;
  }
  return rate_breaks(units, language)[words_before - 1];
}

TEST(RateBreaks, OfNothingIsNothing) { EXPECT_TRUE(rate_breaks({}, "en").empty()); }

TEST(RateBreaks, PrefersTheEndOfASentence) {
  EXPECT_EQ(quality_at_bar("I went home. | She stayed.", "en"), BreakQuality::kSentence);
  EXPECT_EQ(quality_at_bar("\"Did he?\" | she said", "en"), BreakQuality::kClause);
  EXPECT_EQ(quality_at_bar("He said \"no!\" | Then he left", "en"), BreakQuality::kSentence);
  EXPECT_EQ(quality_at_bar("كيف حالك؟ | نعم", "ar"), BreakQuality::kSentence);
}

TEST(RateBreaks, KnowsDotsThatEndNoSentence) {
  EXPECT_EQ(quality_at_bar("Mr. | Quilter came", "en"), BreakQuality::kPoor);
  EXPECT_EQ(quality_at_bar("J. | Smith came", "en"), BreakQuality::kPoor);
  EXPECT_EQ(quality_at_bar("am 3. | Mai kam er", "de"), BreakQuality::kPoor);
  EXPECT_EQ(quality_at_bar("in 1984. | Then", "en"), BreakQuality::kSentence);
  EXPECT_EQ(quality_at_bar("Sn. | Yılmaz geldi", "tr"), BreakQuality::kPoor);
}

TEST(RateBreaks, PrefersClausesToPhrasesToWords) {
  EXPECT_EQ(quality_at_bar("when he came, | we left", "en"), BreakQuality::kClause);
  EXPECT_EQ(quality_at_bar("we left | — all of us", "en"), BreakQuality::kClause);
  EXPECT_EQ(quality_at_bar("we left | because it rained", "en"), BreakQuality::kPhrase);
  EXPECT_EQ(quality_at_bar("we left | early", "en"), BreakQuality::kWord);
}

TEST(RateBreaks, HoldsWordsTogetherThatBelongTogether) {
  EXPECT_EQ(quality_at_bar("into the | house", "en"), BreakQuality::kPoor);
  EXPECT_EQ(quality_at_bar("walked Into | London", "en"), BreakQuality::kPoor);
  EXPECT_EQ(quality_at_bar("saw John | Smith there", "en"), BreakQuality::kPoor);
  EXPECT_EQ(quality_at_bar("about 20 | people", "en"), BreakQuality::kPoor);
}

TEST(RateBreaks, HoldsTurkishWordsTogether) {
  EXPECT_EQ(quality_at_bar("güzel bir | sohbet ettik", "tr"), BreakQuality::kPoor);
  EXPECT_EQ(quality_at_bar("senin | için geldim", "tr"), BreakQuality::kPoor);
  EXPECT_EQ(quality_at_bar("çay içtim | ve peynir yedim", "tr"), BreakQuality::kPhrase);
  EXPECT_EQ(quality_at_bar("HİÇ | kimse", "tr"), BreakQuality::kPoor) << "in Turkish lower case";
}

TEST(RateBreaks, JudgesOtherLanguagesByMarksAndCapitals) {
  EXPECT_EQ(quality_at_bar("dans la | maison", "fr"), BreakQuality::kWord);
  EXPECT_EQ(quality_at_bar("mit Anna | Schmidt", "de"), BreakQuality::kWord);
  EXPECT_EQ(quality_at_bar("avec Jean | Dupont", "fr"), BreakQuality::kPoor);
}

TEST(RateBreaks, TakesAPauseForAComma) {
  EXPECT_EQ(quality_at_bar("into the | house", "en", 600), BreakQuality::kClause);
  EXPECT_EQ(quality_at_bar("He came. | She left", "en", 600), BreakQuality::kSentence);
}

TEST(RateBreaks, NeverPartsALabelFromItsWords) {
  const Transcript transcript{
      .segments = {{.text = "a", .speaker = "X"}, {.text = "b", .speaker = "Y"}}};
  const auto units = with_speaker_labels(split_units(cleaned(transcript), 42).value());
  EXPECT_EQ(rate_breaks(units, "en"), (std::vector{BreakQuality::kNever, BreakQuality::kSentence,
                                                   BreakQuality::kNever, BreakQuality::kSentence}));
}

}  // namespace
}  // namespace katip::text
