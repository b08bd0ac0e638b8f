#include "jobs/worker.h"

#include <atomic>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jobs/task_board.h"
#include "jobs/testing/queue_fixture.h"
#include "jobs/testing/test_signal.h"

namespace katip::jobs {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using ::testing::HasSubstr;

/// A worker on a thread of its own, with the machine's clock and short intervals.
class WorkerTest : public QueueFixture {
 protected:
  void SetUp() override {
    QueueFixture::SetUp();
    if (IsSkipped()) return;
    QueueOptions options;
    options.retry = {.backoff_first = 1ms, .backoff_max = 2ms};
    real_ = std::make_unique<Queue>(pool(), system_clock(), rng(), std::move(options));
    options_.poll_interval = 2ms;
    options_.cancel_interval = 10ms;
    options_.renew_interval = 20ms;
    options_.grace = 20s;
    observer_.on_ended = [this](const Outcome&, auto, bool is_ours) {
      (is_ours ? ended_ : refused_).raise();
    };
    observer_.on_start = [this](const std::string& id) {
      worker_id_.with_lock([&](std::string& text) { text = id; });
      started_.raise();
    };
  }

  std::string add(const TaskRequest& request) { return must(real_->enqueue(request, {})).id; }

  void start() {
    thread_ = std::jthread([this](const std::stop_token& stop) {
      end_ = must(Worker(*real_, handlers_, options_, observer_).run(stop));
      done_.raise();
    });
    ASSERT_TRUE(started_.wait());
  }
  WorkerEnd stop() {
    thread_.request_stop();
    return join();
  }
  WorkerEnd join() {
    EXPECT_TRUE(done_.wait());
    thread_.join();
    return end_;
  }
  std::string worker_id() const {
    return worker_id_.with_lock([](const std::string& text) { return text; });
  }
  /// A handler that waits until it is asked to stop.
  Handler stubborn(TestSignal& begun) {
    return [&begun](TaskContext& context) -> Result<TaskResult> {
      begun.raise();
      while (system_clock().sleep_for(1ms, context.stop)) {
      }
      return fail(ErrorCode::kCancelled, "asked to stop");
    };
  }

  /// As an operator does; nothing: back to the configuration.
  void set_bounds(std::optional<store::SlotBounds> bounds) {
    const auto connection = must(pool().acquire({}));
    store::WorkerStore workers(*connection);
    must(bounds ? workers.put_bounds({.worker_kind = "general",
                                      .bounds = *bounds,
                                      .changed_by = "op",
                                      .updated_at = real_->now()})
                : workers.delete_bounds("general"));
  }
  store::WorkerRecord worker_record() {
    const auto connection = must(pool().acquire({}));
    return must(store::WorkerStore(*connection).list(real_->now() - 60s, 1)).at(0);
  }
  /// Waits until the worker says that it follows these.
  bool follows(const store::SlotBounds& bounds) {
    const auto end = system_clock().now() + 20s;
    while (worker_record().figures.bounds != bounds) {
      if (system_clock().now() > end) return false;
      system_clock().sleep_for(2ms, {});
    }
    return true;
  }
  /// A handler that ends when `count` of its kind run at once.
  Handler all_together(TestSignal& begun, int count) {
    return [&begun, count](TaskContext&) -> Result<TaskResult> {
      begun.raise();
      return begun.wait(count) ? Result<TaskResult>(TaskResult{})
                               : fail(ErrorCode::kInvalidArgument, "alone");
    };
  }

  Handlers handlers_;
  WorkerOptions options_;
  WorkerObserver observer_;
  std::unique_ptr<Queue> real_;
  TestSignal started_, ended_, refused_, done_;
  WorkerEnd end_ = WorkerEnd::kFailed;

 private:
  mutable Guarded<std::string> worker_id_;
  std::jthread thread_;
};
KATIP_ON_BOTH_DATABASES(WorkerTest);

Handler quick() {
  return [](TaskContext&) -> Result<TaskResult> { return TaskResult{.json = R"({"n":1})"}; };
}

TEST_P(WorkerTest, RunsWhatIsThereAndWhatComes) {
  handlers_["a"] = {.run = quick(), .is_short = true};
  for (int i = 0; i < 30; ++i) add({.kind = "a"});
  start();
  ASSERT_TRUE(ended_.wait(30));
  const std::string later = add({.kind = "a"});
  ASSERT_TRUE(ended_.wait(31));
  EXPECT_EQ(stop(), WorkerEnd::kStopped);
  EXPECT_EQ(state(later), "completed");
}

TEST_P(WorkerTest, AHandlerThatThrowsFailsItsTaskAndNothingElse) {
  handlers_["a"] = {.run = [](TaskContext&) -> Result<TaskResult> {
    throw std::runtime_error("a library's fault");
  }};
  handlers_["b"] = {.run = quick()};
  const std::string bad = add({.kind = "a", .attempt_count_max = 1});
  const std::string good = add({.kind = "b"});
  start();
  ASSERT_TRUE(ended_.wait(2));
  stop();
  EXPECT_EQ(state(bad), "discarded");
  EXPECT_THAT(record(bad).errors, HasSubstr("a library's fault"));
  EXPECT_EQ(state(good), "completed");
}

TEST_P(WorkerTest, KindsOfANewerVersionAreLeftToItsWorkers) {
  handlers_["old.kind"] = {.run = quick()};
  const std::string id = add({.kind = "new.kind", .attempt_count_max = 1});
  const std::string known = add({.kind = "old.kind"});
  const std::string suspect = add({.kind = "new.suspect"});
  const std::string dead = worker();
  must(real_->claim({.claimer = {.worker_id = dead, .kinds = {{"new.suspect"}}}}, {}));
  bury(dead);
  must(real_->rescue({}, {}));
  start();
  ASSERT_TRUE(ended_.wait());
  stop();
  EXPECT_EQ(state(known), "completed") << "it is behind the other one";
  EXPECT_EQ(state(id), "available");
  EXPECT_EQ(record(id).attempt, 0);
  EXPECT_EQ(record(id).token, 0) << "it was never in hand";
  EXPECT_EQ(state(suspect), "available");
}

TEST_P(WorkerTest, ACancelReachesARunningHandler) {
  TestSignal begun;
  handlers_["a"] = {.run = stubborn(begun)};
  const std::string id = add({.kind = "a"});
  start();
  ASSERT_TRUE(begun.wait());
  must(real_->cancel(id, {}));
  ASSERT_TRUE(ended_.wait());
  stop();
  EXPECT_EQ(state(id), "cancelled");
}

TEST_P(WorkerTest, ATaskThatTakesTooLongIsStoppedAndTriedAgain) {
  TestSignal begun;
  handlers_["a"] = {.run = stubborn(begun)};
  const std::string id = add({.kind = "a", .timeout_s = 1});
  start();
  ASSERT_TRUE(ended_.wait());
  stop();
  EXPECT_EQ(state(id), "retryable");
}

/// A task that goes on for as long as the test wants, whoever asks it to stop.
TEST_P(WorkerTest, ATaskThatIgnoresItsCancelEndsTheWorkerAndIsCancelled) {
  TestSignal begun, let_go;
  handlers_["deaf"] = {.run = [&](TaskContext&) -> Result<TaskResult> {
    begun.raise();
    let_go.wait();
    return TaskResult{.json = R"("too late")"};
  }};
  handlers_["a"] = {.run = quick()};
  options_.hard_stop_after = 50ms;
  std::vector<std::string> states;
  const std::string id = add({.kind = "deaf"});
  options_.on_stuck = [&] {
    states.push_back(state(id));
    let_go.raise();
  };
  start();
  ASSERT_TRUE(begun.wait());
  must(real_->cancel(id, {}));
  EXPECT_EQ(join(), WorkerEnd::kStuck);
  EXPECT_EQ(states, std::vector<std::string>{"cancelled"}) << "before the process would have ended";
  EXPECT_EQ(state(id), "cancelled") << "its late result is refused";
  EXPECT_THAT(record(id).errors, HasSubstr("ignored its stop"));
}

TEST_P(WorkerTest, ATaskThatIgnoresItsTimeLimitCostsAnAttempt) {
  TestSignal begun, let_go;
  handlers_["deaf"] = {.run = [&](TaskContext&) -> Result<TaskResult> {
    begun.raise();
    let_go.wait();
    return TaskResult{};
  }};
  options_.hard_stop_after = 50ms;
  options_.on_stuck = [&] { let_go.raise(); };
  const std::string id = add({.kind = "deaf", .attempt_count_max = 2, .timeout_s = 1});
  start();
  ASSERT_TRUE(begun.wait());
  EXPECT_EQ(join(), WorkerEnd::kStuck);
  EXPECT_EQ(state(id), "retryable");
  EXPECT_EQ(record(id).attempt, 1);
}

TEST_P(WorkerTest, OthersFinishBesideATaskThatIgnoresItsStop) {
  TestSignal begun, let_go, other_begun;
  handlers_["deaf"] = {.run = [&](TaskContext&) -> Result<TaskResult> {
    begun.raise();
    let_go.wait();
    return TaskResult{};
  }};
  handlers_["slow"] = {.run = [&](TaskContext&) -> Result<TaskResult> {
    other_begun.raise();
    system_clock().sleep_for(400ms, {});
    return TaskResult{};
  }};
  options_.hard_stop_after = 50ms;
  options_.on_stuck = [&] { let_go.raise(); };
  const std::string deaf = add({.kind = "deaf"});
  const std::string other = add({.kind = "slow"});
  start();
  ASSERT_TRUE(begun.wait());
  ASSERT_TRUE(other_begun.wait());
  must(real_->cancel(deaf, {}));
  EXPECT_EQ(join(), WorkerEnd::kStuck);
  EXPECT_EQ(state(deaf), "cancelled");
  EXPECT_EQ(state(other), "completed");
}

TEST_P(WorkerTest, AStopGivesBackWhatDoesNotEndInTime) {
  TestSignal begun;
  handlers_["a"] = {.run = stubborn(begun)};
  options_.grace = 1ms;
  const std::string id = add({.kind = "a", .attempt_count_max = 1});
  start();
  ASSERT_TRUE(begun.wait());
  EXPECT_EQ(stop(), WorkerEnd::kStopped);
  EXPECT_EQ(state(id), "available");
  EXPECT_EQ(record(id).attempt, 0) << "our own stop is nobody's failure";
}

TEST_P(WorkerTest, AStopLetsRunningTasksFinish) {
  TestSignal begun;
  TestSignal go_on;
  handlers_["a"] = {.run = [&](TaskContext&) -> Result<TaskResult> {
    begun.raise();
    go_on.wait();
    return TaskResult{};
  }};
  const std::string id = add({.kind = "a"});
  start();
  ASSERT_TRUE(begun.wait());
  std::jthread later([&] {
    system_clock().sleep_for(20ms, {});
    go_on.raise();
  });
  stop();
  EXPECT_EQ(state(id), "completed");
}

TEST_P(WorkerTest, AWorkerThatIsDeclaredDeadStopsAndGivesBack) {
  TestSignal begun;
  handlers_["a"] = {.run = stubborn(begun)};
  const std::string id = add({.kind = "a"});
  start();
  ASSERT_TRUE(begun.wait());
  bury(worker_id());
  EXPECT_EQ(join(), WorkerEnd::kLeaseLost);
  EXPECT_EQ(state(id), "available") << "it lives, and gives back what it had";
  EXPECT_EQ(record(id).crash_count, 0);
  EXPECT_EQ(claim(worker()).front().attempt, 1) << "nobody is suspected, no attempt is counted";
}

TEST_P(WorkerTest, AWorkerThatCannotRenewItsLeaseStopsByItself) {
  TestSignal begun;
  TestSignal stopped;
  handlers_["a"] = {.run = [&](TaskContext& context) -> Result<TaskResult> {
    begun.raise();
    while (system_clock().sleep_for(1ms, context.stop)) {
    }
    stopped.raise();
    return fail(ErrorCode::kCancelled, "asked to stop");
  }};
  options_.lease = 300ms;
  add({.kind = "a"});
  start();
  ASSERT_TRUE(begun.wait());
  // All connections are taken: whoever wants to ask the database something hangs.
  std::vector<store::PooledConnection> taken;
  for (std::size_t i = 0; i < store::PoolOptions{}.connection_count_max; ++i) {
    taken.push_back(must(pool().acquire({})));
  }
  const auto begin = system_clock().now();
  ASSERT_TRUE(stopped.wait());
  EXPECT_LT(system_clock().now() - begin, store::PoolOptions{}.acquire_timeout);
  taken.clear();
  EXPECT_EQ(join(), WorkerEnd::kLeaseLost);
}

TEST_P(WorkerTest, AnEffectIsUnderWayUntilItIsWritten) {
  TaskBoard board = must(TaskBoard::create());
  options_.board = &board;
  std::vector<std::string> seen;
  handlers_["a"] = {.run = [&](TaskContext&) -> Result<TaskResult> {
    return TaskResult{.effect = [&](store::Connection&) -> Status {
      seen = board.started();  // What a parent would read if it died here.
      return {};
    }};
  }};
  const std::string id = add({.kind = "a"});
  start();
  ASSERT_TRUE(ended_.wait());
  stop();
  EXPECT_EQ(seen, std::vector{id});
  EXPECT_TRUE(board.started().empty());
}

TEST_P(WorkerTest, AnAttemptWhoseEffectFailsIsToldAsFailed) {
  Guarded<std::string> told;
  observer_.on_ended = [&](const Outcome& outcome, auto, bool) {
    told.with_lock([&](std::string& text) {
      text = outcome.status ? "completed" : outcome.status.error().message;
    });
    ended_.raise();
  };
  handlers_["a"] = {.run = [](TaskContext&) -> Result<TaskResult> {
    return TaskResult{.effect = [](store::Connection&) -> Status {
      return fail(ErrorCode::kNotFound, "its job is gone");
    }};
  }};
  const std::string id = add({.kind = "a"});
  start();
  ASSERT_TRUE(ended_.wait());
  stop();
  EXPECT_EQ(state(id), "discarded");
  EXPECT_EQ(told.with_lock([](const std::string& text) { return text; }), "its job is gone");
}

TEST_P(WorkerTest, AResultThatIsTooLargeIsRefusedWithAReason) {
  handlers_["a"] = {.run = [](TaskContext&) -> Result<TaskResult> {
    return TaskResult{.json = '"' + std::string(65'535, 'x') + '"'};
  }};
  const std::string id = add({.kind = "a"});
  start();
  ASSERT_TRUE(ended_.wait());
  stop();
  EXPECT_EQ(state(id), "discarded");
  EXPECT_THAT(record(id).errors, HasSubstr("the result has 65537 bytes, and 65536 at most"));
}

TEST_P(WorkerTest, EndsAfterItsNumberOfTasks) {
  handlers_["a"] = {.run = quick(), .is_short = true};
  options_.task_count_max = 5;
  for (int i = 0; i < 200; ++i) add({.kind = "a"});
  start();
  EXPECT_EQ(join(), WorkerEnd::kTaskLimit);
}

TEST_P(WorkerTest, EndsWhenItHasGrownTooMuch) {
  std::vector<std::vector<char>> leak;
  std::mutex mutex;
  handlers_["a"] = {.run = [&](TaskContext&) -> Result<TaskResult> {
    const std::scoped_lock lock(mutex);
    leak.emplace_back(4'000'000, 'x');
    return TaskResult{};
  }};
  options_.memory_bytes_max = 20'000'000;
  for (int i = 0; i < 30; ++i) add({.kind = "a"});
  start();
  EXPECT_EQ(join(), WorkerEnd::kMemoryLimit);
}

TEST_P(WorkerTest, SuspectsRunWithoutCompany) {
  std::atomic<int> running = 0;
  std::atomic<int> running_max = 0;
  handlers_["a"] = {.run = [&](TaskContext&) -> Result<TaskResult> {
    const int now = ++running;
    running_max = std::max(running_max.load(), now);
    system_clock().sleep_for(2ms, {});
    --running;
    return TaskResult{};
  }};
  for (int i = 0; i < 4; ++i) add({.kind = "a"});
  const std::string dead = worker();
  EXPECT_EQ(claim(dead, 4).size(), 4U);
  bury(dead);
  must(real_->rescue({}, {}));
  options_.slots = {.slot_count_max = 4, .slot_count_min = 4};
  start();
  ASSERT_TRUE(ended_.wait(4));
  stop();
  EXPECT_EQ(running_max, 1);
}

TEST_P(WorkerTest, FollowsBoundsThatAreSetWhileItRuns) {
  TestSignal begun;
  handlers_["a"] = {.run = all_together(begun, 3)};
  options_.slots = {.slot_count_max = 1, .slot_count_min = 1};
  options_.bounds_interval = 5ms;
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(add({.kind = "a", .attempt_count_max = 1}));
  start();
  ASSERT_TRUE(begun.wait());
  set_bounds(store::SlotBounds{.slot_count_min = 2, .slot_count_max = 3});
  ASSERT_TRUE(ended_.wait(3));
  for (const std::string& id : ids) EXPECT_EQ(state(id), "completed");
  EXPECT_TRUE(follows({.slot_count_min = 2, .slot_count_max = 3}));
  set_bounds({});
  EXPECT_TRUE(follows({.slot_count_min = 1, .slot_count_max = 1}));
  stop();
  EXPECT_EQ(worker_record().figures.slot_count, 1);
}

TEST_P(WorkerTest, FollowsBoundsThatWereSetBeforeItStarted) {
  TestSignal begun;
  handlers_["a"] = {.run = all_together(begun, 3)};
  options_.slots = {.slot_count_max = 1, .slot_count_min = 1};
  set_bounds(store::SlotBounds{.slot_count_min = 3, .slot_count_max = 3});
  for (int i = 0; i < 3; ++i) add({.kind = "a"});
  start();
  EXPECT_EQ(worker_record().figures.slot_count, 3);
  EXPECT_EQ(worker_record().figures.bounds,
            (store::SlotBounds{.slot_count_min = 3, .slot_count_max = 3}));
  ASSERT_TRUE(ended_.wait(3));
  stop();
}

TEST_P(WorkerTest, SlotsThatAreAddedHaveConnectionsAndGiveThemBack) {
  constexpr int kSlotCount = 20;  // More than the pool was made for.
  TestSignal connected;
  handlers_["a"] = {.run = [&](TaskContext& context) -> Result<TaskResult> {
    const auto connection = KATIP_TRY(pool().acquire(context.stop));
    connected.raise();
    connected.wait(kSlotCount);
    return TaskResult{};
  }};
  set_bounds(store::SlotBounds{.slot_count_min = 1, .slot_count_max = kSlotCount});
  for (int i = 0; i < kSlotCount; ++i) add({.kind = "a"});
  start();
  ASSERT_TRUE(ended_.wait(kSlotCount));
  stop();
  std::vector<store::PooledConnection> taken;
  for (std::size_t i = 0; i < store::PoolOptions{}.connection_count_max; ++i) {
    taken.push_back(must(pool().acquire({})));
  }
  std::stop_source stopped;
  std::jthread one_more([&] { EXPECT_FALSE(pool().acquire(stopped.get_token())); });
  while (pool().stats().waiter_count == 0) std::this_thread::yield();
  stopped.request_stop();
}

TEST_P(WorkerTest, LowerBoundsLetWhatRunsFinishAndCriticalTasksStart) {
  TestSignal begun;
  TestSignal go_on;
  std::atomic<int> running = 0;
  std::atomic<int> running_max = 0;
  handlers_["long"] = {.run = [&](TaskContext&) -> Result<TaskResult> {
    begun.raise();
    go_on.wait();
    return TaskResult{};
  }};
  handlers_["count"] = {.run = [&](TaskContext&) -> Result<TaskResult> {
    running_max = std::max(running_max.load(), ++running);
    system_clock().sleep_for(2ms, {});
    --running;
    return TaskResult{};
  }};
  handlers_["clip"] = {.run = quick()};
  options_.slots = {.slot_count_max = 4, .slot_count_min = 4};
  options_.critical_slot_count = 1;
  options_.bounds_interval = 5ms;
  for (int i = 0; i < 4; ++i) add({.kind = "long"});
  start();
  ASSERT_TRUE(begun.wait(4));
  set_bounds(store::SlotBounds{.slot_count_min = 1, .slot_count_max = 1});
  ASSERT_TRUE(follows({.slot_count_min = 1, .slot_count_max = 1}));
  for (int i = 0; i < 6; ++i) add({.kind = "count"});
  const std::string clip = add({.kind = "clip", .queue = "critical"});
  ASSERT_TRUE(ended_.wait());
  EXPECT_EQ(state(clip), "completed") << "four still run, and its slot is free";
  EXPECT_EQ(running_max, 0);
  go_on.raise();
  ASSERT_TRUE(ended_.wait(11));
  stop();
  EXPECT_EQ(running_max, 1);
}

TEST_P(WorkerTest, FiveCriticalTasksStartAtOnceBesideTwoLongOnes) {
  TestSignal begun;
  TestSignal clips;
  handlers_["long"] = {.run = stubborn(begun)};
  // Each waits until all of them have begun.
  handlers_["clip"] = {.run = [&](TaskContext&) -> Result<TaskResult> {
    clips.raise();
    return clips.wait(5) ? Result<TaskResult>(TaskResult{}) : fail(ErrorCode::kInternal, "alone");
  }};
  options_.slots = {.slot_count_max = 2, .slot_count_min = 2};
  options_.critical_slot_count = 8;
  options_.grace = 1ms;
  for (int i = 0; i < 3; ++i) add({.kind = "long"});
  start();
  ASSERT_TRUE(begun.wait(2));
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(add({.kind = "clip", .queue = "critical"}));
  ASSERT_TRUE(ended_.wait(5)) << "none of them waits for a recording of an hour";
  for (const std::string& id : ids) EXPECT_EQ(state(id), "completed");
  stop();
}

TEST_P(WorkerTest, CriticalTasksStartWhileASuspectWaitsForALongOne) {
  const std::string suspect = add({.kind = "clip"});
  const std::string dead = worker();
  EXPECT_EQ(claim(dead).size(), 1U);
  TestSignal begun;
  TestSignal go_on;
  handlers_["long"] = {.run = [&](TaskContext&) -> Result<TaskResult> {
    begun.raise();
    go_on.wait();
    return TaskResult{};
  }};
  handlers_["clip"] = {.run = quick()};
  options_.critical_slot_count = 1;
  add({.kind = "long"});
  start();
  ASSERT_TRUE(begun.wait());
  bury(dead);
  must(real_->rescue({}, {}));
  system_clock().sleep_for(50ms, {});  // It sees the suspect, which has to wait.
  add({.kind = "clip", .queue = "critical"});
  ASSERT_TRUE(ended_.wait());
  EXPECT_EQ(state(suspect), "available");
  go_on.raise();
  ASSERT_TRUE(ended_.wait(3));
  stop();
  EXPECT_EQ(state(suspect), "completed");
}

TEST_P(WorkerTest, GoesOnBehindItsCheckpoints) {
  std::atomic<int> seen = 0;
  handlers_["a"] = {.run = [&](TaskContext& context) -> Result<TaskResult> {
    const auto done = KATIP_TRY(context.lease.checkpoints());
    seen = static_cast<int>(done.size());
    if (done.empty()) {
      KATIP_TRY(context.lease.save_checkpoint({.position = 0, .data = "{}"}));
      KATIP_TRY(context.lease.report_progress(0.5));
      return fail(ErrorCode::kUnavailable, "away");
    }
    return TaskResult{};
  }};
  const std::string id = add({.kind = "a"});
  start();
  ASSERT_TRUE(ended_.wait());
  system_clock().sleep_for(5ms, {});
  must(real_->wake_due({}));
  ASSERT_TRUE(ended_.wait(2));
  stop();
  EXPECT_EQ(seen, 1);
  EXPECT_EQ(state(id), "completed");
}

TEST(WorkerOptions, AreChecked) {
  EXPECT_TRUE(WorkerOptions{}.validate());
  WorkerOptions options;
  options.renew_interval = options.lease;
  EXPECT_FALSE(options.validate());
  options = {};
  options.prefetch_multiplier = 0;
  EXPECT_FALSE(options.validate());
}

}  // namespace
}  // namespace katip::jobs
