#include "jobs/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jobs/testing/queue_fixture.h"
#include "jobs/testing/split_clock.h"
#include "store/schedule_store.h"

namespace katip::jobs {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using store::Timestamp;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Timestamp at(const std::string& text) { return store::parse_timestamp(text + "Z").value(); }

/// One server: a scheduler on a clock of its own.
class Server {
 public:
  Server(store::Pool& pool, const Clock& clock, Rng& rng, std::vector<Schedule> schedules)
      : queue_(pool, clock, rng, {}),
        scheduler_(must(Scheduler::create(queue_, std::move(schedules), observer()))) {
    must(scheduler_.start({}));
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void look() { must(scheduler_.look({})); }
  Status try_to_look() { return scheduler_.look({}); }
  Queue& queue() { return queue_; }

  std::vector<std::string> listed, retired, fired, skipped;

 private:
  SchedulerObserver observer() {
    return {
        .on_listed =
            [this](const Schedule& schedule, std::optional<Timestamp> next) {
              listed.push_back(schedule.name + " " +
                               (next ? store::to_text(*next).substr(0, 16) : "never"));
            },
        .on_retired = [this](const std::string& name) { retired.push_back(name); },
        .on_fired = [this](const Schedule&, Timestamp slot,
                           const std::string&) { fired.push_back(spell(slot)); },
        .on_skipped = [this](const Schedule&, Timestamp slot) { skipped.push_back(spell(slot)); }};
  }
  static std::string spell(Timestamp slot) { return store::to_text(slot).substr(11, 5); }

  Queue queue_;
  Scheduler scheduler_;
};

class SchedulerTest : public QueueFixture {
 protected:
  std::unique_ptr<Server> server(std::vector<Schedule> schedules) {
    return std::make_unique<Server>(pool(), clock_, rng(), std::move(schedules));
  }
  std::unique_ptr<Server> server(MissedSlots missed = MissedSlots::kOnce) {
    return server({{.name = "hourly", .cron = "0 * * * *", .kind = "cleanup.x", .missed = missed}});
  }
  void pass(std::chrono::milliseconds duration, std::vector<Server*> servers) {
    for (; duration > 0ms; duration -= 1s) {
      clock_.advance(1s);
      for (Server* const one : servers) one->look();
    }
  }
  std::int64_t task_count() {
    const auto connection = must(pool().acquire({}));
    std::int64_t count = 0;
    for (const auto& part : must(store::TaskStore(*connection).counts())) count += part.count;
    return count;
  }

  SplitClock clock_{at("2026-05-01T12:30:00")};
};
KATIP_ON_BOTH_DATABASES(SchedulerTest);

TEST_P(SchedulerTest, ListsWhatIsConfiguredAndRetiresTheRest) {
  const auto first = server({{.name = "a", .cron = "0 3 * * *", .kind = "cleanup.x"},
                             {.name = "b", .cron = "0 0 30 2 *", .kind = "cleanup.x"}});
  EXPECT_THAT(first->listed, ElementsAre("a 2026-05-02T03:00", "b never"));
  const auto second = server({{.name = "b", .cron = "@yearly", .kind = "cleanup.x"}});
  EXPECT_THAT(second->listed, ElementsAre("b 2027-01-01T00:00"));
  EXPECT_THAT(second->retired, ElementsAre("a"));
  clock_.advance(24h);
  pass(1s, {second.get()});
  EXPECT_EQ(task_count(), 0);
}

TEST_P(SchedulerTest, DuringAnUpgradeEachServerServesWhatItHas) {
  const Schedule shared = {.name = "a", .cron = "0 * * * *", .kind = "cleanup.x"};
  const auto newer = server({shared, {.name = "b", .cron = "15 * * * *", .kind = "cleanup.x"}});
  const auto older = server({shared});
  EXPECT_THAT(older->retired, ElementsAre("b")) << "it does not know it";
  pass(1h, {newer.get(), older.get()});
  EXPECT_EQ(newer->fired.size() + older->fired.size(), 2U);
  EXPECT_THAT(newer->fired, ::testing::Contains("13:15"));
  const auto again = server({shared, {.name = "b", .cron = "15 * * * *", .kind = "cleanup.x"}});
  pass(1s, {again.get()});
  EXPECT_THAT(again->fired, IsEmpty()) << "its slot was served";
}

TEST_P(SchedulerTest, ServesWhatPeopleAddAndNoticesWhatTheyChange) {
  const auto one = server(std::vector<Schedule>{});
  const auto two = server(std::vector<Schedule>{});
  const auto connection = must(pool().acquire({}));
  store::ScheduleStore store(*connection);
  store::ScheduleRecord mine{
      .name = "mine", .cron = "40 * * * *", .time_zone = "UTC", .kind = "cleanup.x"};
  EXPECT_TRUE(must(store.put_added(mine, one->queue().now())));
  pass(20min, {one.get(), two.get()});
  EXPECT_EQ(one->fired.size() + two->fired.size(), 1U) << "at 12:40, by one of them";
  mine.cron = "55 * * * *";
  EXPECT_TRUE(must(store.put_added(mine, one->queue().now())));
  pass(10min, {one.get()});
  EXPECT_THAT(one->fired, ::testing::Contains("12:55"));
  EXPECT_TRUE(must(store.set_paused("mine", true, one->queue().now())));
  pass(1h, {one.get()});
  EXPECT_EQ(task_count(), 2) << "it is switched off";
  EXPECT_TRUE(must(store.set_paused("mine", false, one->queue().now())));
  pass(1min, {one.get()});
  EXPECT_EQ(task_count(), 2) << "what passed meanwhile was not missed";
  pass(1h, {one.get()});
  EXPECT_EQ(task_count(), 3);
  EXPECT_TRUE(must(store.remove_added("mine")));
  pass(1h, {one.get()});
  EXPECT_EQ(task_count(), 3);
}

TEST_P(SchedulerTest, WhatIsConfiguredIsSwitchedOffAndNothingElse) {
  const auto one = server();
  const auto connection = must(pool().acquire({}));
  store::ScheduleStore store(*connection);
  store::ScheduleRecord other{
      .name = "hourly", .cron = "* * * * *", .time_zone = "UTC", .kind = "cleanup.x"};
  EXPECT_FALSE(must(store.put_added(other, one->queue().now()))) << "the name is taken";
  EXPECT_FALSE(must(store.remove_added("hourly")));
  EXPECT_TRUE(must(store.set_paused("hourly", true, one->queue().now())));
  pass(1h, {one.get()});
  EXPECT_THAT(one->fired, IsEmpty());
  const auto again = server();
  pass(1h, {again.get()});
  EXPECT_THAT(again->fired, IsEmpty()) << "a restart does not switch it on";
  EXPECT_TRUE(must(store.set_paused("hourly", false, one->queue().now())));
  pass(1h, {again.get()});
  EXPECT_THAT(again->fired, SizeIs(1));
}

TEST_P(SchedulerTest, RefusesWhatIsWrong) {
  Queue queue(pool(), clock_, rng(), {});
  const auto problem = [&](std::vector<Schedule> schedules) {
    const auto result = Scheduler::create(queue, std::move(schedules), {});
    return result ? "none" : result.error().message;
  };
  const Schedule good = {.name = "a", .cron = "@daily", .kind = "cleanup.x"};
  EXPECT_EQ(problem({good}), "none");
  EXPECT_THAT(problem({good, good}), HasSubstr("`a` is configured twice"));
  EXPECT_THAT(problem({{.name = "", .cron = "@daily", .kind = "x"}}), HasSubstr("name"));
  EXPECT_THAT(problem({{.name = "a", .cron = "61 * * * *", .kind = "x"}}),
              HasSubstr("schedule `a`: cron `61 * * * *`: field `minute`"));
  EXPECT_THAT(problem({{.name = "a", .cron = "@daily", .time_zone = "Mars", .kind = "x"}}),
              HasSubstr("time zone"));
  EXPECT_THAT(problem({{.name = "a", .cron = "@daily", .kind = "X"}}), HasSubstr("kind"));
  EXPECT_THAT(problem({{.name = "a", .cron = "@daily", .kind = "x", .args = "3"}}),
              HasSubstr("JSON object"));
}

TEST_P(SchedulerTest, ServesEachSlotOnceHoweverManyServersThereAre) {
  const auto one = server();
  const auto two = server();
  pass(2h, {one.get(), two.get()});
  EXPECT_EQ(one->fired.size() + two->fired.size(), 2U);
  EXPECT_EQ(task_count(), 2);
  EXPECT_THAT(claim(worker(), 8), SizeIs(2));
}

TEST_P(SchedulerTest, ARestartDoublesNothingAlsoWhenTheTaskIsDone) {
  const auto before = server();
  pass(31min, {before.get()});
  EXPECT_THAT(before->fired, ElementsAre("13:00"));
  settle(claim(worker()).front());
  const auto after = server();
  pass(10min, {after.get()});
  EXPECT_THAT(after->fired, IsEmpty());
  EXPECT_EQ(task_count(), 0);
}

TEST_P(SchedulerTest, OfMissedSlotsTheLatestIsServed) {
  server();
  clock_.advance(5h);
  const auto later = server();
  pass(3s, {later.get()});
  EXPECT_THAT(later->fired, ElementsAre("17:00"));
  EXPECT_EQ(task_count(), 1);
}

TEST_P(SchedulerTest, MissedSlotsAreSkippedWhereTheScheduleSaysSo) {
  server(MissedSlots::kSkip);
  clock_.advance(5h);
  const auto later = server(MissedSlots::kSkip);
  pass(31min, {later.get()});
  EXPECT_THAT(later->skipped, ElementsAre("17:00"));
  EXPECT_THAT(later->fired, ElementsAre("18:00"));
}

TEST_P(SchedulerTest, AShortAbsenceMissesNothing) {
  server(MissedSlots::kSkip);
  clock_.advance(31min);
  const auto later = server(MissedSlots::kSkip);
  pass(1s, {later.get()});
  EXPECT_THAT(later->fired, ElementsAre("13:00"));
}

TEST_P(SchedulerTest, ANewOrChangedScheduleBeginsNow) {
  server({{.name = "a", .cron = "0 3 * * *", .kind = "cleanup.x"}});
  clock_.advance(48h);
  const auto changed = server({{.name = "a", .cron = "*/10 * * * *", .kind = "cleanup.x"}});
  pass(5s, {changed.get()});
  EXPECT_THAT(changed->fired, IsEmpty()) << "12:30 was before this was configured";
  server({});
  clock_.advance(48h);
  const auto again = server({{.name = "a", .cron = "*/10 * * * *", .kind = "cleanup.x"}});
  pass(5s, {again.get()});
  EXPECT_THAT(again->fired, IsEmpty()) << "it rested meanwhile";
  pass(10min, {again.get()});
  EXPECT_THAT(again->fired, ElementsAre("12:40"));
}

TEST_P(SchedulerTest, ACalendarThatJumpsAheadIsNotBelievedForAMinute) {
  const auto one = server();
  pass(5s, {one.get()});
  clock_.move_calendar(1h);
  pass(59s, {one.get()});
  EXPECT_THAT(one->fired, IsEmpty());
  clock_.move_calendar(-1h);
  pass(10min, {one.get()});
  EXPECT_THAT(one->fired, IsEmpty()) << "it was a mistake, and nothing has run early";
  clock_.move_calendar(1h);
  pass(62s, {one.get()});
  EXPECT_THAT(one->fired, ElementsAre("13:00")) << "it has held";
}

TEST_P(SchedulerTest, ACalendarThatIsSetBackServesNothingAgain) {
  const auto one = server();
  pass(31min, {one.get()});
  EXPECT_THAT(one->fired, ElementsAre("13:00"));
  settle(claim(worker()).front());
  clock_.move_calendar(-1h);
  pass(1h, {one.get()});
  EXPECT_THAT(one->fired, ElementsAre("13:00"));
  const auto after = server();
  pass(10min, {one.get(), after.get()});
  EXPECT_EQ(task_count(), 0);
  pass(1h, {one.get(), after.get()});
  EXPECT_EQ(task_count(), 1) << "14:00 comes as ever";
}

TEST_P(SchedulerTest, ASmallCorrectionOfTheCalendarIsTakenAtOnce) {
  const auto one = server();
  pass(29min, {one.get()});
  clock_.move_calendar(59s);
  pass(2s, {one.get()});
  EXPECT_THAT(one->fired, ElementsAre("13:00"));
}

TEST_P(SchedulerTest, ADrainedQueueHoldsUpItsOwnSchedulesOnly) {
  const auto one = server({{.name = "a", .cron = "0 * * * *", .kind = "cleanup.x"},
                           {.name = "b", .cron = "0 * * * *", .kind = "upload.x"}});
  const auto set_mode = [&](const char* mode) {
    must(queue().with_store(
        [&](store::TaskStore& tasks) {
          return tasks.set_queue_mode("low", mode, "test", queue().now());
        },
        {}));
  };
  set_mode("draining");
  clock_.advance(30min);
  const Status status = one->try_to_look();
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("schedule a: the queue low is drained"));
  EXPECT_EQ(task_count(), 1);
  set_mode("open");
  one->look();
  EXPECT_EQ(task_count(), 2);
}

}  // namespace
}  // namespace katip::jobs
