#include "jobs/worker/slots.h"

#include <mutex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jobs/testing/queue_fixture.h"
#include "jobs/testing/test_signal.h"

namespace katip::jobs {
namespace {

using std::chrono_literals::operator""min;
using ::testing::ElementsAre;

/// Slots without a worker; a task is only its kind, its priority and its age.
class SlotsTest : public QueueFixture {
 protected:
  void SetUp() override {
    QueueFixture::SetUp();
    handlers_["gate"] = {.run = [this](TaskContext&) -> Result<TaskResult> {
      begun_.raise();
      open_.wait();
      return TaskResult{};
    }};
    handlers_["note"] = {.run = [this](TaskContext& context) -> Result<TaskResult> {
      const std::scoped_lock lock(mutex_);
      order_.push_back(context.task.key.id);
      return TaskResult{};
    }};
  }
  store::ClaimedTask task(const std::string& id, const std::string& kind, int priority,
                          std::chrono::minutes age = {}) {
    store::ClaimedTask task;
    task.key = {.id = id, .token = 1};
    task.kind = kind;
    task.priority = priority;
    task.run_at = queue().now() - age;
    return task;
  }
  std::unique_ptr<Slots> slots(const SlotsOptions& options) {
    return std::make_unique<Slots>(queue(), handlers_, options,
                                   [this](const Ended&) { ended_.raise(); });
  }

  Handlers handlers_;
  TestSignal begun_, open_, ended_;
  std::mutex mutex_;
  std::vector<std::string> order_;
};
INSTANTIATE_TEST_SUITE_P(Sqlite, SlotsTest, ::testing::Values(store::Dialect::kSqlite));

TEST_P(SlotsTest, WhatIsCriticalOvertakesWhatWaitsInHand) {
  const auto one = slots({});
  one->give(task("first", "gate", 5));
  ASSERT_TRUE(begun_.wait());
  one->give(task("young", "note", 5));
  one->give(task("old", "note", 2, 31min));
  one->give(task("other", "note", 7));
  one->give(task("critical", "note", 10));
  open_.raise();
  ASSERT_TRUE(ended_.wait(5));
  EXPECT_THAT(order_, ElementsAre("critical", "young", "old", "other"))
      << "tenants take turns in the order of claims, whatever the age of their tasks";
}

TEST_P(SlotsTest, CriticalSlotsAreForNothingElse) {
  const auto two = slots({.critical_slot_count = 1});
  two->give(task("long", "gate", 5));
  ASSERT_TRUE(begun_.wait());
  two->give(task("ordinary", "note", 9));
  two->give(task("critical", "note", 10));
  ASSERT_TRUE(ended_.wait());
  EXPECT_THAT(order_, ElementsAre("critical"));
  EXPECT_EQ(two->waiting_counts().ordinary(), 1);
  open_.raise();
  ASSERT_TRUE(ended_.wait(3));
}

TEST_P(SlotsTest, CriticalTasksLeaveTheOtherSlotsToTheOthers) {
  const auto two = slots({.critical_slot_count = 1});
  two->give(task("critical", "gate", 10));
  ASSERT_TRUE(begun_.wait());
  two->give(task("ordinary", "note", 5));
  ASSERT_TRUE(ended_.wait());
  EXPECT_THAT(order_, ElementsAre("ordinary"));
  open_.raise();
  ASSERT_TRUE(ended_.wait(2));
}

}  // namespace
}  // namespace katip::jobs
