#include "text/transcript.h"

#include <limits>

#include <gtest/gtest.h>

namespace katip::text {
namespace {

TEST(FullText, JoinsSegmentsAsTheirScriptDoes) {
  EXPECT_EQ(full_text({}), "");
  EXPECT_EQ(full_text({.segments = {{.text = "One."}, {.text = ""}, {.text = "Two."}}}),
            "One. Two.");
  EXPECT_EQ(full_text({.segments = {{.text = "今日は。"}, {.text = "明日は。"}}}),
            "今日は。明日は。");
}

TEST(Cleaned, PutsTimesInOrderAndInRange) {
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  const Transcript clean =
      cleaned({.duration_ms = -1,
               .segments = {{.start_ms = kMin, .end_ms = kMax, .text = "a"},
                            {.start_ms = 900,
                             .end_ms = 100,
                             .text = "b",
                             .words = {{.start_ms = 800, .end_ms = 5, .text = "b"}}}}});
  EXPECT_EQ(clean.duration_ms, 0);
  EXPECT_EQ(clean.segments[0].start_ms, 0);
  EXPECT_EQ(clean.segments[0].end_ms, 3'600'000'000'000);
  EXPECT_EQ(clean.segments[1].end_ms, 900);
  EXPECT_EQ(clean.segments[1].words[0].end_ms, 800);
}

TEST(Cleaned, TrimsTextsAndLeavesEmptyOnesOut) {
  const Transcript clean =
      cleaned({.segments = {{.text = " \n "}, {.text = " a\nb\xFF "}}, .warning = "cut\noff"});
  ASSERT_EQ(clean.segments.size(), 1u);
  EXPECT_EQ(clean.segments[0].text, "a b\uFFFD");
  EXPECT_EQ(clean.warning, "cut off");
}

TEST(Cleaned, TakesTheTextOfTheWordsWhenTheSegmentHasNone) {
  const Transcript clean =
      cleaned({.segments = {{.words = {{.text = " Hello"}, {.text = " "}, {.text = " you."}}}}});
  ASSERT_EQ(clean.segments.size(), 1u);
  EXPECT_EQ(clean.segments[0].text, "Hello  you.");
  EXPECT_EQ(clean.segments[0].words.size(), 2u);
}

}  // namespace
}  // namespace katip::text
