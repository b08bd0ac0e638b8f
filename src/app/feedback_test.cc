#include "app/feedback.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/lexicon.h"
#include "app/lexicon_learning.h"
#include "app/testing/record_fixture.h"
#include "app/transcript_edits.h"
#include "jobs/testing/no_lease.h"
#include "store/webhook_store.h"

namespace katip::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FeedbackTest : public RecordFixture {
 protected:
  FeedbackDesk desk() { return FeedbackDesk(queue()); }
  Lexicon lexicon() { return {pool(), clock(), rng()}; }
  FeedbackResult correct(const std::string& job_id, const std::string& text) {
    return jobs::must(desk().submit(ayse(), job_id, {.corrected_text = text}, {}));
  }
  std::string learn() {
    store::ClaimedTask task;
    task.args = "{}";
    jobs::NoLease lease;
    jobs::TaskContext context{.task = task, .lease = lease, .stop = {}};
    return jobs::must(learning_handler(queue())(context)).json.value_or("");
  }
  std::vector<Term> terms(TermStatus status) {
    return jobs::must(lexicon().list(admin(), {.filter = {.status = status}}, {})).terms;
  }
};
KATIP_ON_BOTH_DATABASES(FeedbackTest);

constexpr const char* kCorrect = "Toplantı Kubernetes ile başladı. İkinci cümle.";

TEST_P(FeedbackTest, TheWebhooksOfTheOwnerAreTold) {
  const auto sql = jobs::must(pool().acquire({}));
  store::WebhookRecord webhook;
  webhook.id = queue().new_id();
  webhook.name = webhook.url = "https://example.org";
  webhook.secret = "whsec_a";
  webhook.created_by = "ayşe";
  jobs::must(store::insert_webhook(*sql, webhook));
  const FeedbackResult result = correct(completed("ayşe"), kCorrect);
  const auto told = jobs::must(store::list_deliveries(*sql, webhook.id, {}, {}, 9));
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].event_type, "feedback.created");
  const auto whole = jobs::must(store::find_delivery(*sql, told[0].id));
  EXPECT_THAT(whole->payload, HasSubstr(result.feedback.id));
}

TEST_P(FeedbackTest, AccuracyIsOneMinusTheWordErrorRate) {
  const std::string id = completed("ayşe");
  const FeedbackResult result = correct(id, kCorrect);
  EXPECT_DOUBLE_EQ(result.feedback.accuracy_score.value(), 1 - 1.0 / 6);
  EXPECT_EQ(result.errors.substitution_count, 1);
  EXPECT_EQ(result.feedback.public_job_id, id);
  EXPECT_EQ(result.feedback.reviewer, "ayşe");
  EXPECT_THAT(result.terms, ElementsAre(text::TermCandidate{"Kubernetes", "kubernetis"}));
  EXPECT_THAT(result.feedback.diff_data.value(), HasSubstr("substitution_count"));
  EXPECT_FALSE(result.feedback.is_processed);
}

TEST_P(FeedbackTest, PerfectAndHopelessTextsStayInTheRange) {
  const std::string id = completed("ayşe");
  const auto perfect = correct(id, "toplantı kubernetis ile başladı ikinci cümle");
  EXPECT_DOUBLE_EQ(perfect.feedback.accuracy_score.value(), 1);
  EXPECT_TRUE(perfect.feedback.is_processed) << "there is nothing to learn";
  EXPECT_DOUBLE_EQ(correct(id, "başka").feedback.accuracy_score.value(), 0);
}

TEST_P(FeedbackTest, SegmentsOrAnEditedTranscriptSayTheSame) {
  const std::string id = completed("ayşe");
  const auto by_segment = jobs::must(desk().submit(
      ayse(), id,
      {.corrected_segments = {{.index = 0, .text = "Toplantı Kubernetes ile başladı."}}}, {}));
  EXPECT_DOUBLE_EQ(by_segment.feedback.accuracy_score.value(), 1 - 1.0 / 6);
  const SegmentEdit edit{.index = 0, .text = "Toplantı Kubernetes ile başladı."};
  jobs::must(TranscriptEdits(pool(), clock(), rng()).edit(ayse(), id, std::span(&edit, 1), 1, {}));
  const auto edited = jobs::must(desk().submit(ayse(), id, {}, {}));
  EXPECT_DOUBLE_EQ(edited.feedback.accuracy_score.value(), 1 - 1.0 / 6)
      << "compared with what the machine wrote";
}

TEST_P(FeedbackTest, WhatSaysNothingOrTooMuchIsRefused) {
  const std::string id = completed("ayşe");
  const auto invalid = ErrorCode::kInvalidArgument;
  EXPECT_EQ(code(desk().submit(ayse(), id, {}, {})), invalid);
  EXPECT_EQ(
      code(desk().submit(ayse(), id, {.corrected_text = "a", .corrected_segments = {{}}}, {})),
      invalid);
  EXPECT_EQ(code(desk().submit(ayse(), id, {.corrected_segments = {{.index = 7}}}, {})), invalid);
  EXPECT_EQ(code(desk().submit(ayse(), id, {.comment = std::string(10'001, 'x')}, {})), invalid);
  EXPECT_EQ(code(desk().submit(ayse(), id, {.corrected_text = "a", .reviewer = ""}, {})), invalid);
  const auto comment = jobs::must(desk().submit(ayse(), id, {.comment = "güzel"}, {}));
  EXPECT_EQ(comment.feedback.feedback_type, "comment");
  EXPECT_EQ(comment.feedback.accuracy_score, std::nullopt);
}

TEST_P(FeedbackTest, NobodyReviewsOrReadsWhatIsNotTheirs) {
  const std::string id = completed("ayşe");
  EXPECT_EQ(code(desk().submit(ali(), id, {.corrected_text = "a"}, {})), ErrorCode::kNotFound);
  const auto mine = correct(id, kCorrect).feedback;
  EXPECT_EQ(code(desk().get(ali(), mine.id, {})), ErrorCode::kNotFound);
  EXPECT_EQ(jobs::must(desk().get(ayse(), mine.id, {})).id, mine.id);
  EXPECT_TRUE(jobs::must(desk().list(ali(), {}, {})).rows.empty());
  EXPECT_EQ(code(desk().list(ali(), {.filter = {.job_id = id}}, {})), ErrorCode::kNotFound);
  EXPECT_EQ(jobs::must(desk().list(ayse(), {.filter = {.job_id = id}}, {})).rows.size(), 1U);
  EXPECT_TRUE(jobs::must(desk().reviewers(ali(), {}, {})).empty());
  EXPECT_EQ(jobs::must(desk().reviewers(admin(), {}, {})).at(0).feedback_count, 1);
}

TEST_P(FeedbackTest, ATaskLearnsFromIt) {
  correct(completed("ayşe"), kCorrect);
  correct(completed("ayşe"), kCorrect);
  const auto tasks = claim(worker(), 5);
  ASSERT_EQ(tasks.size(), 2U)
      << "one that runs already may have looked before the second feedback was there";
  EXPECT_EQ(tasks[0].kind, "lexicon.learn");
  EXPECT_EQ(tasks[0].queue, "low");
}

TEST_P(FeedbackTest, ATermIsSuggestedAtTheSecondOccurrenceAndNeverActive) {
  correct(completed("ayşe"), kCorrect);
  EXPECT_EQ(learn(), R"({"feedback":1,"evidence":1,"suggested":0})");
  EXPECT_TRUE(terms(TermStatus::kSuggested).empty());
  correct(completed("ayşe"), kCorrect);
  EXPECT_EQ(learn(), R"({"feedback":1,"evidence":1,"suggested":1})");
  const auto suggested = terms(TermStatus::kSuggested);
  ASSERT_EQ(suggested.size(), 1U);
  EXPECT_EQ(suggested[0].term, "Kubernetes");
  EXPECT_EQ(suggested[0].language, "tr");
  EXPECT_EQ(suggested[0].frequency, 2);
  EXPECT_FALSE(suggested[0].is_active);
  EXPECT_EQ(suggested[0].source, store::TermSource::kLearned);
  EXPECT_TRUE(jobs::must(lexicon().active_terms("tr", {})).empty());
  EXPECT_EQ(learn(), R"({"feedback":0,"evidence":0,"suggested":0})") << "each is learned from once";
}

TEST_P(FeedbackTest, TwoWhoLearnAtOnceMissNothing) {
  for (int i = 0; i < 42; ++i) correct(completed("ayşe"), kCorrect);  // More than one piece.
  {
    std::vector<std::jthread> learners;
    for (int i = 0; i < 3; ++i) learners.emplace_back([this] { learn(); });
  }
  EXPECT_EQ(terms(TermStatus::kSuggested).at(0).frequency, 42);
}

TEST_P(FeedbackTest, TheSameRecordingReviewedAgainIsNoNewEvidence) {
  const std::string id = completed("ayşe");
  for (int i = 0; i < 3; ++i) correct(id, kCorrect);
  learn();
  EXPECT_TRUE(terms(TermStatus::kSuggested).empty());
}

TEST_P(FeedbackTest, OldEvidenceIsForgotten) {
  correct(completed("ayşe"), kCorrect);
  learn();
  clock().advance(std::chrono::days(31));
  correct(completed("ayşe"), kCorrect);
  learn();
  EXPECT_TRUE(terms(TermStatus::kSuggested).empty());
}

TEST_P(FeedbackTest, PeopleDecideAboutSuggestions) {
  for (int i = 0; i < 2; ++i) correct(completed("ayşe"), kCorrect);
  learn();
  const std::string id = terms(TermStatus::kSuggested).at(0).id;
  const auto evidence = jobs::must(lexicon().evidence(ayse(), id, {}));
  ASSERT_EQ(evidence.size(), 2U);
  EXPECT_EQ(evidence[0].heard, "kubernetis");
  EXPECT_TRUE(evidence[0].job_id);
  EXPECT_FALSE(jobs::must(lexicon().evidence(ali(), id, {})).at(0).job_id)
      << "whose recording it was is nobody else's business";
  jobs::must(lexicon().reject(admin(), id, {}));
  correct(completed("ayşe"), kCorrect);
  learn();
  EXPECT_TRUE(terms(TermStatus::kSuggested).empty()) << "what was rejected stays rejected";
  EXPECT_EQ(code(lexicon().approve(admin(), id, {})), ErrorCode::kConflict);
}

TEST_P(FeedbackTest, AKnownTermBecomesMoreFrequent) {
  const Term term = jobs::must(lexicon().add(admin(), {.term = "Kubernetes"}, {}));
  for (int i = 0; i < 3; ++i) correct(completed("ayşe"), kCorrect);
  learn();
  EXPECT_EQ(jobs::must(lexicon().get(admin(), term.id, {})).frequency, 3);
  EXPECT_TRUE(terms(TermStatus::kSuggested).empty());
}

}  // namespace
}  // namespace katip::app
