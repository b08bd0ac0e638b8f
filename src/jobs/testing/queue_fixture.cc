#include "jobs/testing/queue_fixture.h"

namespace katip::jobs {

Result<QueueDatabase> QueueDatabase::create(store::Dialect dialect) {
  QueueDatabase result;
  result.database = KATIP_TRY(store::testing::TestDatabase::create_at_head(dialect));
  result.pool = KATIP_TRY(store::Pool::create(result.database->url(), {}, {}));
  return result;
}

void QueueFixture::SetUp() {
  auto database = QueueDatabase::create(GetParam());
  if (!database && database.error().code == ErrorCode::kNotFound) {
    GTEST_SKIP() << database.error().message;
  }
  database_ = must(std::move(database));
  clock_.advance(std::chrono::hours(24 * 365 * 50));
  use({});
}

void QueueFixture::use(QueueOptions options) {
  queue_ = std::make_unique<Queue>(*database_.pool, clock_, rng_, std::move(options));
}

std::string QueueFixture::put(const TaskRequest& request) {
  return must(queue().enqueue(request, {})).id;
}

std::string QueueFixture::worker(const std::string& kind) {
  const std::string id = queue().new_id();
  const auto connection = must(pool().acquire({}));
  must(store::WorkerStore(*connection)
           .insert({.id = id,
                    .name = "test",
                    .host = "here",
                    .pid = 1,
                    .worker_kind = kind,
                    .lease_ms = 30'000},
                   queue().now()));
  return id;
}

std::vector<store::ClaimedTask> QueueFixture::claim(const std::string& worker_id, int count,
                                                    const std::string& kind) {
  return must(queue().claim(
      {.claimer = {.worker_id = worker_id, .worker_kind = kind}, .free_count = count}, {}));
}

bool QueueFixture::settle(const store::ClaimedTask& task, Status status, StopReason reason) {
  const Outcome outcome{.task = task, .status = std::move(status), .reason = reason};
  return must(queue().settle(std::span(&outcome, 1), {})).front();
}

store::TaskRecord QueueFixture::record(const std::string& id) {
  const auto connection = must(pool().acquire({}));
  return must(store::TaskStore(*connection).find(id)).value();
}

std::string QueueFixture::state(const std::string& id) {
  const auto connection = must(pool().acquire({}));
  const auto found = must(store::TaskStore(*connection).find(id));
  return found ? found->state : "gone";
}

void QueueFixture::bury(const std::string& worker_id) {
  const auto connection = must(pool().acquire({}));
  must(store::WorkerStore(*connection).end(worker_id, "dead", "test", queue().now()));
}

}  // namespace katip::jobs
