#include "http/headers.h"

#include <gtest/gtest.h>

namespace katip::http {
namespace {

TEST(HeadersTest, NamesAreFoundInAnyCase) {
  const Headers headers = {{"Content-Type", "text/plain"}, {"X-A", "1"}};
  EXPECT_EQ(headers.get("content-TYPE"), "text/plain");
  EXPECT_TRUE(headers.has("x-a"));
  EXPECT_FALSE(headers.has("x-b"));
  EXPECT_EQ(headers.get("x-b"), "");
  EXPECT_FALSE(headers.has("x-")) << "the begin of a name is another name";
}

TEST(HeadersTest, SettingTakesThePlaceOfAllOfThatName) {
  Headers headers = {{"Vary", "Origin"}, {"A", "b"}, {"vary", "Accept"}};
  EXPECT_EQ(headers.get("Vary"), "Origin");
  EXPECT_EQ(headers.joined("VARY"), "Origin, Accept");
  headers.set("Vary", "*");
  EXPECT_EQ(headers.joined("vary"), "*");
  headers.remove("VARY");
  EXPECT_FALSE(headers.has("Vary"));
  EXPECT_EQ(std::distance(headers.begin(), headers.end()), 1);
}

TEST(HeadersTest, TrimsOnlySpacesAndTabs) {
  EXPECT_EQ(trimmed(""), "");
  EXPECT_EQ(trimmed(" \t "), "");
  EXPECT_EQ(trimmed("\t a b "), "a b");
  EXPECT_EQ(trimmed("\n"), "\n");
}

TEST(HeadersTest, CaseOfOtherThanAsciiLettersMatters) {
  EXPECT_TRUE(equals_ignoring_case("aZ-09", "Az-09"));
  EXPECT_FALSE(equals_ignoring_case("a", "ab"));
  EXPECT_FALSE(equals_ignoring_case("@", "`"));
  EXPECT_FALSE(equals_ignoring_case("[", "{"));
  EXPECT_FALSE(equals_ignoring_case("\xC3\x84", "\xC3\xA4"));
}

}  // namespace
}  // namespace katip::http
