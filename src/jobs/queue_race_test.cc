#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jobs/caretaker.h"
#include "jobs/testing/queue_fixture.h"

/// Threads that do everything at once to one queue, on both databases. Nothing is decided by the
/// test but what each of them does: so this finds what only real transactions side by side have.
namespace katip::jobs {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr int kTenantRunningMax = 3;

/// What all threads tell.
struct Ledger {
  std::mutex mutex;
  std::set<std::string> put_in;
  std::map<std::string, int> completed;  // Outcomes that were taken, by id.
  std::vector<std::string> problems;

  void blame(std::string problem) {
    const std::scoped_lock lock(mutex);
    problems.push_back(std::move(problem));
  }
  std::string any(std::uint64_t choice) {
    const std::scoped_lock lock(mutex);
    if (put_in.empty()) return "0190f3a2-7c1e-7001-8a3b-5f6e7d8c9b0a";
    auto place = put_in.lower_bound(last);
    for (std::uint64_t i = choice % 5; i > 0 && place != put_in.end(); --i) ++place;
    if (place == put_in.end()) place = put_in.begin();
    return last = *place;
  }
  std::string last;
};

class QueueRaceTest : public QueueFixture {
 protected:
  void SetUp() override {
    QueueFixture::SetUp();
    if (IsSkipped()) return;
    pool_ = must(store::Pool::create(
        database().url(),
        {.statement_timeout = std::chrono::minutes(3), .busy_timeout = std::chrono::minutes(2)},
        {.connection_count_max = 12}));
    QueueOptions options;
    options.fair_share.tenant_running_max = kTenantRunningMax;
    options.retry = {.backoff_first = 5ms, .backoff_max = 20ms};
    queue_ = std::make_unique<Queue>(*pool_, system_clock(), system_rng(), std::move(options));
    must(pool().acquire({}).value()->execute("create table effects (task_id text)"));
  }

  /// An error that two transactions in each other's way explain is none.
  bool is_fine(const char* what, const Error& error) {
    const bool is_way = error.code == ErrorCode::kOverloaded;
    if (!is_way) ledger_.blame(std::string(what) + ": " + error.message);
    return is_way;
  }

  void produce(SeededRng& rng) {
    std::vector<TaskRequest> requests(static_cast<std::size_t>(1 + rng.below(3)));
    for (TaskRequest& request : requests) {
      request.kind = rng.chance(50) ? "ai.a" : "upload.b";
      request.tenant = "tenant " + std::to_string(rng.below(3));
      if (rng.chance(20)) request.unique_key = "key " + std::to_string(rng.below(4));
    }
    const auto enqueued = queue_->enqueue(requests, {});
    if (!enqueued) return static_cast<void>(is_fine("enqueue", enqueued.error()));
    const std::scoped_lock lock(ledger_.mutex);
    for (const Enqueued& one : *enqueued) ledger_.put_in.insert(one.id);
  }

  Outcome outcome_of(const store::ClaimedTask& task, SeededRng& rng) {
    Outcome outcome{.task = task, .status = {}};
    if (rng.chance(10)) outcome.status = fail(ErrorCode::kUnavailable, "away");
    if (rng.chance(5)) {
      outcome.status = fail(ErrorCode::kCancelled, "stopped");
      outcome.reason = StopReason::kShutdown;
    }
    if (outcome.status && rng.chance(50)) {
      outcome.effect = [id = task.key.id](store::Connection& sql) -> Status {
        KATIP_TRY(sql.query("insert into effects (task_id) values ($1)", {id}));
        return {};
      };
    }
    return outcome;
  }

  void settle(const std::vector<store::ClaimedTask>& tasks, SeededRng& rng) {
    std::vector<Outcome> outcomes;
    for (const auto& task : tasks) outcomes.push_back(outcome_of(task, rng));
    const auto settled = queue_->settle(outcomes, {});
    if (!settled) return static_cast<void>(is_fine("settle", settled.error()));
    const std::scoped_lock lock(ledger_.mutex);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      if ((*settled)[i] && outcomes[i].status) ++ledger_.completed[outcomes[i].task.key.id];
    }
  }

  /// A worker that dies from time to time, and sometimes settles what it had behind its death.
  void work(const std::stop_token& stop, std::uint64_t seed) {
    SeededRng rng(seed);
    std::string me = queue_->new_id();
    enlist(me);
    while (!stop.stop_requested()) {
      auto tasks =
          queue_->claim({.claimer = {.worker_id = me}, .free_count = 1 + rng.below(3)}, {});
      if (!tasks && !is_fine("claim", tasks.error())) return;
      if (!tasks) continue;
      if (tasks->empty()) {
        auto alone = queue_->claim_alone({.worker_id = me}, {});
        if (alone && *alone) tasks->push_back(**alone);
      }
      const bool dies = rng.chance(8);
      if (dies) {
        const auto counts = queue_->rescue(Death{.worker_id = me, .started = {}}, {});
        if (!counts) is_fine("rescue", counts.error());
        me = queue_->new_id();
        enlist(me);
      }
      if (!tasks->empty()) settle(*tasks, rng);
    }
    must(queue_->rescue(Death{.worker_id = me, .started = {}}, {}));
  }

  void enlist(const std::string& id) {
    const auto connection = must(pool_->acquire({}));
    must(store::WorkerStore(*connection)
             .insert({.id = id,
                      .name = "race",
                      .host = "here",
                      .pid = 1,
                      .worker_kind = "general",
                      .lease_ms = 30'000},
                     queue_->now()));
  }

  /// Cancels, revives and rescues; looks whether a tenant runs more than it may.
  void meddle(const std::stop_token& stop, std::uint64_t seed) {
    SeededRng rng(seed);
    while (!stop.stop_requested()) {
      produce(rng);
      const std::string id = ledger_.any(rng.next());
      const Status status = rng.chance(70) ? queue_->cancel(id, {}) : queue_->revive(id, {});
      if (!status && status.error().code != ErrorCode::kNotFound &&
          status.error().code != ErrorCode::kConflict) {
        is_fine("cancel or revive", status.error());
      }
      const auto counts = queue_->rescue({}, {});
      if (!counts) is_fine("rescue", counts.error());
      const auto woken = queue_->wake_due({});
      if (!woken) is_fine("wake", woken.error());
      look_at_limits();
    }
  }

  void look_at_limits() {
    const auto connection = must(pool_->acquire({}));
    std::map<std::string, int> running;
    for (const auto& part : must(store::TaskStore(*connection).running_counts("general"))) {
      running[part.tenant] += part.count;
    }
    for (const auto& [tenant, count] : running) {
      if (count > kTenantRunningMax) {
        ledger_.blame(tenant + " runs " + std::to_string(count));
      }
    }
  }

  /// Alone, until nothing is left.
  void finish_all() {
    const std::string me = queue_->new_id();
    enlist(me);
    must(queue_->rescue({}, {}));
    for (int round = 0; round < 20'000; ++round) {
      must(queue_->wake_due({}));
      auto tasks = must(queue_->claim({.claimer = {.worker_id = me}, .free_count = 100}, {}));
      if (const auto alone = must(queue_->claim_alone({.worker_id = me}, {}))) {
        tasks.push_back(*alone);
      }
      std::vector<Outcome> outcomes;
      for (const auto& task : tasks) outcomes.push_back({.task = task, .status = {}});
      const auto settled = must(queue_->settle(outcomes, {}));
      for (std::size_t i = 0; i < tasks.size(); ++i) {
        if (settled[i]) ++ledger_.completed[tasks[i].key.id];
      }
      const auto connection = must(pool_->acquire({}));
      if (tasks.empty() && must(store::TaskStore(*connection).counts()).empty()) return;
    }
    ledger_.blame("something waits for ever");
  }

  std::unique_ptr<store::Pool> pool_;
  std::unique_ptr<Queue> queue_;
  Ledger ledger_;
};
KATIP_ON_BOTH_DATABASES(QueueRaceTest);

TEST_P(QueueRaceTest, NothingIsLostOrDoubledWhateverHappensAtOnce) {
  {
    std::stop_source stop;
    std::vector<std::jthread> threads;
    for (std::uint64_t i = 0; i < 5; ++i) {
      threads.emplace_back([&, i] { work(stop.get_token(), i); });
    }
    for (std::uint64_t i = 5; i < 8; ++i) {
      threads.emplace_back([&, i] { meddle(stop.get_token(), i); });
    }
    SeededRng rng(8);
    const auto end = system_clock().now() + 2s;
    while (system_clock().now() < end) produce(rng);
    stop.request_stop();
  }
  finish_all();
  EXPECT_THAT(ledger_.problems, ::testing::IsEmpty());

  const auto connection = must(pool_->acquire({}));
  std::map<std::string, int> effects;
  for (const store::Row row : must(connection->query("select task_id from effects"))) {
    ++effects[must(row.get<std::string>(0))];
  }
  int completed_count = 0;
  for (const std::string& id : ledger_.put_in) {
    const auto kept = must(store::TaskStore(*connection).find(id));
    ASSERT_TRUE(kept) << id << " was lost";
    const int wanted = kept->state == "completed" ? 1 : 0;
    completed_count += wanted;
    EXPECT_EQ(ledger_.completed[id], wanted) << id << " is " << kept->state;
    EXPECT_LE(effects[id], wanted) << id << " is " << kept->state;
  }
  EXPECT_GT(completed_count, 0);
  RecordProperty("tasks", static_cast<int>(ledger_.put_in.size()));
  RecordProperty("completed", completed_count);
}

TEST_P(QueueRaceTest, TwoWhoRescueAtOnceBlameNobodyThatHadCompany) {
  const auto connection = must(pool_->acquire({}));
  for (int round = 0; round < 100; ++round) {
    must(queue_->enqueue(std::vector<TaskRequest>(3, {.kind = "a"}), {}));
    const std::string lost = queue_->new_id();
    enlist(lost);
    ASSERT_EQ(must(queue_->claim({.claimer = {.worker_id = lost}, .free_count = 3}, {})).size(),
              3U);
    must(store::WorkerStore(*connection).end(lost, "dead", "test", queue_->now()));
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] { must(queue_->rescue({}, {})); });
      }
    }
    const auto left = must(connection->query("select state, crash_count from tasks"));
    ASSERT_EQ(left.size(), 3U);
    for (const store::Row row : left) {
      EXPECT_EQ(must(row.get<std::string>(0)), "available");
      ASSERT_EQ(must(row.get<std::int64_t>(1)), 0) << "in round " << round;
    }
    must(connection->query("delete from tasks"));
  }
}

}  // namespace
}  // namespace katip::jobs
