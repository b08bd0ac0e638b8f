#include "app/lexicon_file.h"

#include <gtest/gtest.h>

namespace katip::app {
namespace {

std::string fault(std::string_view text) {
  const auto terms = parse_lexicon(text, "names.txt");
  EXPECT_FALSE(terms) << text;
  return terms ? "" : terms.error().message;
}

TEST(ParseLexicon, AnEmptyFileHasNoTerms) {
  EXPECT_TRUE(parse_lexicon("", "f")->empty());
  EXPECT_TRUE(parse_lexicon("\n# only a comment\n  \n", "f")->empty());
}

TEST(ParseLexicon, ReadsTermsWeightsAndAlternatives) {
  const auto terms = parse_lexicon(
      "\xEF\xBB\xBFÇarşamba\r\nAyşe Yılmaz\t2\nKubernetes\t1.5\tkubernetis\tcubernetes\n", "f");
  ASSERT_TRUE(terms) << terms.error().message;
  ASSERT_EQ(terms->size(), 3u);
  EXPECT_EQ(terms->at(0).term, "Çarşamba");
  EXPECT_EQ(terms->at(0).weight, 1.0f);
  EXPECT_EQ(terms->at(1).weight, 2.0f);
  EXPECT_EQ(terms->at(2).alternatives, (std::vector<std::string>{"kubernetis", "cubernetes"}));
}

TEST(ParseLexicon, NamesTheLineOfAFault) {
  EXPECT_EQ(fault("a\n\nb\tmany\n").substr(0, 14), "names.txt:3: `");
  for (const char* text : {"a\t9", "a\t-1", "a\tnan", "\t1", "a\t1x"}) {
    EXPECT_FALSE(fault(text).empty()) << text;
  }
  EXPECT_NE(fault(std::string(501, 'x')).find("longer than 500"), std::string::npos);
}

TEST(ParseLexicon, LimitsTheNumberOfTerms) {
  std::string text;
  for (int i = 0; i < 100'001; ++i) {
    text += "x\n";
  }
  const auto terms = parse_lexicon(text, "f");
  ASSERT_FALSE(terms);
  EXPECT_EQ(terms.error().code, ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace katip::app
