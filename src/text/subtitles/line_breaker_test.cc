#include "text/subtitles/line_breaker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::text {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> lines_of(const std::string& text, const std::string& language,
                                  int width_max = 42) {
  const Transcript transcript{.language = language, .segments = {{.text = text}}};
  const std::vector<Unit> units = split_units(cleaned(transcript), width_max).value();
  return write_lines(units, break_lines(units, rate_breaks(units, language), width_max));
}

TEST(BreakLines, LeavesOneLineWhereOneIsEnough) {
  EXPECT_THAT(lines_of("Hello.", "en"), ElementsAre("Hello."));
  EXPECT_THAT(lines_of("Exactly forty-two columns of text are here", "en"),
              ElementsAre("Exactly forty-two columns of text are here"));
}

TEST(BreakLines, BreaksAtTheClauseNearTheMiddle) {
  EXPECT_THAT(lines_of("Ask not what your country can do, ask what you can do.", "en"),
              ElementsAre("Ask not what your country can do,", "ask what you can do."));
}

TEST(BreakLines, PrefersTheLongerLineBelow) {
  EXPECT_THAT(lines_of("aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee", "fr"),
              ElementsAre("aaaaaaaaa bbbbbbbbb", "ccccccccc ddddddddd eeeeeeeee"));
}

TEST(BreakLines, DoesNotPartAnArticleFromItsNoun) {
  EXPECT_THAT(lines_of("people walked slowly over the bridge in the morning", "en"),
              ElementsAre("people walked slowly", "over the bridge in the morning"));
}

TEST(BreakLines, LeavesNoWordAlone) {
  for (const std::string& line :
       lines_of("Wait for me by the old garden gate tonight, ok?", "en")) {
    EXPECT_GT(line.size(), 10u) << line;
  }
}

TEST(BreakLines, CountsWideCharactersTwiceAndBreaksBetweenThem) {
  EXPECT_THAT(lines_of("客観的実在の判断的知識が成立するのである", "ja", 24),
              ElementsAre("客観的実在の判断的", "知識が成立するのである"));
}

TEST(BreakLines, LetsALongWordPassTheLimit) {
  EXPECT_THAT(lines_of("see https://example.org/a/very/long/address now", "en", 20),
              ElementsAre("see", "https://example.org/a/very/long/address", "now"));
}

TEST(LineFill, CountsTheFewestLines) {
  LineFill fill(5);
  EXPECT_EQ(fill.line_count(), 0);
  for (const int width : {2, 2, 1, 7}) {
    fill.add({.width = width, .space_before = true});
  }
  EXPECT_EQ(fill.line_count(), 3);
  EXPECT_EQ(fill.width(), 15);
}

}  // namespace
}  // namespace katip::text
