#include "http/wire/url_text.h"

#include <gtest/gtest.h>

namespace katip::http {
namespace {

TEST(UrlTextTest, DecodesPercentCodes) {
  EXPECT_EQ(percent_decoded(""), "");
  EXPECT_EQ(percent_decoded("a%20b+c"), "a b+c");
  EXPECT_EQ(percent_decoded("%C5%9F%c5%9f"), "\xC5\x9F\xC5\x9F");
  EXPECT_EQ(percent_decoded("%25%41"), "%A") << "decoded once only";
}

TEST(UrlTextTest, RefusesWhatIsNoText) {
  for (const char* bad : {"%", "%4", "a%", "a%4", "%zz", "%4g", "%-1", "%+1", "%00", "a%00b", "%FF",
                          "%C5", "%C0%AF", "%ED%A0%80", "\xFF"}) {
    EXPECT_EQ(percent_decoded(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(percent_decoded(std::string_view("a\0b", 3)), std::nullopt);
}

TEST(UrlTextTest, ReadsPairsInTheirOrder) {
  const QueryPairs expected = {{"a", "1"}, {"b", "x y"}, {"a", ""}, {"c", "=&"}, {"", "d"}};
  EXPECT_EQ(parse_query("a=1&b=x+y&a&&c==%26&=d&"), expected);
  EXPECT_EQ(parse_query(""), QueryPairs());
  EXPECT_EQ(parse_query("&&&"), QueryPairs());
  EXPECT_EQ(parse_query("a=%"), std::nullopt);
  EXPECT_EQ(parse_query("%00=a"), std::nullopt);
}

TEST(UrlTextTest, TakesSoManyPairsAndNoMore) {
  std::string query;
  for (std::size_t i = 0; i < kQueryPairCountMax; ++i) query += "a=1&";
  ASSERT_TRUE(parse_query(query));
  EXPECT_EQ(parse_query(query)->size(), kQueryPairCountMax);
  EXPECT_EQ(parse_query(query + "b"), std::nullopt);
}

}  // namespace
}  // namespace katip::http
