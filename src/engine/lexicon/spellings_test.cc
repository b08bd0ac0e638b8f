#include "engine/lexicon/spellings.h"

#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/model/testing/tokenizer.h"

namespace katip::engine {
namespace {

/// A tokenizer with one token for each byte.
TestingTokenizer bytes() {
  std::map<int, std::string> bytes;
  for (int i = 0; i < 256; ++i) bytes[i] = std::string(1, static_cast<char>(i));
  return TestingTokenizer(bytes);
}

std::multiset<std::string> spellings(const LexiconTerm& term) {
  std::vector<TokenSequence> sequences;
  add_spellings(term, bytes(), sequences);
  std::multiset<std::string> texts;
  for (const TokenSequence& sequence : sequences) {
    EXPECT_EQ(sequence.weight, term.weight);
    texts.insert(bytes().decode(sequence.tokens));
  }
  return texts;
}

std::multiset<std::string> spellings(const std::string& term) {
  return spellings(LexiconTerm{.term = term, .alternatives = {}});
}

using Texts = std::multiset<std::string>;

TEST(Spellings, AWordMayBeCapitalAndHaveASpace) {
  EXPECT_EQ(spellings({.term = "opal", .weight = 2.0f, .alternatives = {}}),
            (Texts{"opal", " opal", "Opal", " Opal"}));
  EXPECT_EQ(spellings("Opal"), (Texts{"Opal", " Opal"}));
  EXPECT_EQ(spellings(" Opal \n"), (Texts{"Opal", " Opal"})) << "outer blanks do not count";
}

TEST(Spellings, TheFirstLetterMayBeAnyLetter) {
  EXPECT_EQ(spellings("çay"), (Texts{"çay", " çay", "Çay", " Çay"}));
  EXPECT_EQ(spellings("éclair"), (Texts{"éclair", " éclair", "Éclair", " Éclair"}));
  EXPECT_EQ(spellings("4711"), (Texts{"4711", " 4711"}));
}

TEST(Spellings, ScriptsWithoutSpacesGetNone) { EXPECT_EQ(spellings("東京"), (Texts{"東京"})); }

TEST(Spellings, AlternativesAreSpelledToo) {
  EXPECT_EQ(spellings({.term = "A B", .alternatives = {"AB", " "}}),
            (Texts{"A B", " A B", "AB", " AB"}));
}

TEST(Spellings, NothingAndBrokenBytesAreNoFault) {
  EXPECT_TRUE(spellings("").empty());
  EXPECT_EQ(spellings("\xff\xfe"), (Texts{"\xff\xfe", " \xff\xfe"}));
  EXPECT_EQ(spellings("\xc3"), (Texts{"\xc3", " \xc3"}));
}

}  // namespace
}  // namespace katip::engine
