#include "store/search/search_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::store {
namespace {

SearchQuery parse(std::string_view typed) { return SearchQuery::parse(typed).value(); }

TEST(SearchQuery, WordsAreAllWanted) {
  const SearchQuery query = parse("Toplantı  NOTU");
  EXPECT_EQ(query.fts5(), R"(("toplanti" AND "notu"))");
  EXPECT_EQ(query.tsquery_simple(), "'toplanti' & 'notu'");
  EXPECT_EQ(query.tsquery_turkish(), "'toplantı' & 'notu'");
  EXPECT_EQ(query.phrases_json(), "[]");
}

TEST(SearchQuery, PhrasesPrefixesAndExclusions) {
  const SearchQuery query = parse(R"("yıllık rapor" topla* -taslak -"eski sür*")");
  EXPECT_EQ(query.fts5(), R"(("yillik rapor" AND "topla" *) NOT ("taslak" OR "eski sur" *))");
  EXPECT_EQ(query.tsquery_simple(), "('yillik' & 'rapor') & 'topla':* & !'taslak'");
  EXPECT_EQ(query.phrases_json(), R"([" yillik rapor "])");
  EXPECT_EQ(query.excluded_phrases_json(), R"([" eski sur"])");
}

TEST(SearchQuery, AWordWithSignsInItIsAPhrase) {
  EXPECT_EQ(parse("İstanbul'da").fts5(), R"(("istanbul da"))");
  EXPECT_EQ(parse("3.14").phrases_json(), R"([" 3 14 "])");
}

TEST(SearchQuery, NothingToLookForIsAnError) {
  for (const char* typed : {"", "   ", "\"\"", "*", "-", "-taslak", "!!! ...", "\"", "-\"a b\""}) {
    const auto query = SearchQuery::parse(typed);
    ASSERT_FALSE(query) << typed;
    EXPECT_EQ(query.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(SearchQuery, TooMuchIsAnError) {
  EXPECT_EQ(SearchQuery::parse(std::string(1'001, 'a')).error().code, ErrorCode::kTooLarge);
  std::string words;
  for (int i = 0; i < 33; ++i) words += "a ";
  EXPECT_EQ(SearchQuery::parse(words).error().code, ErrorCode::kTooLarge);
  EXPECT_TRUE(SearchQuery::parse(words.substr(2)));
}

TEST(SearchQuery, NoSignOfAQueryLanguageGetsThrough) {
  const SearchQuery query =
      parse(R"(a' OR b" ) NOT:c {d}:e ^f NEAR(g h, 2) i\ j& |k !l <-> m::tsquery --n ;drop)");
  for (const std::string& text : {query.fts5(), query.tsquery_simple(), query.tsquery_turkish()}) {
    EXPECT_THAT(text, ::testing::Not(::testing::ContainsRegex("[{};^\\<-]"))) << text;
  }
  EXPECT_EQ(parse("-a b").fts5(), R"(("b") NOT ("a"))");
  EXPECT_EQ(parse("AND OR NOT").fts5(), R"(("and" AND "or" AND "not"))");
}

}  // namespace
}  // namespace katip::store
