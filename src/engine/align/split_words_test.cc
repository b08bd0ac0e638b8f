#include "engine/align/split_words.h"

#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/model/testing/tokenizer.h"

namespace katip::engine {
namespace {

/// Token i has the bytes parts[i].
std::vector<TokenWord> split(const std::vector<std::string>& parts, std::string_view language) {
  std::map<int, std::string> bytes;
  for (std::size_t i = 0; i < parts.size(); ++i) bytes[static_cast<int>(i)] = parts[i];
  std::vector<int> tokens(parts.size());
  std::iota(tokens.begin(), tokens.end(), 0);
  const auto words = split_words(tokens, language, TestingTokenizer(bytes));
  std::size_t next = 0;
  for (const TokenWord& word : words) {
    EXPECT_EQ(word.token_begin, next) << "the words must cover all tokens";
    EXPECT_GT(word.token_end, word.token_begin);
    next = word.token_end;
  }
  EXPECT_EQ(next, parts.size());
  return words;
}

std::vector<std::string> texts(const std::vector<TokenWord>& words) {
  std::vector<std::string> texts;
  for (const TokenWord& word : words) texts.push_back(word.text);
  return texts;
}

using Texts = std::vector<std::string>;

TEST(SplitWords, NoTokensAreNoWords) { EXPECT_TRUE(split({}, "en").empty()); }

TEST(SplitWords, ASpaceBeginsAWordAndPunctuationStandsAlone) {
  EXPECT_EQ(texts(split({" Quil", "ter", "'s", ",", " and", " (", ")", "so"}, "en")),
            (Texts{" Quilter's", ",", " and", " (", ")so"}));
}

TEST(SplitWords, TheFirstWordNeedsNoSpace) {
  EXPECT_EQ(texts(split({"Hel", "lo", " you"}, "en")), (Texts{"Hello", " you"}));
}

TEST(SplitWords, LanguagesWithoutSpacesAreCutAfterEachToken) {
  for (const auto* language : {"zh", "ja", "th", "lo", "my", "yue"}) {
    EXPECT_EQ(texts(split({"客", "観", "的"}, language)), (Texts{"客", "観", "的"})) << language;
  }
  EXPECT_EQ(texts(split({"客", "観", "的"}, "ko")), (Texts{"客観的"}));
}

TEST(SplitWords, ACharacterIsNeverCut) {
  EXPECT_EQ(texts(split({"\xe5", "\xae", "\xa2", "\xe8\xa6", "\xb3"}, "ja")), (Texts{"客", "観"}));
  EXPECT_EQ(texts(split({" caf", "\xc3", "\xa9", " au"}, "fr")), (Texts{" café", " au"}));
}

TEST(SplitWords, BrokenBytesEndWhereTheyStand) {
  EXPECT_EQ(texts(split({"\xe5\xae", "a", "\xa2", "b"}, "ja")),
            (Texts{"\xe5\xae", "a", "\xa2", "b"}));
  EXPECT_EQ(texts(split({" a", "\xe5"}, "en")), (Texts{" a\xe5"})) << "cut off at the end";
  EXPECT_EQ(split({"\xed\xa0", "\x80"}, "ja").size(), 2u) << "a surrogate is no character";
  EXPECT_EQ(split({"\xf4\x90", "\x80\x80"}, "ja").size(), 2u) << "beyond U+10FFFF";
}

TEST(SplitWords, TokensWithoutBytesJoinTheirNeighbour) {
  EXPECT_EQ(split({"", " a", ""}, "ja").size(), 3u);
  EXPECT_EQ(split({"", ""}, "en").size(), 2u);
}

TEST(SplitWords, MarksAreToldApart) {
  EXPECT_TRUE(is_prepended(" ("));
  EXPECT_TRUE(is_prepended(" “"));
  EXPECT_FALSE(is_prepended("(")) << "without a space it is inside a word";
  EXPECT_FALSE(is_prepended(" a"));
  EXPECT_TRUE(is_appended("。"));
  EXPECT_FALSE(is_appended(""));
  EXPECT_FALSE(is_appended(" ,"));
  EXPECT_TRUE(is_sentence_end("?"));
  EXPECT_FALSE(is_sentence_end(","));
}

}  // namespace
}  // namespace katip::engine
