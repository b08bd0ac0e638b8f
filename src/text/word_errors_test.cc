#include "text/word_errors.h"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace katip::text {
namespace {

TEST(Compare, CountsEachKindOfError) {
  const Comparison comparison = compare("The cat sat on the mat.", "the bat sat the mat now", "en");
  EXPECT_EQ(comparison.unit, ErrorUnit::kWord);
  EXPECT_EQ(comparison.count, (ErrorCount{.reference_count = 6,
                                          .substitution_count = 1,
                                          .deletion_count = 1,
                                          .insertion_count = 1}));
  EXPECT_DOUBLE_EQ(comparison.count.rate(), 0.5);
}

TEST(Compare, FindsNoErrorInPunctuationCaseAndNumbers) {
  EXPECT_EQ(compare("Mr. Smith has three dogs!", "smith has 3 dogs", "en").count.errors(), 0);
  EXPECT_EQ(compare("ISPARTA'da", "ısparta\u2019da", "tr").count.errors(), 0);
}

TEST(Compare, CountsCharactersWhereTheLanguageAsksForIt) {
  const Comparison comparison = compare("成立する。", "整理する", "ja");
  EXPECT_EQ(comparison.unit, ErrorUnit::kCharacter);
  EXPECT_EQ(comparison.count.reference_count, 4);
  EXPECT_EQ(comparison.count.errors(), 2);
}

TEST(Compare, CountsCharactersWhenTheCallerAsksForIt) {
  EXPECT_EQ(compare("a cat", "a cut", "en", ErrorUnit::kCharacter).count.reference_count, 4);
}

TEST(ErrorRate, OfSilence) {
  EXPECT_DOUBLE_EQ(compare("", "", "en").count.rate(), 0.0);
  EXPECT_DOUBLE_EQ(compare("", "thanks for watching", "en").count.rate(), 1.0);
  EXPECT_DOUBLE_EQ(compare("hello", "", "en").count.rate(), 1.0);
}

TEST(ErrorRate, IsPooledOverTexts) {
  ErrorCount total = compare("a b c d", "a b c d", "fr").count;
  total += compare("e", "f", "fr").count;
  EXPECT_DOUBLE_EQ(total.rate(), 0.2) << "not the average of 0 and 1";
}

TEST(ReadableErrors, ShowTheErrorsAndTheirNeighbours) {
  EXPECT_EQ(readable_errors(compare("a b c d e f g h", "a b c d x f g h i", "fr")),
            "… b c d {e -> x} f g h {+i}");
  EXPECT_EQ(readable_errors(compare("a b", "b", "fr")), "{-a} b");
  EXPECT_EQ(readable_errors(compare("a b", "a b", "fr")), "…");
  EXPECT_EQ(readable_errors(compare("成立する", "整理する", "ja")), "{成 -> 整}{立 -> 理}する");
  EXPECT_EQ(readable_errors(compare("", "", "en")), "");
}

// Real references, what a Whisper base model heard, and the counts of an independent scorer.
TEST(Compare, CountsWhatAReferenceScorerCounts) {
  std::ifstream file(KATIP_SOURCE_DIR "/tests/golden/text/word_errors.tsv");
  std::string line;
  int line_count = 0;
  while (std::getline(file, line)) {
    if (line.starts_with('#')) {
      continue;
    }
    std::istringstream fields(line);
    std::string language, unit, units, errors, reference, hypothesis;
    for (std::string* field : {&language, &unit, &units, &errors, &reference, &hypothesis}) {
      std::getline(fields, *field, '\t');
    }
    const Comparison comparison = compare(reference, hypothesis, language);
    EXPECT_EQ(comparison.unit == ErrorUnit::kWord ? "words" : "characters", unit) << line;
    EXPECT_EQ(comparison.count.reference_count, std::stoll(units)) << line;
    EXPECT_EQ(comparison.count.errors(), std::stoll(errors)) << line << "\n"
                                                             << readable_errors(comparison);
    ++line_count;
  }
  EXPECT_EQ(line_count, 14);
}

}  // namespace
}  // namespace katip::text
