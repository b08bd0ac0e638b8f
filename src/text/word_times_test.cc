#include "text/word_times.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::text {
namespace {

using ::testing::ElementsAre;

Segment segment() {
  return {.start_ms = 1000,
          .end_ms = 4000,
          .text = "Toplantı kubernetis ile başladı.",
          .words = {{1000, 1600, " Toplantı", 0.9f},
                    {1700, 2500, " kubernetis", 0.4f},
                    {2600, 2800, " ile", 0.8f},
                    {2800, 3900, " başladı.", 0.7f}}};
}
std::string times(const std::vector<Word>& words) {
  std::string text;
  for (const Word& word : words) {
    text += word.text + "=" + std::to_string(word.start_ms) + "-" + std::to_string(word.end_ms);
  }
  return text;
}

TEST(WordTimesTest, AReplacedWordTakesTheTimeOfTheOldOne) {
  const auto words = realigned_words(segment(), "Toplantı Kubernetes ile başladı!", "tr");
  EXPECT_EQ(times(words),
            " Toplantı=1000-1600 Kubernetes=1700-2500 ile=2600-2800"
            " başladı!=2800-3900");
  EXPECT_FLOAT_EQ(words[0].probability, 0.9f);
  EXPECT_FLOAT_EQ(words[1].probability, 1.0f);
  EXPECT_FLOAT_EQ(words[3].probability, 0.7f);
}

TEST(WordTimesTest, NewWordsShareTheTimeBetweenTheirNeighbours) {
  EXPECT_EQ(times(realigned_words(segment(), "Toplantı Ku Bernetes ile başladı.", "tr")),
            " Toplantı=1000-1600 Ku=1700-1860 Bernetes=1860-2500 ile=2600-2800"
            " başladı.=2800-3900");
  EXPECT_EQ(times(realigned_words(segment(), "Toplantı kubernetis bugün ile başladı.", "tr")),
            " Toplantı=1000-1600 kubernetis=1700-2500 bugün=2500-2600 ile=2600-2800"
            " başladı.=2800-3900");
}

TEST(WordTimesTest, EndsBelongToTheSegment) {
  EXPECT_EQ(times(realigned_words(segment(), "kubernetis ile başladı. Son söz", "tr")),
            " kubernetis=1700-2500 ile=2600-2800 başladı.=2800-3900 Son=3900-3950 söz=3950-4000");
  EXPECT_EQ(times(realigned_words(segment(), "bambaşka", "tr")), " bambaşka=1000-3900");
}

TEST(WordTimesTest, CaseFollowsTheLanguage) {
  const Segment isparta{.end_ms = 1000, .text = "ısparta", .words = {{100, 900, " ısparta", 0.5f}}};
  EXPECT_FLOAT_EQ(realigned_words(isparta, "ISPARTA.", "tr")[0].probability, 0.5f);
  EXPECT_FLOAT_EQ(realigned_words(isparta, "ISPARTA.", "en")[0].probability, 1.0f);
}

TEST(WordTimesTest, NothingComesOfNothing) {
  EXPECT_TRUE(realigned_words({.end_ms = 10, .text = "a"}, "a b", "en").empty());
  EXPECT_TRUE(realigned_words(segment(), " \n", "en").empty());
}

TEST(WordTimesTest, WordsOfATextPutTogetherAreTheText) {
  EXPECT_THAT(words_of(" Bir, iki  (üç)"), ElementsAre(" Bir,", " iki", "  (üç)"));
  EXPECT_THAT(words_of("東京に行く。"), ElementsAre("東", "京", "に", "行", "く。"));
  EXPECT_THAT(words_of("GPT を使う"), ElementsAre("GPT", " を", "使", "う"));
  EXPECT_THAT(words_of("a  "), ElementsAre("a  "));
  EXPECT_TRUE(words_of("").empty());
  EXPECT_TRUE(words_of("  ").empty());
}

}  // namespace
}  // namespace katip::text
