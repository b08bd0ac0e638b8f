#include "base/utf8.h"

#include <gtest/gtest.h>

namespace katip {
namespace {

using namespace std::string_view_literals;

TEST(CharacterSize, CountsTheBytesOfWhatIsACharacter) {
  EXPECT_EQ(character_size("a"), 1U);
  EXPECT_EQ(character_size("\0"sv), 1U);
  EXPECT_EQ(character_size("ş"), 2U);
  EXPECT_EQ(character_size("€"), 3U);
  EXPECT_EQ(character_size("𝄞"), 4U);
}

TEST(CharacterSize, IsNoneForWhatIsNot) {
  for (const auto text : {"\x80"sv, "\xC5"sv, "\xC0\xAF"sv, "\xE0\x80\xAF"sv, "\xED\xA0\x80"sv,
                          "\xF0\x80\x80\x80"sv, "\xF4\x90\x80\x80"sv, "\xF5"sv, "\xE2\x82"sv}) {
    EXPECT_EQ(character_size(text), 0U);
    EXPECT_FALSE(is_utf8(text));
  }
  EXPECT_TRUE(is_utf8("çağrı 𝄞"));
  EXPECT_TRUE(is_utf8(""));
}

TEST(CharacterCount, CountsCharactersAndBytesThatBeginNone) {
  EXPECT_EQ(character_count(""), 0U);
  EXPECT_EQ(character_count("çağrı 𝄞"), 7U);
  EXPECT_EQ(character_count("a\x80\xC5"), 3U);
}

TEST(CharacterEnd, PassesOverTheBytesThatGoOn) {
  EXPECT_EQ(character_end("aşb", 0), 1U);
  EXPECT_EQ(character_end("aşb", 1), 3U);
  EXPECT_EQ(character_end("aşb", 3), 4U);
  EXPECT_EQ(character_end("€", 0), 3U);
  EXPECT_EQ(character_end("\x80\x80z"sv, 0), 2U) << "what is no UTF-8 ends as well";
  EXPECT_EQ(character_end("\xE2"sv, 0), 1U);
}

TEST(CharacterBegin, GoesBackToTheFirstByte) {
  EXPECT_EQ(character_begin("aşb", 0), 0U);
  EXPECT_EQ(character_begin("aşb", 1), 1U);
  EXPECT_EQ(character_begin("aşb", 2), 1U);
  EXPECT_EQ(character_begin("aşb", 3), 3U);
  EXPECT_EQ(character_begin("aşb", 4), 4U);
  EXPECT_EQ(character_begin("aşb", 99), 4U);
  EXPECT_EQ(character_begin("", 0), 0U);
  EXPECT_EQ(character_begin("\x80\x80"sv, 1), 0U);
}

TEST(CutSize, CutsBetweenCharacters) {
  EXPECT_EQ(cut_size("aşb", 4), 4U);
  EXPECT_EQ(cut_size("aşb", 3), 3U);
  EXPECT_EQ(cut_size("aşb", 2), 1U);
  EXPECT_EQ(cut_size("şb", 1), 0U);
  EXPECT_EQ(cut_size("", 5), 0U);
}

}  // namespace
}  // namespace katip
