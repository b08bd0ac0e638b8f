#include "app/task_figures.h"

#include <gmock/gmock.h>

namespace katip::app {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNow = std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 12h;

store::FinishedTaskFigures task(std::string kind, Timestamp::duration ago,
                                std::string state = "completed", int run_s = 2) {
  return {.id = "x",
          .kind = std::move(kind),
          .queue = "default",
          .state = std::move(state),
          .attempt = 1,
          .run_at = kNow - ago - std::chrono::seconds(run_s + 1),
          .claimed_at = kNow - ago - std::chrono::seconds(run_s),
          .finished_at = kNow - ago};
}

TEST(TaskFigures, NothingIsNoFigures) {
  const TaskFigures figures = summarize({}, {.since = kNow - 1h, .now = kNow});
  EXPECT_TRUE(figures.kinds.empty());
  EXPECT_EQ(figures.intervals.size(), 60U);
  EXPECT_FALSE(figures.is_cut);
}

TEST(TaskFigures, TimesAreThoseOfEachKindAndTheBusiestComesFirst) {
  std::vector<store::FinishedTaskFigures> tasks;
  for (int i = 1; i <= 100; ++i) tasks.push_back(task("slow", 10s, "completed", i));
  tasks.push_back(task("quick", 20s, "discarded"));
  tasks.push_back(task("quick", 30s, "cancelled"));
  tasks.back().claimed_at.reset();
  tasks[0].attempt = 2;
  const TaskFigures figures = summarize(tasks, {.since = kNow - 1h, .now = kNow});
  ASSERT_EQ(figures.kinds.size(), 2U);
  EXPECT_EQ(figures.kinds[0].kind, "slow");
  EXPECT_DOUBLE_EQ(figures.kinds[0].run.p50, 51);
  EXPECT_DOUBLE_EQ(figures.kinds[0].run.p95, 96);
  EXPECT_DOUBLE_EQ(figures.kinds[0].run.max, 100);
  EXPECT_DOUBLE_EQ(figures.kinds[0].wait.p99, 1);
  EXPECT_EQ(figures.kinds[1].ended.failed, 1);
  EXPECT_EQ(figures.kinds[1].ended.cancelled, 1);
  EXPECT_EQ(figures.ended.completed, 100);
  EXPECT_EQ(figures.ended.retried, 1);
}

TEST(TaskFigures, IntervalsHoldWhatEndedInThem) {
  const std::vector<store::FinishedTaskFigures> tasks = {
      task("a", 0s), task("a", 30min), task("a", 30min, "quarantined"), task("a", 1h)};
  const TaskFigures figures =
      summarize(tasks, {.since = kNow - 1h, .now = kNow, .interval_count = 2});
  ASSERT_EQ(figures.intervals.size(), 2U);
  EXPECT_EQ(figures.intervals[0].completed, 1);
  EXPECT_EQ(figures.intervals[1].completed, 2);
  EXPECT_EQ(figures.intervals[1].failed, 1);
}

TEST(TaskFigures, SayWhenThereWasMoreThanWasAskedFor) {
  const std::vector<store::FinishedTaskFigures> tasks = {task("a", 0s), task("a", 5min)};
  const TaskFigures figures = summarize(tasks, {.since = kNow - 1h, .now = kNow, .count_max = 2});
  EXPECT_TRUE(figures.is_cut);
  EXPECT_EQ(figures.since, kNow - 5min);
}

}  // namespace
}  // namespace katip::app
