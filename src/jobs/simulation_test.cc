#include "jobs/testing/simulation.h"

#include <cstdlib>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jobs/testing/audit.h"
#include "jobs/testing/queue_fixture.h"

namespace katip::jobs {
namespace {

using ::testing::HasSubstr;

constexpr const char* kSeedCountVariable = "KATIP_SIMULATION_SEEDS";
constexpr const char* kFirstSeedVariable = "KATIP_SIMULATION_FIRST_SEED";

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(Simulation, NoSeedBreaksARule) {
  const auto database = must(SimulationDatabase::create());
  const std::uint64_t first = number_from(kFirstSeedVariable, 1);
  const std::uint64_t count = number_from(kSeedCountVariable, 300);
  SimulationResult sum;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const SimulationResult result = simulate(*database, seed);
    ASSERT_FALSE(result.problem) << *result.problem << "\nagain with " << kFirstSeedVariable << "="
                                 << seed << " " << kSeedCountVariable << "=1";
    sum.task_count += result.task_count;
    sum.completed_count += result.completed_count;
    sum.quarantined_count += result.quarantined_count;
    sum.cancelled_count += result.cancelled_count;
    sum.crash_count += result.crash_count;
    sum.stale_count += result.stale_count;
    sum.fault_count += result.fault_count;
    sum.slot_count += result.slot_count;
  }
  RecordProperty("tasks", sum.task_count);
  RecordProperty("completed", sum.completed_count);
  RecordProperty("quarantined", sum.quarantined_count);
  RecordProperty("cancelled", sum.cancelled_count);
  RecordProperty("crashes", sum.crash_count);
  RecordProperty("stale", sum.stale_count);
  RecordProperty("faults", sum.fault_count);
  RecordProperty("slots", sum.slot_count);
  if (count < 100) return;
  EXPECT_GT(sum.completed_count, sum.task_count / 2);
  EXPECT_GT(sum.quarantined_count, 0);
  EXPECT_GT(sum.cancelled_count, 0);
  EXPECT_GT(sum.stale_count, 0);
  EXPECT_GT(sum.slot_count, 0);
}

TEST(Simulation, ASeedAlwaysTellsTheSameStory) {
  const auto database = must(SimulationDatabase::create());
  const SimulationResult first = simulate(*database, 7);
  static_cast<void>(simulate(*database, 8));
  const SimulationResult again = simulate(*database, 7);
  EXPECT_EQ(first.task_count, again.task_count);
  EXPECT_EQ(first.completed_count, again.completed_count);
  EXPECT_EQ(first.fault_count, again.fault_count);
  EXPECT_EQ(first.slot_count, again.slot_count);
}

/// What the audit would not find, no seed would either.
class AuditTest : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = must(SimulationDatabase::create());
    audit_ = std::make_unique<Audit>(*database_->sql, AuditRules{});
    audit_->set_worker("w", true);
    run("insert into tasks (id, kind, worker_kind, queue, priority, state, attempt_count_max, "
        "unique_key, run_at, created_at) values ('a', 'x', 'general', 'low', 2, 'available', 3, "
        "'k', '2026', '2026')");
  }
  void run(const std::string& sql) {
    ASSERT_EQ(audit_->problem(), std::nullopt);
    ASSERT_TRUE(database_->sql->execute(sql));
    audit_->look();
  }
  std::string problem() { return audit_->problem().value_or("none"); }
  void claim(const char* worker = "w") {
    run(std::string("update tasks set state = 'running', token = token + 1, worker_id = '") +
        worker + "'");
  }

  std::unique_ptr<SimulationDatabase> database_;
  std::unique_ptr<Audit> audit_;
};

TEST_F(AuditTest, FindsTasksThatAreLost) {
  run("delete from tasks");
  EXPECT_THAT(problem(), HasSubstr("was lost"));
}

TEST_F(AuditTest, FindsStepsThatAreNotLegal) {
  run("update tasks set state = 'retryable'");
  EXPECT_THAT(problem(), HasSubstr("from available to retryable"));
}

TEST_F(AuditTest, FindsClaimsOfWorkersThatHaveEnded) {
  claim("other");
  EXPECT_THAT(problem(), HasSubstr("which has ended"));
}

TEST_F(AuditTest, FindsTokensThatDoNotRise) {
  run("update tasks set state = 'running', worker_id = 'w'");
  EXPECT_THAT(problem(), HasSubstr("token"));
}

TEST_F(AuditTest, FindsClaimsFromPausedQueues) {
  audit_->set_mode("low", "paused");
  claim();
  EXPECT_THAT(problem(), HasSubstr("paused"));
}

TEST_F(AuditTest, FindsCancelledTasksThatGoOn) {
  claim();
  audit_->set_cancelled("a");
  run("update tasks set state = 'available', worker_id = null");
  EXPECT_THAT(problem(), HasSubstr("was cancelled and goes on"));
}

TEST_F(AuditTest, FindsBlameWithCompany) {
  run("insert into tasks (id, kind, worker_kind, queue, priority, state, attempt_count_max, "
      "run_at, created_at) values ('b', 'x', 'general', 'low', 2, 'available', 3, '2026', "
      "'2026')");
  claim();
  EXPECT_EQ(problem(), "none");
  run("update tasks set state = 'available', worker_id = null, crash_count = 1 where id = 'a'");
  EXPECT_THAT(problem(), HasSubstr("blamed for a crash with company"));
}

TEST_F(AuditTest, FindsWhatNeverEnds) {
  claim();
  audit_->check_end();
  EXPECT_THAT(problem(), HasSubstr("never ended"));
}

}  // namespace
}  // namespace katip::jobs
