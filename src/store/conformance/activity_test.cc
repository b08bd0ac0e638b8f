#include "store/activity.h"

#include <gmock/gmock.h>

#include "store/conformance/schema_conformance.h"
#include "store/job_store.h"
#include "store/task_store.h"

namespace katip::store {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Timestamp kNow = std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 12h;
constexpr const char* kJob = "019a0000-0000-7000-8000-000000000001";
constexpr const char* kOther = "019a0000-0000-7000-8000-000000000002";
constexpr const char* kTask = "019a0000-0000-7000-8000-000000000003";

class ActivityConformance : public SchemaConformance {};
KATIP_CONFORMANCE(ActivityConformance);

TEST_P(ActivityConformance, MovesWithTheJobsOfAnOwnerAndOnlyTheirs) {
  EXPECT_THAT(must(job_activity(sql())), IsEmpty());
  must(insert_job(sql(), {.id = kJob, .job_id = "a", .submitted_by = "ayşe", .created_at = kNow}));
  must(insert_job(sql(), {.id = kOther, .job_id = "b", .submitted_by = "ali", .created_at = kNow}));
  const auto first = must(job_activity(sql()));
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(must(job_activity(sql())), first) << "nothing has moved";
  must(start_job(sql(), kJob, 0, kNow + 1s));
  const auto second = must(job_activity(sql()));
  EXPECT_NE(second.at("ayşe"), first.at("ayşe"));
  EXPECT_EQ(second.at("ali"), first.at("ali"));
  must(complete_job(sql(), kJob, {.text = "bitti"}, kNow + 2s));
  EXPECT_FALSE(must(job_activity(sql())).contains("ayşe"));
}

TEST_P(ActivityConformance, TellsTheLastEndOfEachOwner) {
  must(insert_job(sql(), {.id = kJob, .job_id = "a", .submitted_by = "ayşe", .created_at = kNow}));
  must(insert_job(sql(), {.id = kOther, .job_id = "b", .created_at = kNow}));
  EXPECT_THAT(must(ended_job_activity(sql(), kNow)), IsEmpty());
  must(start_job(sql(), kJob, 0, kNow + 1s));
  must(complete_job(sql(), kJob, {.text = "bitti"}, kNow + 2s));
  const auto first = must(ended_job_activity(sql(), kNow));
  ASSERT_THAT(first, SizeIs(1));
  EXPECT_TRUE(first.contains("ayşe"));
  must(start_job(sql(), kOther, 0, kNow + 1s));
  must(complete_job(sql(), kOther, {.text = "bitti"}, kNow + 2s));
  const auto second = must(ended_job_activity(sql(), kNow + 2s));
  EXPECT_THAT(second, SizeIs(2));
  EXPECT_EQ(second.at("ayşe"), first.at("ayşe"));
  EXPECT_TRUE(second.contains("")) << "of nobody";
  EXPECT_THAT(must(ended_job_activity(sql(), kNow + 3s)), IsEmpty());
}

TEST_P(ActivityConformance, MovesWithTheQueues) {
  const std::string empty = must(queue_activity(sql()));
  EXPECT_EQ(must(queue_activity(sql())), empty);
  const NewTask task{.id = kTask, .kind = "x", .run_at = kNow, .created_at = kNow};
  must(TaskStore(sql()).insert(std::span(&task, 1)));
  const std::string waiting = must(queue_activity(sql()));
  EXPECT_NE(waiting, empty);
  EXPECT_EQ(must(queue_activity(sql())), waiting);
}

}  // namespace
}  // namespace katip::store
