#include <gmock/gmock.h>

#include "store/conformance/schema_conformance.h"
#include "store/job_store.h"
#include "store/lexicon_store.h"

namespace katip::store {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

constexpr Timestamp kNow = std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 12h;

std::string id_of(int number) {
  std::string digits = std::to_string(number);
  return "019a0000-0000-7000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

class LexiconConformance : public SchemaConformance {
 protected:
  static TermRecord term(int number, const std::string& text, const std::string& language) {
    return {.id = id_of(number),
            .term = text,
            .normalized_term = text,
            .language = language,
            .created_at = kNow + std::chrono::minutes(number)};
  }
  bool add(const TermRecord& record) const { return must(insert_term(sql(), record)); }
  std::vector<std::string> list(const TermFilter& filter) const {
    std::vector<std::string> terms;
    for (const auto& row : must(list_terms(sql(), filter, {}, 100)).rows) {
      terms.push_back(row.term);
    }
    return terms;
  }
  std::vector<std::string> active(const std::string& language) const {
    std::vector<std::string> terms;
    for (const auto& row : must(active_terms(sql(), language, 100))) terms.push_back(row.term);
    return terms;
  }
};
KATIP_CONFORMANCE(LexiconConformance);

TEST_P(LexiconConformance, ComesBackAsItWasGiven) {
  TermRecord all = term(1, "Ayşe Yılmaz", "tr");
  all.category = "person";
  all.frequency = 3;
  all.weight = 2.5;
  all.alternatives = {"Ayşe Y.", "A. Yılmaz"};
  all.source = TermSource::kImported;
  all.created_by = "ali";
  EXPECT_TRUE(add(all));
  const TermRecord record = *must(find_term(sql(), id_of(1)));
  EXPECT_EQ(record.term, all.term);
  EXPECT_EQ(record.category, "person");
  EXPECT_EQ(record.frequency, 3);
  EXPECT_EQ(record.weight, 2.5);
  EXPECT_EQ(record.alternatives, all.alternatives);
  EXPECT_EQ(record.source, TermSource::kImported);
  EXPECT_EQ(record.status, TermStatus::kActive);
  EXPECT_TRUE(record.is_active);
  EXPECT_EQ(record.created_by, "ali");
  EXPECT_EQ(must(find_term_by_name(sql(), {"Ayşe Yılmaz", "tr"}))->id, id_of(1));
  EXPECT_EQ(must(find_term_by_name(sql(), {"Ayşe Yılmaz", "en"})), std::nullopt);
  EXPECT_EQ(must(find_term(sql(), "none")), std::nullopt);
}

TEST_P(LexiconConformance, ATermIsThereOnceForALanguage) {
  EXPECT_TRUE(add(term(1, "ankara", "tr")));
  EXPECT_FALSE(add(term(2, "ankara", "tr")));
  EXPECT_TRUE(add(term(3, "ankara", "")));
  TermRecord other = term(3, "ankara", "tr");
  EXPECT_EQ(code(update_term(sql(), other)), ErrorCode::kConflict);
}

TEST_P(LexiconConformance, ChangesAndDeletes) {
  add(term(1, "ankara", "tr"));
  TermRecord changed = term(1, "angora", "en");
  changed.weight = 3;
  changed.is_active = false;
  EXPECT_TRUE(must(update_term(sql(), changed)));
  EXPECT_EQ(must(find_term(sql(), id_of(1)))->term, "angora");
  EXPECT_FALSE(must(find_term(sql(), id_of(1)))->is_active);
  EXPECT_TRUE(must(delete_term(sql(), id_of(1))));
  EXPECT_FALSE(must(delete_term(sql(), id_of(1))));
  EXPECT_FALSE(must(update_term(sql(), changed)));
  EXPECT_FALSE(must(delete_term(sql(), "none")));
}

TEST_P(LexiconConformance, ASuggestionIsDecidedOnce) {
  TermRecord suggested = term(1, "kubernetes", "tr");
  suggested.status = TermStatus::kSuggested;
  suggested.is_active = false;
  add(suggested);
  EXPECT_TRUE(active("tr").empty());
  const auto decide = [&](TermStatus to) {
    return must(set_term_status(sql(), id_of(1), TermStatus::kSuggested, to, kNow));
  };
  EXPECT_TRUE(decide(TermStatus::kActive));
  EXPECT_FALSE(decide(TermStatus::kRejected));
  EXPECT_THAT(active("tr"), ElementsAre("kubernetes"));
}

TEST_P(LexiconConformance, FiltersAndPages) {
  add(term(1, "ankara", "tr"));
  add(term(2, "izmir", "tr"));
  add(term(3, "london", "en"));
  EXPECT_THAT(list({}), ElementsAre("london", "izmir", "ankara"));
  EXPECT_THAT(list({.language = "tr"}), ElementsAre("izmir", "ankara"));
  EXPECT_THAT(list({.part = "nkar"}), ElementsAre("ankara"));
  EXPECT_THAT(list({.status = TermStatus::kSuggested}), ElementsAre());
  EXPECT_THAT(list({.source = TermSource::kManual, .is_active = true}).size(), 3U);
  EXPECT_THAT(list({.category = "person"}), ElementsAre());
  const auto page = must(list_terms(sql(), {}, {}, 2));
  ASSERT_TRUE(page.next);
  EXPECT_EQ(must(list_terms(sql(), {}, page.next, 2)).rows.at(0).term, "ankara");
}

TEST_P(LexiconConformance, TermsInUseAreThoseOfTheLanguageTheWeightiestFirst) {
  TermRecord heavy = term(1, "ankara", "tr");
  heavy.weight = 3;
  TermRecord frequent = term(2, "izmir", "");
  frequent.frequency = 9;
  add(term(3, "adana", "tr"));
  add(frequent);
  add(heavy);
  add(term(4, "london", "en"));
  EXPECT_THAT(active("tr"), ElementsAre("ankara", "izmir", "adana"));
  EXPECT_THAT(active("en"), ElementsAre("izmir", "london"));
  EXPECT_EQ(active("").size(), 4U);
}

TEST_P(LexiconConformance, EvidenceOfOneRecordingCountsOnce) {
  for (int i : {1, 2}) {
    must(insert_job(sql(),
                    {.id = id_of(i), .job_id = "job_" + std::to_string(i), .created_at = kNow}));
  }
  const TermName name{"kubernetes", "tr"};
  const auto save = [&](int id, int job, int count) {
    must(save_evidence(sql(),
                       {.id = id_of(id),
                        .job_id = id_of(job),
                        .name = name,
                        .term = "Kubernetes",
                        .heard = "kubernetis",
                        .occurrence_count = count},
                       kNow));
  };
  save(11, 1, 1);
  save(12, 1, 1);
  EXPECT_EQ(must(count_evidence(sql(), name, kNow)), 1);
  save(13, 2, 3);
  EXPECT_EQ(must(count_evidence(sql(), name, kNow)), 4);
  EXPECT_EQ(must(count_evidence(sql(), name, kNow + 1s)), 0) << "too old";
  EXPECT_EQ(must(count_evidence(sql(), {"kubernetes", "en"}, kNow)), 0);
  const auto list = must(list_evidence(sql(), name, 10));
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].heard, "kubernetis");
  add(term(1, "kubernetes", "tr"));
  must(raise_term_frequency(sql(), name, 4, kNow));
  must(raise_term_frequency(sql(), name, 2, kNow));
  EXPECT_EQ(must(find_term(sql(), id_of(1)))->frequency, 4);
  EXPECT_EQ(must(delete_old_evidence(sql(), kNow)), 0);
  EXPECT_EQ(must(delete_old_evidence(sql(), kNow + 1s)), 2);
}

}  // namespace
}  // namespace katip::store
