#include "store/search/snippet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// The text with [ ] around its matches.
std::string marked(const std::string& text, const std::vector<TextRange>& matches) {
  std::string result;
  std::size_t at = 0;
  for (const TextRange& match : matches) {
    result += text.substr(at, match.begin - at) + "[" +
              text.substr(match.begin, match.end - match.begin) + "]";
    at = match.end;
  }
  return result + text.substr(at);
}

std::string marked(const std::string& text, std::string_view typed) {
  return marked(text, find_matches(text, SearchQuery::parse(typed).value()));
}

TEST(FindMatches, InTheSpellingOfTheText) {
  EXPECT_EQ(marked("ISPARTA'nın gülleri, ısparta", "isparta"), "[ISPARTA]'nın gülleri, [ısparta]");
  EXPECT_EQ(marked("Çağrı merkezi", "cagri"), "[Çağrı] merkezi");
}

TEST(FindMatches, PhrasesAndPrefixes) {
  EXPECT_EQ(marked("rapor yıllık rapor yıllık", "\"yıllık rapor\""), "rapor [yıllık rapor] yıllık");
  EXPECT_EQ(marked("top toplantı toplam", "topla*"), "top [toplantı] [toplam]");
  EXPECT_EQ(marked("bir iki üç", "iki \"bir iki\" -üç"), "[bir iki] üç");
}

TEST(FindMatches, WithoutAnExactOneWordsThatBeginSo) {
  EXPECT_EQ(marked("kitaplar ve kitaplık", "kitap"), "[kitaplar] ve [kitaplık]");
  EXPECT_EQ(marked("kitap ve kitaplık", "kitap"), "[kitap] ve kitaplık");
  EXPECT_EQ(marked("defter", "kitap"), "defter");
}

Snippet snippet(const std::string& text, std::string_view typed, std::size_t size) {
  return make_snippet(text, SearchQuery::parse(typed).value(), size);
}

TEST(MakeSnippet, AShortTextIsWhole) {
  const Snippet whole = snippet("bir iki", "iki", 240);
  EXPECT_EQ(whole.text, "bir iki");
  EXPECT_THAT(whole.matches, ElementsAre(TextRange{4, 7}));
  EXPECT_FALSE(whole.is_cut_before || whole.is_cut_after);
  EXPECT_EQ(snippet("", "iki", 240).text, "");
}

TEST(MakeSnippet, ShowsWhereTheMostIsFound) {
  std::string text = "elma ";
  for (int i = 0; i < 200; ++i) text += "boş söz ";
  text += "elma armut elma";
  for (int i = 0; i < 200; ++i) text += " boş söz";
  const Snippet part = snippet(text, "elma", 60);
  EXPECT_LE(part.text.size(), 60U);
  EXPECT_THAT(marked(part.text, part.matches), ::testing::HasSubstr("[elma] armut [elma]"));
  EXPECT_TRUE(part.is_cut_before && part.is_cut_after);
}

TEST(MakeSnippet, TheBeginningWithoutAMatch) {
  const Snippet part = snippet("şu çok uzun bir cümledir ve sürer gider", "yok", 20);
  EXPECT_EQ(part.text, "şu çok uzun bir");
  EXPECT_THAT(part.matches, IsEmpty());
}

TEST(MakeSnippet, NeverCutsACharacter) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += "ö";
  EXPECT_EQ(snippet(text, "yok", 21).text.size(), 20U);
  EXPECT_EQ(snippet(std::string(500, '\xff'), "yok", 21).text.size(), 21U);
  EXPECT_EQ(snippet(std::string(500, '\x80'), "yok", 21).text.size(), 0U);
}

}  // namespace
}  // namespace katip::store
