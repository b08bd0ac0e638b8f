#include "text/term_candidates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::text {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<TermCandidate> find(std::string_view before, std::string_view after,
                                std::string_view language = "tr") {
  return find_term_candidates(word_difference(before, after, language), language);
}

TEST(TermCandidates, ANameThatSoundsLikeWhatWasHeard) {
  EXPECT_THAT(find("bugün kubernetis ile", "Bugün Kubernetes ile"),
              ElementsAre(TermCandidate{"Kubernetes", "kubernetis"}));
  EXPECT_THAT(find("toplantıya ayşe yılmas katıldı", "Toplantıya Ayşen Yılmaz katıldı"),
              ElementsAre(TermCandidate{"Ayşen Yılmaz", "ayşe yılmas"}));
  EXPECT_THAT(find("sonra cuber netes kurduk", "sonra Kubernetes kurduk"),
              ElementsAre(TermCandidate{"Kubernetes", "cuber netes"}));
  EXPECT_THAT(find("bir ci pi ti modeli", "bir GPT modeli"), IsEmpty())
      << "spelled letters do not sound alike";
}

TEST(TermCandidates, WithoutTheSuffixAndCountedTogether) {
  EXPECT_THAT(find("dün angara'da ve angara'ya", "dün Ankara'da ve Ankara'ya"),
              ElementsAre(TermCandidate{"Ankara", "angara", 2}));
}

TEST(TermCandidates, WordsOfTheLanguageAreNone) {
  EXPECT_THAT(find("bu iyi bir konu", "bu iyi bir konuşma"), IsEmpty());
  EXPECT_THAT(find("geldi sonra gitti", "geldi. Sonra gitti"), IsEmpty());
}

TEST(TermCandidates, AnotherNameIsNone) {
  EXPECT_THAT(find("dün ali geldi", "dün Mehmet geldi"), IsEmpty());
  EXPECT_THAT(find("saat yirmi idi", "saat 20 idi"), IsEmpty());
}

TEST(TermCandidates, ACapitalAtTheBeginningSaysNothing) {
  EXPECT_THAT(find("kubernetis nedir", "Kubernetes nedir"), IsEmpty());
  EXPECT_THAT(find("kubernetis nedir evet kubernetis", "Kubernetes nedir? Evet, Kubernetes"),
              ElementsAre(TermCandidate{"Kubernetes", "kubernetis", 2}))
      << "it is a name elsewhere in the text";
}

TEST(TermCandidates, ANameBehindATitleIsInsideTheSentence) {
  EXPECT_THAT(find("mr John Dashwood said", "Mr. Jon Dashwood said", "en"),
              ElementsAre(TermCandidate{"Jon", "John"}));
  EXPECT_THAT(find("sayın Doç. Yılmas geldi", "Sayın Doç. Yılmaz geldi"),
              ElementsAre(TermCandidate{"Yılmaz", "Yılmas"}));
}

TEST(TermCandidates, NothingOfAnything) {
  EXPECT_THAT(find("", ""), IsEmpty());
  EXPECT_THAT(find("a b", ""), IsEmpty());
  EXPECT_THAT(find("\xFF\xFE", "\xFF A\x80"), IsEmpty());
}

TEST(SoundSimilarity, IsOfSoundsNotOfLetters) {
  EXPECT_DOUBLE_EQ(sound_similarity("Isparta", "ısparta", "tr"), 1);
  EXPECT_GT(sound_similarity("kubernetis", "Kubernetes", "en"), 0.9);
  EXPECT_GT(sound_similarity("dosteyevski", "Dostoyevski", "tr"), 0.8);
  EXPECT_LT(sound_similarity("Ali", "Mehmet", "tr"), 0.4);
  EXPECT_DOUBLE_EQ(sound_similarity("", "", "tr"), 0);
}

}  // namespace
}  // namespace katip::text
