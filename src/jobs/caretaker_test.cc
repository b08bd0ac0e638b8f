#include "jobs/caretaker.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jobs/testing/queue_fixture.h"
#include "jobs/testing/split_clock.h"

namespace katip::jobs {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using store::Beat;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// --- LeaseWatch ---------------------------------------------------------------------------------

class LeaseWatchTest : public ::testing::Test {
 protected:
  /// Looks each 200 ms for so long; the ids that were found dead.
  std::vector<std::string> watch(std::chrono::milliseconds duration,
                                 const std::vector<Beat>& beats) {
    std::vector<std::string> dead;
    for (; duration > 0ms; duration -= 200ms) {
      now_ += 200ms;
      for (const Beat& beat : watch_.look(beats, now_)) dead.push_back(beat.worker_id);
      if (!dead.empty()) break;
    }
    return dead;
  }
  static Beat beat(std::int64_t number) {
    return {.worker_id = "a", .beat = number, .lease_ms = 30'000};
  }

  LeaseWatch watch_{200ms};
  std::chrono::steady_clock::time_point now_{};
};

TEST_F(LeaseWatchTest, ABeatThatStandsStillForALeaseIsDead) {
  EXPECT_THAT(watch(30s, {beat(7)}), IsEmpty());
  EXPECT_THAT(watch(200ms, {beat(7)}), ElementsAre("a"));
}

TEST_F(LeaseWatchTest, ABeatThatRisesLives) {
  for (int i = 0; i < 10; ++i) EXPECT_THAT(watch(29s, {beat(i)}), IsEmpty());
}

TEST_F(LeaseWatchTest, OneThatWasStoppedItselfBeginsAnew) {
  watch(29s, {beat(7)});
  now_ += 120s;
  EXPECT_THAT(watch(29s, {beat(7)}), IsEmpty()) << "the worker may have been stopped as well";
  EXPECT_THAT(watch(2s, {beat(7)}), ElementsAre("a"));
}

TEST_F(LeaseWatchTest, AShortPauseOfItsOwnCostsNothing) {
  watch(25s, {beat(7)});
  now_ += 5s;
  EXPECT_THAT(watch(1s, {beat(7)}), ElementsAre("a"));
}

TEST_F(LeaseWatchTest, LeasesShorterThanALookAreWatchedToo) {
  EXPECT_THAT(watch(2s, {{.worker_id = "a", .beat = 1, .lease_ms = 100}}), ElementsAre("a"));
}

TEST_F(LeaseWatchTest, AWorkerThatHasGoneIsForgotten) {
  watch(20s, {beat(7)});
  watch(1s, {});
  EXPECT_THAT(watch(20s, {beat(7)}), IsEmpty());
}

// --- Caretaker ----------------------------------------------------------------------------------

class CaretakerTest : public QueueFixture {
 protected:
  void SetUp() override {
    QueueFixture::SetUp();
    if (IsSkipped()) return;
    queue_ = std::make_unique<Queue>(pool(), clock_, rng(), QueueOptions{});
    caretaker_ = std::make_unique<Caretaker>(
        *queue_, rng(), CaretakerOptions{},
        CaretakerObserver{.on_dead = [this](const Beat& beat) { dead_.push_back(beat.worker_id); },
                          .on_rescued =
                              [this](const RescueCounts& counts) {
                                rescued_count_ += counts.requeued + counts.quarantined;
                              }});
  }
  void pass(std::chrono::milliseconds duration, std::chrono::milliseconds step = 200ms) {
    for (; duration > 0ms; duration -= step) {
      clock_.advance(step);
      must(caretaker_->look({}));
    }
  }
  void renew(const std::string& worker_id) {
    const auto connection = must(pool().acquire({}));
    EXPECT_TRUE(must(store::WorkerStore(*connection).renew(worker_id, {}, queue_->now())));
  }

  SplitClock clock_{store::parse_timestamp("2026-05-01T12:30:00Z").value()};
  std::unique_ptr<Queue> queue_;
  std::unique_ptr<Caretaker> caretaker_;
  std::vector<std::string> dead_;
  int rescued_count_ = 0;
};
KATIP_ON_BOTH_DATABASES(CaretakerTest);

TEST_P(CaretakerTest, WakesTasksWhenTheirTimeComes) {
  const auto id = must(queue_->enqueue({.kind = "a", .run_at = queue_->now() + 1min}, {})).id;
  pass(59s, 1s);
  EXPECT_EQ(state(id), "scheduled");
  pass(1s);
  EXPECT_EQ(state(id), "available");
}

TEST_P(CaretakerTest, WakesManyAtOnce) {
  std::vector<TaskRequest> requests(2'500, {.kind = "a", .run_at = queue_->now() + 1min});
  must(queue_->enqueue(requests, {}));
  clock_.advance(1min);
  must(caretaker_->look({}));
  EXPECT_THAT(claim(worker(), 3'000), SizeIs(2'500));
}

TEST_P(CaretakerTest, ASilentWorkerIsDeclaredDeadAndItsTasksComeHome) {
  const std::string id = put({.kind = "a"});
  const std::string silent = worker();
  claim(silent);
  pass(29s);
  EXPECT_THAT(dead_, IsEmpty());
  pass(2s);
  EXPECT_THAT(dead_, ElementsAre(silent));
  EXPECT_EQ(state(id), "available");
  EXPECT_EQ(rescued_count_, 1);
}

TEST_P(CaretakerTest, AWorkerThatBeatsKeepsItsTasksWhateverTheCalendarSays) {
  const std::string id = put({.kind = "a"});
  const std::string alive = worker();
  claim(alive);
  for (int i = 0; i < 6; ++i) {
    clock_.move_calendar(i % 2 == 0 ? 5h : -9h);
    pass(10s);
    renew(alive);
  }
  EXPECT_THAT(dead_, IsEmpty());
  EXPECT_EQ(state(id), "running");
}

TEST_P(CaretakerTest, RescuesTasksOfWorkersThatOthersDeclaredDead) {
  const std::string id = put({.kind = "a"});
  const std::string gone = worker();
  claim(gone);
  bury(gone);
  must(caretaker_->look({}));
  EXPECT_EQ(state(id), "available");
}

TEST_P(CaretakerTest, AnIdleLookWritesNothing) {
  must(caretaker_->look({}));
  const auto connection = must(pool().acquire({}));
  const char* const version =
      GetParam() == store::Dialect::kSqlite ? "pragma data_version" : "select txid_current()";
  const auto read = [&] { return must(must(connection->query(version))[0].get<std::int64_t>(0)); };
  const std::int64_t before = read();
  for (int i = 0; i < 10; ++i) {
    clock_.advance(200ms);
    must(caretaker_->look({}));
  }
  // Asking PostgreSQL takes a number itself.
  EXPECT_LE(read() - before, GetParam() == store::Dialect::kSqlite ? 0 : 1);
}

TEST_P(CaretakerTest, SweepsAwayWhatFinishedTasksLeave) {
  if (!is_postgres()) GTEST_SKIP() << "SQLite uses the place of deleted rows at once";
  const std::string busy = worker();
  for (int i = 0; i < 300; ++i) put({.kind = "a"});
  for (const store::ClaimedTask& task : claim(busy, 300)) ASSERT_TRUE(settle(task));
  Caretaker caretaker(*queue_, rng(), {.sweep_interval = 0ms, .dead_count_max = 200}, {});
  const auto connection = must(pool().acquire({}));
  const auto sweep_count = [&] {
    const auto rows = must(connection->query(
        "select vacuum_count from pg_stat_user_tables where relid = 'tasks'::regclass"));
    return must(rows[0].get<std::int64_t>("vacuum_count"));
  };
  ASSERT_EQ(sweep_count(), 0);
  // The database counts its dead rows a moment later.
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (sweep_count() == 0 && std::chrono::steady_clock::now() < end) {
    must(caretaker.look({}));
    std::this_thread::yield();
  }
  EXPECT_GT(sweep_count(), 0);
}

TEST_P(CaretakerTest, OldWorkersAreForgotten) {
  const std::string gone = worker();
  bury(gone);
  clock_.advance(24h * 365 * 60);
  must(caretaker_->look({}));
  const auto connection = must(pool().acquire({}));
  EXPECT_THAT(must(store::WorkerStore(*connection).list({}, 10)), IsEmpty());
}

TEST_P(CaretakerTest, RunGoesOnWhenTheDatabaseIsAway) {
  const auto away = must(store::DatabaseUrl::parse("sqlite:////nowhere/katip.db"));
  const auto pool = must(store::Pool::create(away, {}, {}));
  Queue queue(*pool, clock_, rng(), {});
  std::stop_source stop;
  int problem_count = 0;
  const auto start = clock_.now();
  Caretaker caretaker(queue, rng(), {}, {.on_problem = [&](const char*, const Error&) {
                        if (++problem_count == 20) stop.request_stop();
                      }});
  caretaker.run(stop.get_token());
  EXPECT_EQ(problem_count, 20);
  const auto passed = clock_.now() - start;
  EXPECT_GT(passed, 20s) << "it must not hammer";
  EXPECT_LT(passed, 200s) << "nor sleep for long";
}

}  // namespace
}  // namespace katip::jobs
