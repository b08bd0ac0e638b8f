#include <gmock/gmock.h>

#include "store/conformance/schema_conformance.h"
#include "store/feedback_store.h"
#include "store/job_store.h"

namespace katip::store {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNow = std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 12h;

std::string id_of(int number) {
  std::string digits = std::to_string(number);
  return "019a0000-0000-7000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

class FeedbackConformance : public SchemaConformance {
 protected:
  void SetUp() override {
    SchemaConformance::SetUp();
    if (IsSkipped()) return;
    for (int i : {1, 2}) {
      must(insert_job(sql(), {.id = id_of(i),
                              .job_id = "job_" + std::to_string(i),
                              .submitted_by = i == 1 ? "ayşe" : "ali",
                              .language = "tr",
                              .created_at = kNow}));
    }
  }
  void add(int number, int job, const std::string& reviewer, double score) const {
    must(insert_feedback(sql(), {.id = id_of(number),
                                 .job_id = id_of(job),
                                 .reviewer = reviewer,
                                 .original_text = "a",
                                 .corrected_text = "b",
                                 .diff_data = R"({"operations": []})",
                                 .accuracy_score = score,
                                 .extracted_terms = R"([{"term": "Ankara"}])",
                                 .comment = "güzel",
                                 .created_at = kNow + std::chrono::minutes(number)}));
  }
};
KATIP_CONFORMANCE(FeedbackConformance);

TEST_P(FeedbackConformance, ComesBackAsItWasGiven) {
  add(11, 1, "reviewer", 0.75);
  const FeedbackRecord record = *must(find_feedback(sql(), id_of(11)));
  EXPECT_EQ(record.public_job_id, "job_1");
  EXPECT_EQ(record.reviewer, "reviewer");
  EXPECT_EQ(record.feedback_type, "correction");
  EXPECT_EQ(record.accuracy_score, 0.75);
  EXPECT_EQ(record.comment, "güzel");
  EXPECT_FALSE(record.is_processed);
  EXPECT_EQ(must(find_feedback(sql(), id_of(99))), std::nullopt);
  EXPECT_EQ(must(find_feedback(sql(), "none")), std::nullopt);
}

TEST_P(FeedbackConformance, PagesAndFilters) {
  for (int i = 11; i < 16; ++i) add(i, i % 2 + 1, i < 14 ? "r1" : "r2", 0.5);
  std::vector<std::string> seen;
  std::optional<PageCursor> after;
  do {
    const auto page = must(list_feedback(sql(), {}, after, 2));
    for (const auto& row : page.rows) seen.push_back(row.id);
    after = page.next;
  } while (after);
  EXPECT_EQ(seen, (std::vector{id_of(15), id_of(14), id_of(13), id_of(12), id_of(11)}));
  EXPECT_EQ(must(list_feedback(sql(), {.job_id = id_of(1)}, {}, 10)).rows.size(), 2U);
  EXPECT_EQ(must(list_feedback(sql(), {.job_id = "x"}, {}, 10)).rows.size(), 0U);
  EXPECT_EQ(must(list_feedback(sql(), {.reviewer = "r2"}, {}, 10)).rows.size(), 2U);
  EXPECT_EQ(must(list_feedback(sql(), {.owner = "ali"}, {}, 10)).rows.size(), 3U);
  EXPECT_EQ(must(list_feedback(sql(), {.is_processed = true}, {}, 10)).rows.size(), 0U);
  EXPECT_EQ(must(list_feedback(sql(), {.is_processed = false}, {}, 10)).rows.size(), 5U);
  EXPECT_EQ(must(list_feedback(sql(), {.created_from = kNow + 14min}, {}, 10)).rows.size(), 2U);
  EXPECT_EQ(must(list_feedback(sql(), {.created_before = kNow + 14min}, {}, 10)).rows.size(), 3U);
  EXPECT_EQ(code(list_feedback(sql(), {}, {}, 0)), ErrorCode::kInvalidArgument);
}

TEST_P(FeedbackConformance, IsLearnedFromOnce) {
  add(11, 1, "r", 0.5);
  add(12, 2, "r", 0.5);
  const auto list = must(feedback_to_learn_from(sql(), 10));
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].id, id_of(11)) << "the oldest comes first";
  EXPECT_EQ(list[0].language, "tr");
  EXPECT_TRUE(must(set_feedback_processed(sql(), id_of(11), kNow)));
  EXPECT_FALSE(must(set_feedback_processed(sql(), id_of(11), kNow)));
  EXPECT_EQ(must(feedback_to_learn_from(sql(), 10)).size(), 1U);
  EXPECT_EQ(must(find_feedback(sql(), id_of(11)))->processed_at, kNow);
}

TEST_P(FeedbackConformance, FiguresOfReviewers) {
  add(11, 1, "r1", 0.5);
  add(12, 1, "r1", 1.0);
  add(13, 2, "r2", 0.9);
  const auto all = must(reviewer_statistics(sql(), kNow, {}, 10));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].reviewer, "r1");
  EXPECT_EQ(all[0].feedback_count, 2);
  EXPECT_DOUBLE_EQ(all[0].accuracy_score_mean.value(), 0.75);
  EXPECT_DOUBLE_EQ(all[0].accuracy_score_min.value(), 0.5);
  EXPECT_EQ(all[0].last_at, kNow + 12min);
  EXPECT_EQ(must(reviewer_statistics(sql(), kNow, "ali", 10)).size(), 1U);
  EXPECT_TRUE(must(reviewer_statistics(sql(), kNow + 1h, {}, 10)).empty());
}

}  // namespace
}  // namespace katip::store
