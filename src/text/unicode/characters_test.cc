#include "text/unicode/characters.h"

#include <string>

#include <gtest/gtest.h>

namespace katip::text {
namespace {

TEST(CleanLine, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(clean_line("a\xFF"
                       "b"),
            "a\uFFFDb");
  EXPECT_EQ(clean_line("cut \xE4\xBD"), "cut \uFFFD") << "one sign for one truncated character";
  EXPECT_EQ(clean_line("\xC0\xAF"), "\uFFFD\uFFFD") << "an overlong slash is not a slash";
  EXPECT_EQ(clean_line("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD") << "a surrogate is not a character";
}

TEST(CleanLine, LeavesNoLineBreakAndNoControlCharacter) {
  EXPECT_EQ(clean_line("a\r\nb\tc\u2028d\u0085e"), "a  b c d e");
  EXPECT_EQ(clean_line(std::string_view("a\0\x1b[2Jb\x7f", 8)), "a[2Jb");
  EXPECT_EQ(clean_line("a\uFFFE"
                       "b\U0001FFFF"),
            "ab");
}

TEST(CleanLine, KeepsLettersOfEveryScriptAndTheirJoiners) {
  const std::string text =
      "ğüşıöç ÄÖÜ Ελ Жд עב عرب हिन्दी 日本語 ไทย "
      "👩‍👩‍👧 "
      "می‌خواهم";
  EXPECT_EQ(clean_line(text), text);
}

TEST(Trimmed, TakesWhiteSpaceOfEveryKindOff) {
  EXPECT_EQ(trimmed(" \u00A0\u3000 a b\u3000"), "a b");
  EXPECT_EQ(trimmed("\u3000 "), "");
  EXPECT_EQ(trimmed(""), "");
}

TEST(DisplayWidth, CountsGraphemeClusters) {
  EXPECT_EQ(display_width(""), 0);
  EXPECT_EQ(display_width("hello"), 5);
  EXPECT_EQ(display_width("çağrı"), 5);
  EXPECT_EQ(display_width("c\u0327ag\u0306rı"), 5) << "the same word, decomposed";
  EXPECT_EQ(display_width("हिंदी"), 2);
  EXPECT_EQ(display_width("\u200Ba\u00AD"), 1) << "invisible characters";
}

TEST(DisplayWidth, CountsWideCharactersTwice) {
  EXPECT_EQ(display_width("日本語"), 6);
  EXPECT_EQ(display_width("한국어"), 6);
  EXPECT_EQ(display_width("が") + display_width("か\u3099"), 4);
  EXPECT_EQ(display_width("👍"), 2);
  EXPECT_EQ(display_width("👩‍👩‍👧"), 2) << "a family is one sign";
  EXPECT_EQ(display_width("🇹🇷"), 2) << "a flag is one sign";
  EXPECT_EQ(display_width("❤️"), 2) << "a heart in emoji style";
}

TEST(DisplayWidth, TakesBytesThatAreNotUtf8) { EXPECT_EQ(display_width("a\xFF\xFE"), 3); }

TEST(FirstAndLastCharacter, AreNullWhenThereAreNone) {
  EXPECT_EQ(first_character(""), U'\0');
  EXPECT_EQ(last_character(""), U'\0');
  EXPECT_EQ(first_character("şey"), U'ş');
  EXPECT_EQ(last_character("語👍"), U'👍');
  EXPECT_EQ(last_character("a\xE4"), U'\uFFFD');
}

TEST(Joint, IsNothingBetweenChineseAndJapaneseTexts) {
  EXPECT_EQ(joint("今日は。", "明日"), "");
  EXPECT_EQ(joint("コーヒー", "です"), "");
  EXPECT_EQ(joint("日本語", "and"), " ");
  EXPECT_EQ(joint("안녕", "하세요"), " ") << "Korean writes spaces";
  EXPECT_EQ(joint("สวัสดี", "ครับ"), " ") << "Thai puts a space between sentences";
  EXPECT_EQ(joint("", "a"), "");
  EXPECT_EQ(joint("a", ""), "");
}

TEST(Lower, FollowsTheLanguage) {
  EXPECT_EQ(lower("ISPARTA İZMİR", "tr"), "ısparta izmir");
  EXPECT_EQ(lower("DIKKAT", "az"), "dıkkat");
  EXPECT_EQ(lower("IRIS", "en"), "iris");
  EXPECT_EQ(lower("ÄÖÜ ΣΟΦΟΣ", "de"), "äöü σοφος");
}

TEST(WithoutOuterPunctuation, KeepsSignsThatAreSpoken) {
  EXPECT_EQ(without_outer_punctuation(" Americans,"), "Americans");
  EXPECT_EQ(without_outer_punctuation("\u201Cdon't!\u201D"), "don't");
  EXPECT_EQ(without_outer_punctuation("50%."), "50%");
  EXPECT_EQ(without_outer_punctuation("C#"), "C#");
  EXPECT_EQ(without_outer_punctuation("$5,"), "$5");
  EXPECT_EQ(without_outer_punctuation("「はい」。"), "はい");
  EXPECT_EQ(without_outer_punctuation(" - "), "");
}

}  // namespace
}  // namespace katip::text
