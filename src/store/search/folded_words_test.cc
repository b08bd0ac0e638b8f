#include "store/search/folded_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::store {
namespace {

using ::testing::ElementsAre;

TEST(FoldedWords, OneWordForAllItsSpellings) {
  for (const char* word :
       {"ISPARTA", "ısparta", "Isparta", "isparta", "İSPARTA", "i\u0307sparta"}) {
    EXPECT_EQ(search_text(word), "isparta") << word;
  }
  EXPECT_EQ(search_text("ÇAĞRI çağrı Çağrı cagri"), "cagri cagri cagri cagri");
  EXPECT_EQ(search_text("kâtip KÂTİP Straße STRASSE Ελλάς"), "katip katip strasse strasse ελλασ");
  EXPECT_EQ(search_text("INTERNET internet"), "internet internet");
}

TEST(FoldedWords, EverythingElseDividesWords) {
  EXPECT_EQ(search_text("İstanbul'da, Ankara’da; (3.14)"), "istanbul da ankara da 3 14");
  EXPECT_EQ(search_text("a_b-c/d\te\n\nf\"g\"*h"), "a b c d e f g h");
  EXPECT_EQ(search_text(""), "");
  EXPECT_EQ(search_text(" \t…!? 😀 "), "");
}

TEST(FoldedWords, ScriptsWithoutBlanksAreDivided) {
  EXPECT_EQ(folded_words("東京都に行きました").size() > 2, true);
  EXPECT_EQ(search_text("हिन्दी भाषा"), "हिन्दी भाषा") << "marks that are not accents stay";
}

TEST(FoldedWords, KnowsWhereTheyStand) {
  const std::string text = "«Şişli»  çay";
  const std::vector<FoldedWord> words = folded_words(text);
  ASSERT_EQ(words.size(), 2U);
  EXPECT_EQ(text.substr(words[0].begin, words[0].end - words[0].begin), "Şişli");
  EXPECT_EQ(text.substr(words[1].begin, words[1].end - words[1].begin), "çay");
  EXPECT_THAT((std::vector{words[0].text, words[1].text}), ElementsAre("sisli", "cay"));
}

TEST(FoldedWords, BytesThatAreNotUtf8DivideWords) {
  EXPECT_EQ(search_text("bir\xff\xfeiki \xc3 \xed\xa0\x80 uc"), "bir iki uc");
  EXPECT_EQ(search_text(std::string_view("bir\0iki", 7)), "bir iki");
}

TEST(FoldedWords, AnEndlessWordIsCut) {
  EXPECT_EQ(search_text(std::string(5'000, 'A')), std::string(64, 'a'));
  std::string long_word;
  for (int i = 0; i < 5'000; ++i) long_word += "ö";
  EXPECT_EQ(search_text(long_word), std::string(64, 'o'));
}

TEST(FoldedWords, LowerTurkishKeepsAccents) { EXPECT_EQ(lower_turkish("IŞIK İŞÇİ"), "ışık işçi"); }

}  // namespace
}  // namespace katip::store
