#include <gmock/gmock.h>

#include "store/conformance/schema_conformance.h"
#include "store/job_store.h"
#include "store/stats_store.h"
#include "store/task_store.h"
#include "store/worker_store.h"

namespace katip::store {
namespace {

using namespace std::chrono_literals;
using ::testing::SizeIs;

constexpr Timestamp kNow = std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 12h;
constexpr const char* kWorker = "019a0000-0000-7000-8000-00000000000f";

std::string id_of(int number) {
  return "019a0000-0000-7000-8000-00000000000" + std::to_string(number);
}

class StatsConformance : public SchemaConformance {
 protected:
  void end_task(int number, const char* state, Timestamp at) const {
    TaskStore tasks(sql());
    const NewTask task{.id = id_of(number), .kind = "x.y", .run_at = kNow, .created_at = kNow};
    must(tasks.insert(std::span(&task, 1)));
    const LaneClaim claim{.queue = "default", .priority = 5, .tenant = "", .count = 1};
    const auto claimed = must(tasks.claim({.worker_id = kWorker}, std::span(&claim, 1), kNow + 1s));
    const FinishedTask done{.key = claimed.at(0).key, .state = state};
    must(tasks.finish(std::span(&done, 1), at));
  }
  void complete_job(int number, Timestamp at) const {
    must(insert_job(sql(), {.id = id_of(number), .job_id = id_of(number), .created_at = kNow}));
    must(start_job(sql(), id_of(number), 0, kNow));
    must(store::complete_job(sql(), id_of(number),
                             {.transcript = "{}",
                              .text = "",
                              .detected_language = "tr",
                              .audio_duration_s = 60,
                              .processing_s = 1.5},
                             at));
  }
};
KATIP_CONFORMANCE(StatsConformance);

TEST_P(StatsConformance, AStepIsWrittenOnceAndReadBack) {
  const StatsRecord record{.begins_at = kNow,
                           .queues = R"({"high":{"available":1.5}})",
                           .worker_count = 1.5,
                           .tasks_completed = 5'000'000'000,
                           .tasks_failed = 2,
                           .task_wait_s = 0.25,
                           .task_run_s = 3.5,
                           .jobs_completed = 4,
                           .jobs_failed = 1,
                           .audio_s = 3'600,
                           .processing_s = 60.5,
                           .request_failures = 3,
                           .request_counts = "[1,2,3]"};
  EXPECT_TRUE(must(insert_stats(sql(), record)));
  EXPECT_FALSE(must(insert_stats(sql(), {.begins_at = kNow}))) << "the first one stays";
  EXPECT_TRUE(must(insert_stats(sql(), {.step_s = 900, .begins_at = kNow, .minute_count = 15})));
  const auto found = must(list_stats(sql(), 60, kNow, kNow + 1ms, 10));
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].begins_at, kNow);
  EXPECT_EQ(found[0].worker_count, 1.5);
  EXPECT_EQ(found[0].tasks_completed, 5'000'000'000);
  EXPECT_EQ(found[0].tasks_failed, 2);
  EXPECT_EQ(found[0].task_wait_s, 0.25);
  EXPECT_EQ(found[0].task_run_s, 3.5);
  EXPECT_EQ(found[0].jobs_completed, 4);
  EXPECT_EQ(found[0].jobs_failed, 1);
  EXPECT_EQ(found[0].audio_s, 3'600);
  EXPECT_EQ(found[0].processing_s, 60.5);
  EXPECT_EQ(found[0].request_failures, 3);
  EXPECT_THAT(found[0].queues, ::testing::HasSubstr("available"));
  EXPECT_EQ(must(list_stats(sql(), 900, kNow, kNow + 1h, 10)).at(0).minute_count, 15);
  EXPECT_THAT(must(list_stats(sql(), 60, kNow + 1ms, kNow + 1h, 10)), SizeIs(0));
  EXPECT_EQ(must(find_last_stats(sql(), 60)), kNow);
  EXPECT_EQ(must(find_last_stats(sql(), 3'600)), std::nullopt);
  EXPECT_EQ(code(list_stats(sql(), 60, kNow, kNow, 0)), ErrorCode::kInvalidArgument);
}

TEST_P(StatsConformance, RequestsChangeOnlyFromWhatWasRead) {
  must(insert_stats(sql(), {.begins_at = kNow}));
  StatsRecord record{.begins_at = kNow, .request_failures = 1, .request_counts = "[1]"};
  EXPECT_TRUE(must(change_stats_requests(sql(), record, "[]")));
  EXPECT_FALSE(must(change_stats_requests(sql(), record, "[]")));
  EXPECT_EQ(must(list_stats(sql(), 60, kNow, kNow + 1s, 1)).at(0).request_failures, 1);
  record.begins_at += 1min;
  EXPECT_FALSE(must(change_stats_requests(sql(), record, "[]")));
}

TEST_P(StatsConformance, WhatIsOldGoesByStep) {
  for (const int step_s : {60, 900}) {
    for (const auto after : {0min, 15min}) {
      must(insert_stats(sql(), {.step_s = step_s, .begins_at = kNow + after}));
    }
  }
  EXPECT_EQ(must(prune_stats(sql(), 60, kNow + 1min)), 1);
  EXPECT_THAT(must(list_stats(sql(), 60, kNow, kNow + 1h, 10)), SizeIs(1));
  EXPECT_THAT(must(list_stats(sql(), 900, kNow, kNow + 1h, 10)), SizeIs(2));
}

TEST_P(StatsConformance, WhatHasEndedIsSummedUp) {
  must(WorkerStore(sql()).insert({.id = kWorker,
                                  .name = "w",
                                  .host = "h",
                                  .pid = 1,
                                  .worker_kind = "general",
                                  .lease_ms = 1'000},
                                 kNow));
  end_task(1, "completed", kNow + 3s);
  end_task(2, "completed", kNow + 4s);
  end_task(3, "discarded", kNow + 5s);
  end_task(4, "cancelled", kNow + 5s);
  end_task(5, "completed", kNow + 60s);
  complete_job(6, kNow + 10s);
  complete_job(7, kNow + 59s);
  complete_job(8, kNow + 60s);
  StatsRecord record;
  must(add_ended(sql(), kNow, kNow + 60s, record));
  EXPECT_EQ(record.tasks_completed, 2);
  EXPECT_EQ(record.tasks_failed, 1);
  EXPECT_NEAR(record.task_wait_s, 3, 0.01);
  EXPECT_NEAR(record.task_run_s, 2 + 3 + 4, 0.01);
  EXPECT_EQ(record.jobs_completed, 2);
  EXPECT_EQ(record.jobs_failed, 0);
  EXPECT_EQ(record.audio_s, 120);
  EXPECT_EQ(record.processing_s, 3);
  StatsRecord nothing;
  must(add_ended(sql(), kNow + 1h, kNow + 2h, nothing));
  EXPECT_EQ(nothing.tasks_completed, 0);
}

TEST_P(StatsConformance, CountersOfAllProcessesAddUp) {
  must(add_event_counts(sql(), {{{"a_total", ""}, 2}, {{"b_total", "x"}, 0.5}}));
  must(add_event_counts(sql(), {{{"b_total", "x"}, 0.25}, {{"b_total", "y"}, 1}}));
  const EventCounts counts = must(list_event_counts(sql()));
  EXPECT_EQ(counts.size(), 3U);
  EXPECT_EQ(counts.at({"a_total", ""}), 2);
  EXPECT_EQ(counts.at({"b_total", "x"}), 0.75);
  EXPECT_THAT(must(list_schema_heads(sql())), SizeIs(1));
}

}  // namespace
}  // namespace katip::store
