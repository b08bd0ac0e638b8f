#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/manual_clock.h"
#include "jobs/queue.h"
#include "jobs/testing/scripted_rng.h"
#include "store/pool.h"
#include "store/testing/test_database.h"
#include "store/worker_store.h"

namespace katip::jobs {

/// The value of a Result that a test cannot go on without.
template <typename T>
T must(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << name(result.error().code) << ": " << result.error().message;
    std::abort();  // Anything later would only hide this.
  }
  return std::move(result).value();
}
inline void must(const Status& status) {
  ASSERT_TRUE(status) << name(status.error().code) << ": " << status.error().message;
}

/// A database with katip's schema on it, and a pool of connections.
struct QueueDatabase {
  std::unique_ptr<store::testing::TestDatabase> database;
  std::unique_ptr<store::Pool> pool;

  /// Errors: kNotFound when PostgreSQL is not installed.
  static Result<QueueDatabase> create(store::Dialect dialect);
};

/// Each test runs once on SQLite and once on a real PostgreSQL. Time moves by hand.
class QueueFixture : public ::testing::TestWithParam<store::Dialect> {
 protected:
  void SetUp() override;

  Queue& queue() { return *queue_; }
  ManualClock& clock() { return clock_; }
  SeededRng& rng() { return rng_; }
  [[nodiscard]] bool is_postgres() const { return GetParam() == store::Dialect::kPostgres; }
  Result<std::unique_ptr<store::Connection>> connect(const store::ConnectionOptions& options) {
    return database_.database->connect(options);
  }
  store::Pool& pool() { return *database_.pool; }
  const store::testing::TestDatabase& database() { return *database_.database; }
  void use(QueueOptions options);

  /// Puts a task in and gives its id.
  std::string put(const TaskRequest& request);
  /// A worker that is registered; its id.
  std::string worker(const std::string& kind = "general");
  std::vector<store::ClaimedTask> claim(const std::string& worker_id, int count = 1,
                                        const std::string& kind = "general");
  /// Is the lease still good?
  bool settle(const store::ClaimedTask& task, Status status = {},
              StopReason reason = StopReason::kNone);
  /// "available", "completed" …; "gone" when there is no such task.
  std::string state(const std::string& id);
  store::TaskRecord record(const std::string& id);
  /// As a rescuer does after a lease without a beat.
  void bury(const std::string& worker_id);

 private:
  ManualClock clock_;
  SeededRng rng_{1};
  QueueDatabase database_;
  std::unique_ptr<Queue> queue_;
};

#define KATIP_ON_BOTH_DATABASES(Suite)                                                             \
  INSTANTIATE_TEST_SUITE_P(Both, Suite,                                                            \
                           ::testing::Values(store::Dialect::kSqlite, store::Dialect::kPostgres),  \
                           [](const auto& info) {                                                  \
                             return info.param == store::Dialect::kSqlite ? "Sqlite" : "Postgres"; \
                           })

}  // namespace katip::jobs
