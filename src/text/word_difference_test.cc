#include "text/word_difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::text {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using enum DifferenceKind;

TEST(WordDifference, OfTheSameIsOneRun) {
  EXPECT_THAT(word_difference("bir iki", "bir  iki", "tr"),
              ElementsAre(WordRun{kSame, {"bir", "iki"}, {"bir", "iki"}}));
  EXPECT_THAT(word_difference("", " \n", "tr"), IsEmpty());
}

TEST(WordDifference, NamesWhatBecameOfEachWord) {
  EXPECT_THAT(
      word_difference("bugün kubernetis ile hemen başlıyoruz", "Bugün Kubernetes ile", "tr"),
      ElementsAre(WordRun{kRetouched, {"bugün"}, {"Bugün"}},
                  WordRun{kReplaced, {"kubernetis"}, {"Kubernetes"}},
                  WordRun{kSame, {"ile"}, {"ile"}},
                  WordRun{kRemoved, {"hemen", "başlıyoruz"}, {}}));
  EXPECT_THAT(word_difference("a c", "a b c.", "en"),
              ElementsAre(WordRun{kSame, {"a"}, {"a"}}, WordRun{kAdded, {}, {"b"}},
                          WordRun{kRetouched, {"c"}, {"c."}}));
}

TEST(WordDifference, HasNames) {
  EXPECT_EQ(name(kSame), "same");
  EXPECT_EQ(name(kAdded), "added");
}

}  // namespace
}  // namespace katip::text
