#include "app/lexicon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/testing/record_fixture.h"

namespace katip::app {
namespace {

using ::testing::HasSubstr;

class LexiconTest : public RecordFixture {
 protected:
  Lexicon lexicon() { return {pool(), clock(), rng()}; }
  Result<Term> add(const TermRequest& request) { return lexicon().add(ayse(), request, {}); }
};
KATIP_ON_BOTH_DATABASES(LexiconTest);

TEST_P(LexiconTest, ATermIsTheSameInEveryCaseOfItsLanguage) {
  const Term term = jobs::must(add({.term = "  ISPARTA ", .language = "Turkish"}));
  EXPECT_EQ(term.term, "ISPARTA");
  EXPECT_EQ(term.language, "tr");
  EXPECT_EQ(term.normalized_term, "ısparta");
  EXPECT_EQ(term.created_by, "ayşe");
  const auto again = add({.term = "Isparta", .language = "tr"});
  ASSERT_EQ(code(again), ErrorCode::kConflict);
  EXPECT_THAT(again.error().message, HasSubstr(term.id));
  EXPECT_TRUE(add({.term = "Isparta", .language = "en"}));
}

TEST_P(LexiconTest, WhatIsNoTermIsRefused) {
  for (const TermRequest& request :
       {TermRequest{.term = ""}, TermRequest{.term = " \n "}, TermRequest{.term = "a\nb"},
        TermRequest{.term = std::string(201, 'x')}, TermRequest{.term = "\xFF"},
        TermRequest{.term = std::string("a\0b", 3)}, TermRequest{.term = "a", .language = "xx"},
        TermRequest{.term = "a", .category = ""}, TermRequest{.term = "a", .weight = 0},
        TermRequest{.term = "a", .weight = 5.1}, TermRequest{.term = "a", .weight = NAN},
        TermRequest{.term = "a", .alternatives = {""}}}) {
    EXPECT_EQ(code(add(request)), ErrorCode::kInvalidArgument) << request.term;
  }
}

TEST_P(LexiconTest, ChangesSwitchesOffAndDeletes) {
  const Term term = jobs::must(add({.term = "Ankara", .language = "tr"}));
  jobs::must(add({.term = "İzmir", .language = "tr"}));
  const Term changed = jobs::must(
      lexicon().change(ayse(), term.id, {.term = "ANKARA", .weight = 2.5, .is_active = false}, {}));
  EXPECT_EQ(changed.normalized_term, "ankara");
  EXPECT_EQ(changed.weight, 2.5);
  EXPECT_EQ(jobs::must(lexicon().active_terms("tr", {})).size(), 1U);
  EXPECT_EQ(code(lexicon().change(ayse(), term.id, {.term = "izmir"}, {})), ErrorCode::kConflict);
  EXPECT_EQ(code(lexicon().change(ayse(), "none", {.weight = 1}, {})), ErrorCode::kNotFound);
  jobs::must(lexicon().remove(ayse(), term.id, {}));
  EXPECT_EQ(code(lexicon().remove(ayse(), term.id, {})), ErrorCode::kNotFound);
  EXPECT_EQ(code(lexicon().get(ayse(), term.id, {})), ErrorCode::kNotFound);
}

TEST_P(LexiconTest, IsSearchedAsTyped) {
  jobs::must(add({.term = "İstanbul", .language = "tr"}));
  const auto found = [&](const std::string& part) {
    return jobs::must(lexicon().list(ayse(), {.filter = {.part = part}}, {})).terms.size();
  };
  EXPECT_EQ(found("STAN"), 1U);
  EXPECT_EQ(found("İSTAN"), 1U);
  EXPECT_EQ(found("zmir"), 0U);
}

TEST_P(LexiconTest, ATranscriptionIsGivenTheTermsOfItsLanguage) {
  jobs::must(add({.term = "Ankara", .language = "tr", .weight = 2}));
  jobs::must(add({.term = "Kubernetes", .alternatives = {"K8s"}}));
  jobs::must(add({.term = "London", .language = "en"}));
  const auto terms = jobs::must(lexicon().active_terms("tr", {}));
  ASSERT_EQ(terms.size(), 2U);
  EXPECT_EQ(terms[0].term, "Ankara");
  EXPECT_FLOAT_EQ(terms[0].weight, 2);
  EXPECT_EQ(terms[1].alternatives, std::vector<std::string>{"K8s"});
  EXPECT_EQ(jobs::must(lexicon().active_terms("", {})).size(), 3U);
}

TEST_P(LexiconTest, AnImportAddsAndChanges) {
  jobs::must(add({.term = "ankara", .language = "tr"}));
  std::vector<TermRequest> terms = {{.term = "Ankara", .language = "tr", .weight = 3}};
  for (int i = 0; i < 1200; ++i) terms.push_back({.term = "terim " + std::to_string(i)});
  const ImportCounts counts = jobs::must(lexicon().import(ayse(), terms, {}));
  EXPECT_EQ(counts.added, 1200);
  EXPECT_EQ(counts.changed, 1);
  const auto all = jobs::must(lexicon().export_all(ayse(), {}, {}));
  EXPECT_EQ(all.size(), 1201U);
  EXPECT_EQ(all[0].term, "Ankara") << "the weightiest first";
  EXPECT_EQ(all[1].source, store::TermSource::kImported);
  EXPECT_EQ(jobs::must(lexicon().import(ayse(), terms, {})).added, 0) << "it may be repeated";
}

TEST_P(LexiconTest, WhatWasRejectedIsNotUsedAfterAnImport) {
  jobs::must(lexicon().import(ayse(),
                              {{.term = "a"}, {.term = "b", .status = TermStatus::kRejected}}, {}));
  const auto used = jobs::must(lexicon().active_terms("", {}));
  ASSERT_EQ(used.size(), 1U);
  EXPECT_EQ(used[0].term, "a");
  jobs::must(lexicon().import(ayse(), {{.term = "b"}}, {}));
  EXPECT_EQ(jobs::must(lexicon().active_terms("", {})).size(), 2U);
}

TEST_P(LexiconTest, AnImportWithAMistakeChangesNothing) {
  const auto counts = lexicon().import(ayse(), {{.term = "a"}, {.term = "b", .weight = -1}}, {});
  ASSERT_EQ(code(counts), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(jobs::must(lexicon().export_all(ayse(), {}, {})).empty());
}

}  // namespace
}  // namespace katip::app
