#include "text/writers/markup.h"

#include <gtest/gtest.h>

namespace katip::text {
namespace {

TEST(EscapedMarkup, LeavesNothingThatIsMarkup) {
  EXPECT_EQ(escaped_markup(""), "");
  EXPECT_EQ(escaped_markup("a < b && c > d --> \"e\""),
            "a &lt; b &amp;&amp; c &gt; d --&gt; \"e\"");
}

TEST(EscapedMarkup, LeavesNothingThatXmlForbids) {
  EXPECT_EQ(escaped_markup(std::string_view("a\0b\x01\x1F\uFFFE\uFFFF\x7F"
                                            "c",
                                            14)),
            "abc");
  EXPECT_EQ(escaped_markup("a\xED\xB0\x80"), "a\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(escaped_markup("line\nbreak\ttab"), "line break tab");
  EXPECT_EQ(escaped_markup("👩‍👩‍👧 \U0010FFFD"), "👩‍👩‍👧 \U0010FFFD");
}

TEST(EscapedMarkdown, EscapesWhatWouldMeanSomething) {
  EXPECT_EQ(escaped_markdown("*a* _b_ `c` [d](e) <f> g|h \\ ~i~ &amp;"),
            "\\*a\\* \\_b\\_ \\`c\\` \\[d\\](e) \\<f\\> g\\|h \\\\ \\~i\\~ \\&amp;");
}

TEST(EscapedMarkdown, EscapesTheStartOfALineOnly) {
  EXPECT_EQ(escaped_markdown("# 1 - 2 + 3"), "\\# 1 - 2 + 3");
  EXPECT_EQ(escaped_markdown("- no"), "\\- no");
  EXPECT_EQ(escaped_markdown("1984. It was"), "1984\\. It was");
  EXPECT_EQ(escaped_markdown("3) and 4) in"), "3\\) and 4) in");
  EXPECT_EQ(escaped_markdown("3.5 is more"), "3\\.5 is more") << "harmless, and shown as 3.5";
  EXPECT_EQ(escaped_markdown("42"), "42");
}

}  // namespace
}  // namespace katip::text
