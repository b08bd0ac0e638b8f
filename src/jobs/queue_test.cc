#include "jobs/queue.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jobs/testing/queue_fixture.h"
#include "store/queries.h"
#include "store/transaction.h"

namespace katip::jobs {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class QueueTest : public QueueFixture {};
KATIP_ON_BOTH_DATABASES(QueueTest);

Status failed(ErrorCode code = ErrorCode::kUnavailable) { return fail(code, "away"); }

TEST_P(QueueTest, ATaskRunsFromEndToEnd) {
  const std::string id = put({.kind = "ai.translate", .args = R"({"id":"x"})", .tenant = "ada"});
  EXPECT_EQ(state(id), "available");
  const auto claimed = claim(worker(), 4);
  ASSERT_THAT(claimed, SizeIs(1));
  EXPECT_EQ(claimed[0].key.id, id);
  EXPECT_EQ(claimed[0].kind, "ai.translate");
  EXPECT_EQ(claimed[0].queue, "default");
  EXPECT_EQ(claimed[0].tenant, "ada");
  EXPECT_EQ(claimed[0].attempt, 1);
  EXPECT_THAT(claimed[0].args, HasSubstr("\"x\""));
  EXPECT_EQ(state(id), "running");
  clock().advance(5s);
  const Outcome outcome{.task = claimed[0], .status = {}, .result = R"({"words":3})"};
  EXPECT_TRUE(must(queue().settle(std::span(&outcome, 1), {})).front());
  const auto kept = record(id);
  EXPECT_EQ(kept.state, "completed");
  EXPECT_THAT(kept.result.value(), HasSubstr("words"));
  EXPECT_EQ(kept.finished_at.value() - kept.claimed_at.value(), 5s);
  EXPECT_THAT(claim(worker()), IsEmpty());
}

TEST_P(QueueTest, AHeldTaskIsNotClaimedTwice) {
  put({.kind = "a"});
  EXPECT_THAT(claim(worker(), 8), SizeIs(1));
  EXPECT_THAT(claim(worker(), 8), IsEmpty());
}

TEST_P(QueueTest, EachWorkerKindGetsItsOwn) {
  put({.kind = "transcription.process"});
  EXPECT_THAT(claim(worker(), 8), IsEmpty());
  EXPECT_THAT(claim(worker("engine"), 8, "engine"), SizeIs(1));
}

TEST_P(QueueTest, OlderTasksOfALaneComeFirst) {
  const std::string first = put({.kind = "a"});
  clock().advance(1ms);
  const std::string second = put({.kind = "b"});
  const std::string me = worker();
  EXPECT_EQ(claim(me).front().key.id, first);
  EXPECT_EQ(claim(me).front().key.id, second);
}

TEST_P(QueueTest, ALowTaskIsServedInTheEnd) {
  const std::string low = put({.kind = "cleanup.temp_files"});
  const std::string me = worker();
  int rounds = 0;
  for (; rounds < 100; ++rounds) {
    put({.kind = "upload.validate_file"});
    const auto task = claim(me).front();
    settle(task);
    if (task.key.id == low) break;
    clock().advance(1min);
  }
  EXPECT_EQ(rounds, 81) << "eight levels of ten minutes each, and then it is older";
}

TEST_P(QueueTest, TenantsTakeTurns) {
  for (int i = 0; i < 50; ++i) put({.kind = "a", .tenant = "many"});
  clock().advance(30min);
  for (int i = 0; i < 5; ++i) put({.kind = "a", .tenant = "few"});
  const auto claimed = claim(worker(), 10);
  EXPECT_EQ(std::ranges::count(claimed, "few", &store::ClaimedTask::tenant), 5);
}

TEST_P(QueueTest, AnEmptyLaneGivesItsPlaceToOthers) {
  put({.kind = "a", .tenant = "one"});
  for (int i = 0; i < 9; ++i) put({.kind = "a", .tenant = "two"});
  put({.kind = "cleanup.x"});
  EXPECT_THAT(claim(worker(), 11), SizeIs(11));
}

TEST_P(QueueTest, AUniqueTaskIsMadeOnce) {
  const auto first = must(queue().enqueue({.kind = "a", .unique_key = "k"}, {}));
  const auto again = must(queue().enqueue({.kind = "a", .unique_key = "k"}, {}));
  EXPECT_TRUE(first.is_new);
  EXPECT_FALSE(again.is_new);
  EXPECT_EQ(again.id, first.id);
  settle(claim(worker()).front());
  EXPECT_TRUE(must(queue().enqueue({.kind = "a", .unique_key = "k"}, {})).is_new);
}

TEST_P(QueueTest, RefusesRequestsThatAreWrong) {
  for (const TaskRequest& request : std::vector<TaskRequest>{
           {.kind = ""},
           {.kind = "drop table"},
           {.kind = "a", .args = "[]"},
           {.kind = "a", .args = "{"},
           {.kind = "a", .args = R"({"a":")" + std::string(70'000, 'x') + R"("})"},
           {.kind = "a", .tenant = std::string(129, 'x')},
           {.kind = "a", .queue = "fast"},
           {.kind = "a", .priority = 11},
           {.kind = "a", .priority = -1},
           {.kind = "a", .attempt_count_max = 0},
           {.kind = "a", .unique_key = ""},
           {.kind = "a", .timeout_s = 0}}) {
    const auto result = queue().enqueue(request, {});
    ASSERT_FALSE(result) << request.kind;
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST_P(QueueTest, AScheduledTaskWaitsForItsTime) {
  const std::string id = put({.kind = "a", .run_at = queue().now() + 1h});
  EXPECT_EQ(state(id), "scheduled");
  const std::string me = worker();
  clock().advance(59min);
  EXPECT_EQ(must(queue().wake_due({})), 0);
  clock().advance(1min);
  EXPECT_EQ(must(queue().wake_due({})), 1);
  EXPECT_THAT(claim(me), SizeIs(1));
}

TEST_P(QueueTest, AFailureIsTriedAgainAndThenDiscarded) {
  const std::string id = put({.kind = "a", .attempt_count_max = 2});
  const std::string me = worker();
  EXPECT_TRUE(settle(claim(me).front(), failed()));
  EXPECT_EQ(state(id), "retryable");
  clock().advance(10min);
  EXPECT_EQ(must(queue().wake_due({})), 1);
  const auto second = claim(me).front();
  EXPECT_EQ(second.attempt, 2);
  EXPECT_TRUE(settle(second, failed()));
  const auto kept = record(id);
  EXPECT_EQ(kept.state, "discarded");
  EXPECT_THAT(kept.errors, HasSubstr("\"attempt\""));
  EXPECT_THAT(kept.errors, HasSubstr("UNAVAILABLE"));
}

TEST_P(QueueTest, ManyThatFailTogetherDoNotComeBackTogether) {
  constexpr int kCount = 1'000;
  const std::vector<TaskRequest> requests(kCount, {.kind = "a"});
  must(queue().enqueue(requests, {}));
  std::vector<Outcome> outcomes;
  for (auto& task : claim(worker(), kCount)) outcomes.push_back({.task = task, .status = failed()});
  must(queue().settle(outcomes, {}));
  // The first pause is chosen from two seconds: no fifth of a second has much more than its share.
  std::int64_t woken_max = 0;
  std::int64_t woken_total = 0;
  for (int i = 0; i < 10; ++i) {
    clock().advance(200ms);
    const std::int64_t woken = must(queue().wake_due({}));
    woken_max = std::max(woken_max, woken);
    woken_total += woken;
  }
  EXPECT_EQ(woken_total, kCount);
  EXPECT_LE(woken_max, 3 * kCount / 10);
}

TEST_P(QueueTest, AFullDiskRefusesAndLosesNothing) {
  const std::string before = put({.kind = "a"});
  if (is_postgres()) GTEST_SKIP() << "a PostgreSQL has its own disk; its server says it is full";
  // SQLite's own limit of pages stands for the disk: the same error, at the same places.
  store::ConnectionOptions options;
  const auto full = must(connect(options));
  must(full->execute("pragma max_page_count = 1"));
  const std::vector<TaskRequest> many(
      500, {.kind = "a", .args = R"({"x":")" + std::string(900, 'x') + R"("})"});
  const auto refused = store::run_transaction(*full, {.attempt_count_max = 1}, {},
                                              [&](store::Connection& sql) -> Status {
                                                KATIP_TRY(queue().enqueue_in(sql, many));
                                                return {};
                                              });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable) << refused.error().message;
  EXPECT_THAT(claim(worker(), 10), SizeIs(1)) << "what was there is there, and nothing of the rest";
  must(queue().enqueue(many, {}));  // Room again.
  EXPECT_THAT(claim(worker(), 1'000), SizeIs(500));
}

TEST_P(QueueTest, APermanentErrorIsNotTriedAgain) {
  const std::string id = put({.kind = "a"});
  settle(claim(worker()).front(), failed(ErrorCode::kInvalidArgument));
  EXPECT_EQ(state(id), "discarded");
}

TEST_P(QueueTest, AnAttemptEndedByOurOwnStopIsNotCounted) {
  const std::string id = put({.kind = "a", .attempt_count_max = 1});
  const std::string me = worker();
  EXPECT_TRUE(settle(claim(me).front(), failed(ErrorCode::kCancelled), StopReason::kShutdown));
  EXPECT_EQ(state(id), "available");
  EXPECT_EQ(claim(me).front().attempt, 1);
}

TEST_P(QueueTest, AWorkerThatLostItsLeaseChangesNothing) {
  const std::string id = put({.kind = "a"});
  const std::string lost = worker();
  const auto stale = claim(lost).front();
  bury(lost);
  EXPECT_EQ(must(queue().rescue({}, {})).requeued, 1);
  EXPECT_FALSE(settle(stale)) << "nobody has it, and the late result is refused";
  const auto fresh = must(queue().claim_alone({.worker_id = worker()}, {})).value();
  EXPECT_EQ(fresh.key.id, id);
  EXPECT_FALSE(settle(stale)) << "somebody else has it";
  EXPECT_TRUE(settle(fresh));
  EXPECT_FALSE(settle(stale)) << "it is done";
  EXPECT_EQ(state(id), "completed");
}

TEST_P(QueueTest, ADeadWorkerClaimsNothing) {
  put({.kind = "a"});
  const std::string lost = worker();
  bury(lost);
  EXPECT_THAT(claim(lost), IsEmpty());
}

TEST_P(QueueTest, TasksOfAWorkerThatLivesAreNotRescued) {
  const std::string id = put({.kind = "a"});
  claim(worker());
  EXPECT_EQ(must(queue().rescue({}, {})).requeued, 0);
  EXPECT_EQ(state(id), "running");
}

TEST_P(QueueTest, ThreeCrashesAloneQuarantineATaskAndNotItsNeighbours) {
  const std::string poison = put({.kind = "a"});
  const std::string neighbour = put({.kind = "a"});
  std::string me = worker();
  EXPECT_THAT(claim(me, 2), SizeIs(2));
  bury(me);
  EXPECT_EQ(must(queue().rescue({}, {})).requeued, 2);
  EXPECT_EQ(record(poison).crash_count, 0) << "either may have been it";
  int crashes = 0;
  while (true) {
    me = worker();
    EXPECT_THAT(claim(me, 8), IsEmpty()) << "suspects run alone";
    const auto task = must(queue().claim_alone({.worker_id = me}, {}));
    if (!task) break;
    if (task->key.id == neighbour) {
      EXPECT_TRUE(settle(*task));
      continue;
    }
    bury(me);
    ++crashes;
    must(queue().rescue({}, {}));
  }
  EXPECT_EQ(crashes, 3);
  EXPECT_EQ(state(poison), "quarantined");
  EXPECT_EQ(state(neighbour), "completed");
}

TEST_P(QueueTest, WhatWasOnlyClaimedIsNotSuspected) {
  const std::string started = put({.kind = "a"});
  clock().advance(1ms);
  const std::string waiting = put({.kind = "a"});
  const std::string me = worker();
  claim(me, 2);
  bury(me);
  must(queue().rescue(Death{.worker_id = me, .started = {started}}, {}));
  EXPECT_EQ(record(started).crash_count, 1) << "it was alone in running";
  EXPECT_EQ(record(waiting).crash_count, 0);
  EXPECT_EQ(claim(worker(), 8).front().key.id, waiting);
}

TEST_P(QueueTest, AWorkerThatWasOnlyCutOffClearsItsTasks) {
  const std::string id = put({.kind = "a", .attempt_count_max = 1});
  const std::string me = worker();
  claim(me);
  bury(me);
  must(queue().rescue({}, {}));
  EXPECT_EQ(record(id).crash_count, 1) << "nobody knows better yet";
  must(queue().give_up(me, "lease lost", {}));
  EXPECT_EQ(record(id).crash_count, 0);
  EXPECT_EQ(claim(worker()).front().attempt, 1) << "with company, and no attempt was counted";
}

TEST_P(QueueTest, AWorkerThatWasOnlyCutOffGivesBackWhatNobodyHasTaken) {
  const std::string first = put({.kind = "a"});
  const std::string second = put({.kind = "a"});
  const std::string me = worker();
  EXPECT_THAT(claim(me, 2), SizeIs(2));
  must(queue().cancel(second, {}));
  must(queue().give_up(me, "lease lost", {}));
  EXPECT_EQ(state(first), "available");
  EXPECT_EQ(state(second), "cancelled");
  EXPECT_THAT(claim(me), IsEmpty()) << "it has signed off";
  EXPECT_EQ(must(queue().rescue({}, {})).requeued, 0);
}

TEST_P(QueueTest, ADeathThatIsToldLateClearsThoseThatHadNotBegun) {
  const std::string started = put({.kind = "a"});
  const std::string waiting = put({.kind = "a"});
  const std::string me = worker();
  claim(me, 2);
  bury(me);
  must(queue().rescue({}, {}));
  EXPECT_THAT(claim(worker(), 8), IsEmpty()) << "both are suspected";
  must(queue().rescue(Death{.worker_id = me, .started = {started}}, {}));
  EXPECT_EQ(claim(worker(), 8).front().key.id, waiting);
  EXPECT_EQ(must(queue().claim_alone({.worker_id = worker()}, {}))->key.id, started);
}

TEST_P(QueueTest, NobodyTakesBackWhatAnotherDeathHasTaught) {
  const std::string id = put({.kind = "a"});
  const std::string cut_off = worker();
  claim(cut_off);
  bury(cut_off);
  must(queue().rescue({}, {}));
  const std::string dead = worker();
  must(queue().claim_alone({.worker_id = dead}, {}));
  bury(dead);
  must(queue().rescue({}, {}));
  must(queue().give_up(cut_off, "lease lost", {}));
  EXPECT_EQ(record(id).crash_count, 2);
}

TEST_P(QueueTest, AnOrderlyEndIsNobodysCrash) {
  const std::string id = put({.kind = "a"});
  const std::string me = worker();
  claim(me);
  must(queue().rescue(Death{.worker_id = me, .started = {id}, .is_orderly = true}, {}));
  EXPECT_EQ(record(id).crash_count, 0);
  EXPECT_THAT(claim(worker()), SizeIs(1));
}

TEST_P(QueueTest, OfTwoAttemptsInOneBatchOnlyTheLastIsWritten) {
  const std::string id = put({.kind = "a"});
  const std::string me = worker();
  const auto first = claim(me).front();
  must(queue().release(std::span(&first.key, 1), {}));
  const auto second = claim(me).front();
  const std::vector<Outcome> outcomes = {{.task = first, .status = {}},
                                         {.task = second, .status = {}}};
  EXPECT_EQ(must(queue().settle(outcomes, {})), (std::vector<bool>{false, true}));
  EXPECT_EQ(state(id), "completed");
}

TEST_P(QueueTest, ItIsKnownLaterWhetherAnOutcomeWasWritten) {
  const std::string me = worker();
  put({.kind = "a"});
  const auto done = claim(me).front();
  EXPECT_FALSE(must(queue().is_settled(done.key, {}))) << "it runs";
  settle(done);
  EXPECT_TRUE(must(queue().is_settled(done.key, {})));
  put({.kind = "a"});
  const auto later = claim(me).front();
  settle(later, failed());
  EXPECT_TRUE(must(queue().is_settled(later.key, {})));
  put({.kind = "a"});
  const auto lost = claim(me).front();
  bury(me);
  must(queue().rescue({}, {}));
  EXPECT_FALSE(must(queue().is_settled(lost.key, {})));
}

TEST_P(QueueTest, WaitingTasksAreCancelledAtOnceAndRunningOnesAsked) {
  const std::string waiting = put({.kind = "a"});
  must(queue().cancel(waiting, {}));
  EXPECT_EQ(state(waiting), "cancelled");
  const std::string running = put({.kind = "a"});
  const std::string me = worker();
  const auto task = claim(me).front();
  must(queue().cancel(running, {}));
  EXPECT_EQ(state(running), "running");
  must(queue().with_store(
      [&](store::TaskStore& tasks) -> Status {
        EXPECT_EQ(KATIP_TRY(tasks.cancel_requests(me)), std::vector{task.key});
        return {};
      },
      {}));
  settle(task, failed(ErrorCode::kCancelled), StopReason::kCancel);
  EXPECT_EQ(state(running), "cancelled");
  EXPECT_EQ(queue().cancel(running, {}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(queue().cancel("1 or 1=1", {}).error().code, ErrorCode::kInvalidArgument);
}

TEST_P(QueueTest, ACancelledTaskWhoseWorkerDiedStaysCancelled) {
  const std::string id = put({.kind = "a"});
  const std::string me = worker();
  claim(me);
  must(queue().cancel(id, {}));
  bury(me);
  EXPECT_EQ(must(queue().rescue({}, {})).cancelled, 1);
  EXPECT_EQ(state(id), "cancelled");
}

TEST_P(QueueTest, AnOperatorRevivesWhatHasFailed) {
  const std::string id = put({.kind = "a", .attempt_count_max = 1, .unique_key = "k"});
  const std::string me = worker();
  settle(claim(me).front(), failed());
  EXPECT_EQ(state(id), "discarded");
  must(queue().revive(id, {}));
  const auto again = claim(me).front();
  EXPECT_EQ(again.key.id, id);
  EXPECT_EQ(again.attempt, 1);
  EXPECT_EQ(again.key.token, 2) << "the old lease stays refused";
  settle(again);
  EXPECT_EQ(queue().revive(id, {}).error().code, ErrorCode::kNotFound) << "completed is final";
}

TEST_P(QueueTest, RevivingBesideItsSuccessorIsAConflict) {
  const std::string id = put({.kind = "a", .attempt_count_max = 1, .unique_key = "k"});
  settle(claim(worker()).front(), failed());
  put({.kind = "a", .unique_key = "k"});
  EXPECT_EQ(queue().revive(id, {}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(state(id), "discarded");
}

TEST_P(QueueTest, PausedQueuesGiveNothingAndDrainedOnesTakeNothing) {
  const auto set_mode = [&](const char* mode) {
    must(queue().with_store(
        [&](store::TaskStore& tasks) {
          return tasks.set_queue_mode("default", mode, "test", queue().now());
        },
        {}));
  };
  const std::string me = worker();
  put({.kind = "a"});
  set_mode("paused");
  EXPECT_THAT(claim(me), IsEmpty());
  put({.kind = "a"});
  set_mode("draining");
  EXPECT_EQ(queue().enqueue({.kind = "a"}, {}).error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(queue().enqueue({.kind = "cleanup.x"}, {})) << "another queue";
  EXPECT_THAT(claim(me, 8), SizeIs(3));
  set_mode("open");
  EXPECT_TRUE(queue().enqueue({.kind = "a"}, {}));
}

TEST_P(QueueTest, AnEffectHappensWithTheCompletionOrNotAtAll) {
  const auto count = [&] {
    int rows = 0;
    must(queue().with_store(
        [&](store::TaskStore& tasks) -> Status {
          rows = static_cast<int>(KATIP_TRY(tasks.queues()).size());
          return {};
        },
        {}));
    return rows;
  };
  const auto effect = [&](store::Connection& sql) {
    return store::TaskStore(sql).set_queue_mode("low", "open", "effect", queue().now());
  };
  const std::string lost = worker();
  put({.kind = "a"});
  Outcome outcome{.task = claim(lost).front(), .status = {}, .effect = effect};
  bury(lost);
  must(queue().rescue({}, {}));
  EXPECT_FALSE(must(queue().settle(std::span(&outcome, 1), {})).front());
  EXPECT_EQ(count(), 0) << "the lease was lost";

  outcome.task = must(queue().claim_alone({.worker_id = worker()}, {})).value();
  outcome.effect = [&](store::Connection& sql) -> Status {
    KATIP_TRY(effect(sql));
    return failed(ErrorCode::kInvalidArgument);
  };
  EXPECT_TRUE(must(queue().settle(std::span(&outcome, 1), {})).front());
  EXPECT_EQ(count(), 0) << "it failed behind its first row";
  EXPECT_EQ(state(outcome.task.key.id), "discarded");

  must(queue().revive(outcome.task.key.id, {}));
  outcome.task = claim(worker()).front();
  outcome.effect = effect;
  EXPECT_TRUE(must(queue().settle(std::span(&outcome, 1), {})).front());
  EXPECT_EQ(count(), 1);
}

TEST_P(QueueTest, AResultThatCannotBeStoredFailsItsTaskAlone) {
  const std::string bad = put({.kind = "a"});
  const std::string good = put({.kind = "a"});
  std::vector<Outcome> outcomes;
  for (auto& task : claim(worker(), 2)) {
    outcomes.push_back({.task = task, .status = {}, .result = task.key.id == bad ? "{" : "{}"});
  }
  must(queue().settle(outcomes, {}));
  EXPECT_EQ(state(good), "completed");
  EXPECT_EQ(state(bad), "discarded");
  EXPECT_THAT(record(bad).errors, HasSubstr("cannot be stored"));
}

TEST_P(QueueTest, AnOutcomeThatIsRefusedForGoodFailsItsTaskAlone) {
  const auto sql = must(connect({}));
  must(sql->execute(
      is_postgres()
          ? "create function refuse() returns trigger as $$ begin raise exception 'broken'; end $$ "
            "language plpgsql; create trigger refuse before insert on task_history for each row "
            "when (new.kind = 'bad' and new.state = 'completed') execute function refuse()"
          : "create trigger refuse before insert on task_history when new.kind = 'bad' and "
            "new.state = 'completed' begin select raise(abort, 'broken'); end"));
  const std::string bad = put({.kind = "bad", .attempt_count_max = 1});
  const std::string effect = put({.kind = "bad", .attempt_count_max = 1});
  const std::string good = put({.kind = "a"});
  std::vector<Outcome> outcomes;
  for (auto& task : claim(worker(), 3)) {
    outcomes.push_back({.task = task, .status = {}});
    if (task.key.id == effect) outcomes.back().effect = [](auto&) { return Status{}; };
  }
  EXPECT_EQ(must(queue().settle(outcomes, {})), std::vector<bool>(3, true));
  EXPECT_EQ(state(good), "completed");
  for (const std::string& id : {bad, effect}) {
    EXPECT_EQ(state(id), "discarded");
    EXPECT_THAT(record(id).errors, HasSubstr("cannot be stored"));
  }
}

TEST_P(QueueTest, CheckpointsBelongToTheLeaseAndSurviveADeath) {
  const std::string id = put({.kind = "a"});
  const std::string lost = worker();
  const auto stale = claim(lost).front();
  const auto save = [&](const store::TaskKey& key, int position) {
    bool saved = false;
    must(queue().with_store(
        [&](store::TaskStore& tasks) -> Status {
          saved = KATIP_TRY(tasks.save_checkpoint(
              key, {.position = position, .data = R"({"text":"one"})"}, queue().now()));
          return {};
        },
        {}));
    return saved;
  };
  EXPECT_TRUE(save(stale.key, 0));
  EXPECT_TRUE(save(stale.key, 1));
  bury(lost);
  must(queue().rescue({}, {}));
  EXPECT_FALSE(save(stale.key, 2));
  const auto fresh = must(queue().claim_alone({.worker_id = worker()}, {})).value();
  must(queue().with_store(
      [&](store::TaskStore& tasks) -> Status {
        EXPECT_EQ(KATIP_TRY(tasks.checkpoints(id)).size(), 2U);
        return {};
      },
      {}));
  EXPECT_TRUE(settle(fresh));
  must(queue().with_store(
      [&](store::TaskStore& tasks) -> Status {
        EXPECT_THAT(KATIP_TRY(tasks.checkpoints(id)), IsEmpty());
        return {};
      },
      {}));
}

TEST_P(QueueTest, AClaimEntersTheIndexOnceForEachLane) {
  if (is_postgres()) GTEST_SKIP() << "its planner is free to read a small table instead";
  const auto sql = must(connect({}));
  const std::string query =
      "explain query plan " + std::string(store::Queries::of(sql->dialect()).get("list_lanes"));
  std::string plan;
  const store::Rows rows = must(sql->query(query, {"general", 10, 0}));
  for (const store::Row row : rows) plan += must(row.get<std::string>("detail")) + "\n";
  EXPECT_THAT(plan, HasSubstr("(queue,priority,tenant)>(?,?,?)")) << plan;
  EXPECT_THAT(plan, HasSubstr("(queue,priority)>(?,?)")) << plan;
}

TEST_P(QueueTest, HoweverManyLanesThereAreNoClassHidesAnother) {
  QueueOptions options;
  options.lane_count_max = 3;
  use(options);
  for (int i = 0; i < 20; ++i) {
    put({.kind = "a", .tenant = fmt::format("tenant {:02}", i), .queue = "default"});
  }
  const std::string high = put({.kind = "a", .tenant = "zoe", .queue = "high"});
  const std::string me = worker();
  EXPECT_EQ(claim(me).front().key.id, high) << "its queue's name comes behind the others";
  EXPECT_EQ(claim(me).front().queue, "default");
}

TEST_P(QueueTest, HoweverManyTenantsWaitEachHasItsTurn) {
  QueueOptions options;
  options.lane_count_max = 3;
  use(options);
  for (int i = 0; i < 100; ++i) {
    put({.kind = "a", .tenant = fmt::format("tenant {}", i % 10), .queue = "critical"});
  }
  const std::string me = worker();
  std::map<std::string, int> counts;
  for (int i = 0; i < 50; ++i) ++counts[claim(me).front().tenant];
  EXPECT_EQ(counts.size(), 10U);
  for (const auto& [tenant, count] : counts) EXPECT_NEAR(count, 5, 1) << tenant;
}

TEST_P(QueueTest, OnlyCriticalTasksAreClaimedWhenThereIsRoomForNothingElse) {
  for (const char* queue_name : {"default", "critical", "high", "low"}) {
    for (int i = 0; i < 3; ++i) {
      put({.kind = "a", .tenant = fmt::format("tenant {}", i), .queue = queue_name});
    }
  }
  const auto claimed = must(queue().claim(
      {.claimer = {.worker_id = worker()}, .free_count = 8, .ordinary_count = 0}, {}));
  EXPECT_EQ(claimed.size(), 3U);
  for (const auto& task : claimed) EXPECT_EQ(task.queue, "critical");
}

TEST_P(QueueTest, HistoryIsPrunedFromItsOldEnd) {
  const std::string old = put({.kind = "a"});
  settle(claim(worker()).front());
  clock().advance(2h);
  const std::string young = put({.kind = "a"});
  settle(claim(worker()).front());
  must(queue().with_store(
      [&](store::TaskStore& tasks) -> Status {
        EXPECT_EQ(KATIP_TRY(tasks.prune_history(queue().now() - 1h, 10)), 1);
        return {};
      },
      {}));
  EXPECT_EQ(state(old), "gone");
  EXPECT_EQ(state(young), "completed");
}

// --- What faults have taught --------------------------------------------------------------------

TEST_P(QueueTest, ACancelledTaskGetsNoOtherAttempt) {
  const std::string me = worker();
  const std::string failing = put({.kind = "a"});
  const auto task = claim(me).front();
  must(queue().cancel(failing, {}));
  EXPECT_TRUE(settle(task, failed())) << "its handler had not seen the wish yet";
  EXPECT_EQ(state(failing), "cancelled");
  const std::string stopped = put({.kind = "a"});
  const auto other = claim(me).front();
  must(queue().cancel(stopped, {}));
  EXPECT_TRUE(settle(other, failed(ErrorCode::kCancelled), StopReason::kShutdown));
  EXPECT_EQ(state(stopped), "cancelled");
  const std::string waiting = put({.kind = "a"});
  const auto third = claim(me).front();
  must(queue().cancel(waiting, {}));
  must(queue().release(std::span(&third.key, 1), {}));
  EXPECT_EQ(state(waiting), "cancelled");
}

TEST_P(QueueTest, WhatAWorkerDoesNotKnowOfIsGivenBack) {
  const std::string known = put({.kind = "a"});
  const std::string lost = put({.kind = "a"});
  const std::string me = worker();
  const auto claimed = claim(me, 2);
  const auto& mine = claimed[0].key.id == known ? claimed[0] : claimed[1];
  EXPECT_EQ(must(queue().release_unknown(me, std::span(&mine.key, 1), {})), 1);
  EXPECT_EQ(state(known), "running");
  EXPECT_EQ(state(lost), "available");
  EXPECT_EQ(record(lost).attempt, 0);
  EXPECT_EQ(must(queue().release_unknown(me, std::span(&mine.key, 1), {})), 0);
}

TEST_P(QueueTest, AnEffectThatFailsNeedsOneConnectionOnly) {
  const auto one = must(store::Pool::create(database().url(), {}, {.connection_count_max = 1}));
  Queue narrow(*one, clock(), rng(), {});
  const std::string id = put({.kind = "a"});
  const Outcome outcome{.task = claim(worker()).front(),
                        .status = {},
                        .effect = [](store::Connection&) { return failed(ErrorCode::kInternal); }};
  EXPECT_TRUE(must(narrow.settle(std::span(&outcome, 1), {})).front());
  EXPECT_EQ(state(id), "retryable");
}

TEST_P(QueueTest, AResultWithAnEffectThatCannotBeStoredFailsItsTask) {
  const std::string id = put({.kind = "a"});
  const Outcome outcome{.task = claim(worker()).front(),
                        .status = {},
                        .result = "{",
                        .effect = [](store::Connection&) { return Status{}; }};
  EXPECT_TRUE(must(queue().settle(std::span(&outcome, 1), {})).front());
  EXPECT_EQ(state(id), "discarded");
  EXPECT_THAT(record(id).errors, HasSubstr("cannot be stored"));
}

TEST_P(QueueTest, ADeathSignsTheWorkerOffAndJudgesInOneStep) {
  const std::string started = put({.kind = "a"});
  clock().advance(1ms);
  const std::string waiting = put({.kind = "a"});
  const std::string me = worker();
  claim(me, 2);
  EXPECT_EQ(must(queue().rescue(Death{.worker_id = me, .started = {started}}, {})).requeued, 2);
  EXPECT_EQ(record(started).crash_count, 1);
  EXPECT_EQ(record(waiting).crash_count, 0);
  put({.kind = "a"});
  EXPECT_THAT(claim(me), IsEmpty()) << "it is dead";
}

TEST_P(QueueTest, TasksOfADeadWorkerAreJudgedTogether) {
  if (GetParam() == store::Dialect::kSqlite) GTEST_SKIP() << "SQLite holds no single rows";
  const std::string first = put({.kind = "a"});
  const std::string second = put({.kind = "a"});
  const std::string me = worker();
  const auto claimed = claim(me, 2);
  bury(me);
  const auto connection = must(pool().acquire({}));
  {
    // The dead worker was frozen while it wrote an outcome down.
    const auto frozen = must(store::Transaction::begin(*connection));
    EXPECT_TRUE(must(store::TaskStore(*connection).hold(claimed[0].key)));
    EXPECT_EQ(must(queue().rescue({}, {})).requeued, 0);
  }
  EXPECT_EQ(must(queue().rescue({}, {})).requeued, 2);
  EXPECT_EQ(record(first).crash_count, 0) << "it was not alone";
  EXPECT_EQ(record(second).crash_count, 0);
}

}  // namespace
}  // namespace katip::jobs
