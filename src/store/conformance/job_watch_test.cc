#include "store/job_watch.h"

#include <gmock/gmock.h>

#include "store/conformance/schema_conformance.h"
#include "store/task_store.h"
#include "store/worker_store.h"

namespace katip::store {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

constexpr Timestamp kNow = std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 12h;
constexpr const char* kJob = "019a0000-0000-7000-8000-000000000001";
constexpr const char* kTask = "019a0000-0000-7000-8000-000000000002";
constexpr const char* kWorker = "019a0000-0000-7000-8000-000000000003";

class JobWatchConformance : public SchemaConformance {
 protected:
  void add_job() const {
    must(insert_job(sql(), {.id = kJob, .job_id = "job_1", .created_at = kNow}));
  }
};
KATIP_CONFORMANCE(JobWatchConformance);

TEST_P(JobWatchConformance, TellsTheStatusOfThoseThatAreThere) {
  add_job();
  const std::vector<std::string> ids = {kJob, kTask};
  const auto jobs = must(watch_jobs(sql(), ids));
  ASSERT_EQ(jobs.size(), 1u);
  EXPECT_EQ(jobs[0].id, kJob);
  EXPECT_EQ(jobs[0].status, JobStatus::kQueued);
  EXPECT_EQ(jobs[0].progress, 0);
  must(start_job(sql(), kJob, 0, kNow));
  must(fail_job(sql(), kJob, "INVALID_ARGUMENT", "no sound in it", kNow));
  const auto failed = must(watch_jobs(sql(), ids));
  EXPECT_EQ(failed[0].error_code, "INVALID_ARGUMENT");
  EXPECT_EQ(failed[0].error_message, "no sound in it");
  EXPECT_THAT(must(watch_jobs(sql(), {})), IsEmpty());
}

TEST_P(JobWatchConformance, TellsProgressAndFinishedPartsOfTheTaskThatRuns) {
  add_job();
  TaskStore tasks(sql());
  const NewTask task{.id = kTask, .kind = "x", .job_id = kJob, .run_at = kNow, .created_at = kNow};
  must(tasks.insert(std::span(&task, 1)));
  WorkerStore workers(sql());
  must(workers.insert({.id = kWorker,
                       .name = "w",
                       .host = "h",
                       .pid = 1,
                       .worker_kind = "general",
                       .lease_ms = 1'000},
                      kNow));
  const LaneClaim claim{.queue = "default", .priority = 5, .tenant = "", .count = 1};
  const auto claimed = must(tasks.claim({.worker_id = kWorker}, std::span(&claim, 1), kNow));
  ASSERT_EQ(claimed.size(), 1u);
  must(tasks.set_progress(claimed[0].key, 0.25));
  for (int position = 0; position < 3; ++position) {
    must(tasks.save_checkpoint(claimed[0].key, {.position = position, .data = R"({"a":1})"}, kNow));
  }
  const std::vector<std::string> ids = {kJob};
  EXPECT_EQ(must(watch_jobs(sql(), ids))[0].progress, 0.25);
  const WatchedPosition from{.id = kJob, .position = 1};
  const auto parts = must(watch_checkpoints(sql(), std::span(&from, 1)));
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].job_id, kJob);
  EXPECT_EQ(parts[0].position, 1);
  EXPECT_EQ(parts[1].position, 2);
}

}  // namespace
}  // namespace katip::store
