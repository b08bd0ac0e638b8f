#include "app/operations.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/guarded.h"
#include "jobs/testing/queue_fixture.h"
#include "jobs/testing/test_signal.h"

namespace katip::app {
namespace {

using namespace std::chrono_literals;
using jobs::must;
using ::testing::ElementsAre;

class OperationsTest : public jobs::QueueFixture {
 protected:
  void SetUp() override {
    QueueFixture::SetUp();
    if (IsSkipped()) return;
    watch_ = std::make_unique<TaskWatch>(pool(), system_clock());
    operations_ = std::make_unique<Operations>(queue(), *watch_);
  }
  static Principal operator_() {
    return {.kind = PrincipalKind::kUser,
            .name = "op",
            .permissions = permissions_of(Permission::kOperate)};
  }
  std::string trigger(TaskOrder order = {.kind = "cleanup.history"}) {
    return must(operations_->trigger(operator_(), order, {})).id;
  }
  std::size_t listed(const std::string& state) {
    return must(operations_->tasks(operator_(), {.filter = {.state = state}}, {})).tasks.size();
  }

  std::unique_ptr<TaskWatch> watch_;
  std::unique_ptr<Operations> operations_;
};
KATIP_ON_BOTH_DATABASES(OperationsTest);

TEST_P(OperationsTest, IsForOperatorsOnly) {
  const Principal other{.kind = PrincipalKind::kUser,
                        .permissions = permissions_of(Permission::kWriteJobs),
                        .sees_all = true};
  const std::string id = trigger();
  const auto refused = [](const auto& result) {
    return !result && result.error().code == ErrorCode::kPermissionDenied;
  };
  EXPECT_TRUE(refused(operations_->queues(other, {})));
  EXPECT_TRUE(refused(operations_->set_mode(other, "low", QueueMode::kPaused, {})));
  EXPECT_TRUE(refused(operations_->trigger(other, {.kind = "cleanup.history"}, {})));
  EXPECT_TRUE(refused(operations_->task(other, id, {})));
  EXPECT_TRUE(refused(operations_->tasks(other, {}, {})));
  EXPECT_TRUE(refused(operations_->cancel(other, id, {})));
  EXPECT_TRUE(refused(operations_->retry(other, id, {})));
  EXPECT_TRUE(refused(operations_->workers(other, {})));
  EXPECT_TRUE(refused(operations_->stop_worker(other, id, {})));
  EXPECT_TRUE(refused(operations_->autoscale(other, {})));
  EXPECT_TRUE(refused(operations_->set_autoscale(other, "engine", {}, {})));
  EXPECT_TRUE(refused(operations_->schedules(other, {})));
  EXPECT_TRUE(refused(operations_->run_schedule(other, "x", "", {})));
}

TEST_P(OperationsTest, QueuesArePausedDrainedAndOpened) {
  trigger();
  const QueueView paused = must(operations_->set_mode(operator_(), "low", QueueMode::kPaused, {}));
  EXPECT_EQ(paused.mode, "paused");
  EXPECT_EQ(paused.tasks.at("available"), 1);
  EXPECT_TRUE(claim(worker()).empty());
  must(operations_->set_mode(operator_(), "low", QueueMode::kDraining, {}));
  EXPECT_EQ(operations_->trigger(operator_(), {.kind = "cleanup.history"}, {}).error().code,
            ErrorCode::kUnavailable);
  must(operations_->set_mode(operator_(), "low", QueueMode::kOpen, {}));
  EXPECT_EQ(claim(worker()).size(), 1U);
  const std::vector<QueueView> all = must(operations_->queues(operator_(), {}));
  EXPECT_THAT(all, ::testing::SizeIs(4));
  EXPECT_EQ(all[3].tasks.at("running"), 1);
  EXPECT_EQ(operations_->set_mode(operator_(), "x", QueueMode::kPaused, {}).error().code,
            ErrorCode::kNotFound);
}

TEST_P(OperationsTest, ATaskIsTriggeredFollowedCancelledAndRetried) {
  const std::string id = trigger({.kind = "cleanup.history",
                                  .args = R"({"days":3})",
                                  .queue = "high",
                                  .priority = 9,
                                  .request_id = "req-1"});
  const Task made = must(operations_->task(operator_(), id, {}));
  EXPECT_EQ(made.queue, "high");
  EXPECT_EQ(made.priority, 9);
  EXPECT_EQ(made.request_id, "req-1");
  EXPECT_EQ(verdict_of(made), TaskVerdict::kProcessing);
  EXPECT_EQ(operations_->retry(operator_(), id, {}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(verdict_of(must(operations_->cancel(operator_(), id, {}))), TaskVerdict::kFailed);
  EXPECT_EQ(operations_->cancel(operator_(), id, {}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(must(operations_->retry(operator_(), id, {})).state, "available");
  settle(claim(worker()).at(0));
  EXPECT_EQ(verdict_of(must(operations_->task(operator_(), id, {}))), TaskVerdict::kReady);
  EXPECT_EQ(listed("completed"), 1U);
  EXPECT_TRUE(listed("available") == 0);
  for (const TaskQuery& query : {TaskQuery{.filter = {.state = "gone"}}, TaskQuery{.count_max = 0},
                                 TaskQuery{.filter = {.id = "x"}}, TaskQuery{.cursor = "x"}}) {
    EXPECT_EQ(operations_->tasks(operator_(), query, {}).error().code, ErrorCode::kInvalidArgument);
  }
  for (const std::string& other : {std::string("x"), queue().new_id()}) {
    EXPECT_EQ(operations_->task(operator_(), other, {}).error().code, ErrorCode::kNotFound);
  }
  EXPECT_EQ(operations_->trigger(operator_(), {.kind = "DROP TABLE"}, {}).error().code,
            ErrorCode::kInvalidArgument);
}

TEST_P(OperationsTest, ManyAreCancelledAndRetriedAPageAtATime) {
  for (int i = 0; i < 5; ++i) trigger();
  TaskSelection all{.query = TaskQuery{.filter = {.state = "live"}, .count_max = 3}};
  BulkReport report = must(operations_->cancel_many(operator_(), all, {}));
  EXPECT_EQ(report.changed, 3);
  ASSERT_TRUE(report.next_cursor.has_value());
  all.query->cursor = report.next_cursor;
  EXPECT_EQ(must(operations_->cancel_many(operator_(), all, {})).changed, 2);
  EXPECT_EQ(operations_->retry_many(operator_(), all, {}).error().code,
            ErrorCode::kInvalidArgument);
  const TaskSelection cancelled{.query = TaskQuery{.filter = {.state = "cancelled"}}};
  EXPECT_EQ(operations_->cancel_many(operator_(), cancelled, {}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(must(operations_->retry_many(operator_(), cancelled, {})).changed, 5);
  const std::string id = trigger();
  report = must(operations_->retry_many(operator_(), {.ids = {id, "x"}}, {}));
  EXPECT_EQ(report.refused, 2) << "one waits, one is no id";
}

TEST_P(OperationsTest, FiguresTellOfWhatEndedWithinTheSpan) {
  trigger({.kind = "cleanup.history", .args = R"({"token":"x"})"});
  const auto claimed = claim(worker());
  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(must(operations_->task(operator_(), claimed[0].key.id, {})).args,
            R"({"token":"[hidden]"})");
  clock().advance(5s);
  settle(claimed[0]);
  const TaskFigures figures = must(operations_->figures(operator_(), 60min, {}));
  ASSERT_EQ(figures.kinds.size(), 1U);
  EXPECT_EQ(figures.kinds[0].kind, "cleanup.history");
  EXPECT_NEAR(figures.kinds[0].run.p50, 5, 0.1);
  EXPECT_EQ(figures.ended.completed, 1);
}

TEST_P(OperationsTest, BoundsOfSlotsAreSetForAKindAndTakenBack) {
  const std::string id = worker("engine");
  std::vector<AutoscaleView> all = must(operations_->autoscale(operator_(), {}));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].worker_kind, "engine");
  ASSERT_EQ(all[0].workers.size(), 1U);
  EXPECT_EQ(all[0].workers[0].id, id);
  EXPECT_FALSE(all[0].set || all[1].set);
  EXPECT_TRUE(all[1].workers.empty());
  const SlotBounds bounds{.slot_count_min = 2, .slot_count_max = 9};
  must(operations_->set_autoscale(operator_(), "engine", SlotBounds{1, 1}, {}));
  const auto view = must(operations_->set_autoscale(operator_(), "engine", bounds, {}));
  ASSERT_TRUE(view.set);
  EXPECT_EQ(view.set->bounds, bounds);
  EXPECT_EQ(view.set->changed_by, "op");
  EXPECT_EQ(view.set->updated_at, queue().now());
  EXPECT_FALSE(must(operations_->autoscale(operator_(), {}))[1].set) << "the other kind";
  bury(id);
  all = must(operations_->autoscale(operator_(), {}));
  EXPECT_TRUE(all[0].set) << "whoever starts next has them too";
  EXPECT_TRUE(all[0].workers.empty());
  EXPECT_FALSE(must(operations_->set_autoscale(operator_(), "engine", {}, {})).set);
  for (const SlotBounds& wrong : {SlotBounds{0, 2}, SlotBounds{3, 2}, SlotBounds{1, 1'001}}) {
    EXPECT_EQ(operations_->set_autoscale(operator_(), "engine", wrong, {}).error().code,
              ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(operations_->set_autoscale(operator_(), "other", bounds, {}).error().code,
            ErrorCode::kNotFound);
}

TEST_P(OperationsTest, WorkersAreSeenAndAskedToStop) {
  const std::string id = worker();
  const std::vector<Worker> all = must(operations_->workers(operator_(), {}));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].id, id);
  must(operations_->stop_worker(operator_(), id, {}));
  EXPECT_EQ(must(operations_->workers(operator_(), {}))[0].state, "stopping");
  bury(id);
  EXPECT_EQ(operations_->stop_worker(operator_(), id, {}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(operations_->stop_worker(operator_(), "x", {}).error().code, ErrorCode::kNotFound);
}

TEST_P(OperationsTest, ASchedulesTaskCanBeRunNow) {
  {
    const auto sql = must(pool().acquire({}));
    must(store::ScheduleStore(*sql).put({.name = "nightly",
                                         .cron = "0 3 * * *",
                                         .time_zone = "Europe/Istanbul",
                                         .kind = "cleanup.history",
                                         .args = R"({"days":9})"},
                                        queue().now()));
  }
  const auto all = must(operations_->schedules(operator_(), {}));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_GT(all[0].next_at.value(), queue().now());
  const auto task = must(operations_->run_schedule(operator_(), "nightly", "req-3", {}));
  EXPECT_EQ(must(operations_->task(operator_(), task.id, {})).kind, "cleanup.history");
  EXPECT_EQ(operations_->run_schedule(operator_(), "x", "", {}).error().code, ErrorCode::kNotFound);
}

TEST_P(OperationsTest, ThoseWhoWaitAreToldOnce) {
  const std::string ends = trigger();
  const std::string waits = trigger();
  Guarded<std::vector<std::string>> told;
  jobs::TestSignal first;
  jobs::TestSignal second;
  watch_->add(ends, 1h, [&] {
    told.with_lock([](auto& list) { list.push_back("ended"); });
    first.raise();
  });
  watch_->add(waits, 300ms, [&] {
    told.with_lock([](auto& list) { list.push_back("time is over"); });
    second.raise();
  });
  settle(claim(worker()).at(0));
  {
    std::jthread thread([&](const std::stop_token& stop) { watch_->run(stop); });
    EXPECT_TRUE(first.wait());
    EXPECT_TRUE(second.wait());
    watch_->add(waits, 1h, [&] { told.with_lock([](auto& l) { l.push_back("stopped"); }); });
  }
  watch_->add(waits, 1h, [&] { told.with_lock([](auto& l) { l.push_back("too late"); }); });
  EXPECT_THAT(told.with_lock([](const auto& list) { return list; }),
              ElementsAre("ended", "time is over", "stopped", "too late"));
}

}  // namespace
}  // namespace katip::app
