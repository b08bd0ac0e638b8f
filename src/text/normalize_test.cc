#include "text/normalize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::text {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(NormalizedWords, OfNothingAreNone) {
  EXPECT_THAT(normalized_words("", "en"), IsEmpty());
  EXPECT_THAT(normalized_words(" … — !?", "en"), IsEmpty());
}

TEST(NormalizedWords, AreInLowerCaseWithoutPunctuation) {
  EXPECT_THAT(normalized_words("And so, my fellow Americans: ASK!", "en"),
              ElementsAre("and", "so", "my", "fellow", "americans", "ask"));
  EXPECT_THAT(normalized_words("real-time (e.g. 3.5%)", "fr"),
              ElementsAre("real", "time", "e", "g", "3", "5"));
}

TEST(NormalizedWords, KeepApostrophesInsideWordsOnly) {
  EXPECT_THAT(normalized_words("'Don\u2019t' rock 'n' roll Ankara\u2019nın dogs'", "en"),
              ElementsAre("don't", "rock", "n", "roll", "ankara'nın", "dogs"));
}

TEST(NormalizedWords, TreatCompatibleFormsAsOne) {
  EXPECT_THAT(normalized_words("ＡＢＣ ﬁn cafe\u0301", "fr"), ElementsAre("abc", "fin", "café"));
}

TEST(NormalizedWords, FollowTurkishCasing) {
  EXPECT_THAT(normalized_words("ISPARTA İSTANBUL Iğdır", "tr"),
              ElementsAre("ısparta", "istanbul", "ığdır"));
  EXPECT_THAT(normalized_words("ISPARTA İstanbul", "en"), ElementsAre("isparta", "istanbul"));
}

TEST(NormalizedWords, WriteEnglishNumbersAsDigitsInEnglishOnly) {
  EXPECT_THAT(normalized_words("Press ONE or twenty, not thirty.", "en"),
              ElementsAre("press", "1", "or", "20", "not", "thirty"));
  EXPECT_THAT(normalized_words("on one", "tr"), ElementsAre("on", "one"));
}

TEST(NormalizedWords, LeaveHesitationsOutInEnglishOnly) {
  EXPECT_THAT(normalized_words("Um, Mr. Quilter, uh", "en"), ElementsAre("quilter"));
  EXPECT_THAT(normalized_words("um acht Uhr", "de"), ElementsAre("um", "acht", "uhr"));
}

TEST(NormalizedWords, KeepVowelSignsOfIndicScripts) {
  EXPECT_THAT(normalized_words("हिन्दी है।", "hi"), ElementsAre("हिन्दी", "है"));
}

TEST(NormalizedWords, TakeBytesThatAreNotUtf8) {
  EXPECT_THAT(normalized_words("a\xFF"
                               "b \xE4\xBD",
                               "en"),
              ElementsAre("a", "b"));
}

TEST(NormalizedCharacters, LeaveSpacesAndPunctuationOut) {
  EXPECT_THAT(normalized_characters("그는 길。", "ko"), ElementsAre("그", "는", "길"));
  EXPECT_THAT(normalized_characters("𠮷野、a", "ja"), ElementsAre("𠮷", "野", "a"));
}

TEST(ErrorUnit, IsTheCharacterWhereWordsAreNotSpaced) {
  EXPECT_EQ(error_unit("ja"), ErrorUnit::kCharacter);
  EXPECT_EQ(error_unit("ko"), ErrorUnit::kCharacter);
  EXPECT_EQ(error_unit("tr"), ErrorUnit::kWord);
  EXPECT_EQ(error_unit(""), ErrorUnit::kWord);
}

TEST(NormalizedTerm, FollowsTheCaseOfTheLanguage) {
  EXPECT_EQ(normalized_term("ISPARTA", "tr"), "ısparta");
  EXPECT_EQ(normalized_term("ISPARTA", "en"), "isparta");
  EXPECT_EQ(normalized_term("İstanbul", "tr"), "istanbul");
  EXPECT_EQ(normalized_term("İstanbul", ""), "istanbul");
}

TEST(NormalizedTerm, KeepsSignsAndDropsBlanks) {
  EXPECT_EQ(normalized_term("  Ayşe \t Yılmaz\n", "tr"), "ayşe yılmaz");
  EXPECT_EQ(normalized_term("C++", "en"), "c++");
  EXPECT_EQ(normalized_term("O\u2019Brien", "en"), "o'brien");
  EXPECT_EQ(normalized_term("cafe\u0301", "fr"), "café");
  EXPECT_EQ(normalized_term(" ", "tr"), "");
}

}  // namespace
}  // namespace katip::text
