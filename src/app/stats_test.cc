#include "app/stats.h"

#include <gmock/gmock.h>

#include "app/stats/sum.h"
#include "app/testing/record_fixture.h"
#include "store/stats_store.h"

namespace katip::app {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class StatsTest : public RecordFixture {
 protected:
  void SetUp() override {
    RecordFixture::SetUp();
    metrics_ = std::make_unique<Metrics>(pool(), clock(), "1", "/");
    stats_ = std::make_unique<Stats>(pool(), *metrics_, clock());
    // At the begin of a minute, a day after 1970.
    clock().advance(24h - clock().elapsed() % std::chrono::milliseconds(60'000));
  }
  Timestamp now() { return store::to_timestamp(clock().calendar()); }
  void next_minute() {
    clock().advance(60s);
    ASSERT_TRUE(stats_->sample({}));
  }
  StatsSeries read(const StatsQuery& query = {}) {
    return jobs::must(stats_->read(admin(), query, {}));
  }
  void answer(std::chrono::milliseconds duration, int status = 200, bool is_patient = false) {
    metrics_->on_request({.method = "GET",
                          .route = "/x",
                          .status = status,
                          .duration = duration,
                          .is_patient = is_patient});
  }

  std::unique_ptr<Metrics> metrics_;
  std::unique_ptr<Stats> stats_;
};
KATIP_ON_BOTH_DATABASES(StatsTest);

TEST_P(StatsTest, AMinuteTellsWhatHappenedInIt) {
  put({.kind = "a", .queue = "low"});
  put({.kind = "a", .queue = "high"});
  settle(claim(worker()).front());
  completed("ayşe");
  for (int i = 0; i < 19; ++i) answer(10ms);
  answer(400ms, 500);
  answer(1h, 200, true);
  next_minute();
  const StatsSeries series = read();
  EXPECT_EQ(series.step_s, 300) << "a day in some hundred points";
  ASSERT_THAT(series.points, SizeIs(1));
  const StatsPoint& point = series.points[0];
  EXPECT_EQ(point.minute_count, 1);
  EXPECT_EQ(point.tasks_completed, 1);
  EXPECT_EQ(point.jobs_completed, 1);
  EXPECT_EQ(point.audio_s, 6);
  EXPECT_NEAR(*point.realtime_factor, 1.0 / 6, 1e-9);
  EXPECT_EQ(point.queues.at("low").available, 1);
  EXPECT_EQ(point.request_count, 20) << "one that waits for a transcript is not slow";
  EXPECT_EQ(point.request_failures, 1);
  EXPECT_NEAR(*point.request_p50_ms, 10, 2);
  EXPECT_EQ(point.worker_count, 1);
}

TEST_P(StatsTest, ManyServersWriteAMinuteOnceAndAddTheirRequests) {
  Metrics metrics(pool(), clock(), "1", "/");
  Stats other(pool(), metrics, clock());
  answer(10ms);
  metrics.on_request({.method = "GET", .route = "/x", .status = 503, .duration = 20ms});
  next_minute();
  ASSERT_TRUE(other.sample({}));
  ASSERT_TRUE(other.sample({})) << "and again";
  const auto points = read({.step_s = 60}).points;
  ASSERT_THAT(points, SizeIs(1));
  EXPECT_EQ(points[0].request_count, 2);
  EXPECT_EQ(points[0].request_failures, 1);
}

TEST_P(StatsTest, LongerStepsAreSummedUpAndAgreeWithTheMinutes) {
  for (int minute = 0; minute < 125; ++minute) {
    if (minute % 5 == 0) answer(10ms);
    next_minute();
  }
  const auto sql = jobs::must(pool().acquire({}));
  const auto hours = jobs::must(store::list_stats(*sql, 3'600, {}, now(), 10));
  EXPECT_THAT(hours, SizeIs(2));
  EXPECT_EQ(hours[0].minute_count, 60);
  EXPECT_THAT(jobs::must(store::list_stats(*sql, 900, {}, now(), 100)), SizeIs(8));
  for (const int step_s : {60, 300, 900, 3'600, 7'200}) {
    std::int64_t request_count = 0;
    int minute_count = 0;
    const StatsSeries series = read({.step_s = step_s});
    EXPECT_EQ(series.step_s, step_s);
    for (const StatsPoint& point : series.points) {
      request_count += point.request_count;
      minute_count += point.minute_count;
      EXPECT_EQ(begin_of(point.begins_at, step_s), point.begins_at);
    }
    EXPECT_EQ(request_count, 25) << step_s;
    EXPECT_EQ(minute_count, 125) << step_s << ": the newest are not summed up yet";
  }
}

TEST_P(StatsTest, WhatIsOldIsCoarseAndThenGone) {
  next_minute();
  clock().advance(15min);
  next_minute();
  clock().advance(47h);
  next_minute();
  clock().advance(24h);
  next_minute();
  const auto sql = jobs::must(pool().acquire({}));
  EXPECT_THAT(jobs::must(store::list_stats(*sql, 60, {}, now(), 100)), SizeIs(2));
  const StatsSeries old = read({.from = now() - 100h, .step_s = 60});
  EXPECT_EQ(old.step_s, 900) << "nothing finer is kept";
  EXPECT_EQ(old.points.front().minute_count, 1);
  clock().advance(24h * 401);
  next_minute();
  EXPECT_THAT(read({.from = now() - 24h * 500, .step_s = 24 * 3'600}).points, SizeIs(1));
}

TEST_P(StatsTest, WhatCannotBeAskedIsSaid) {
  const auto refused = [&](const StatsQuery& query) {
    return code(stats_->read(admin(), query, {}));
  };
  EXPECT_EQ(refused({.from = now(), .before = now()}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused({.step_s = 59}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused({.step_s = 61}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused({.from = now() - 47h, .step_s = 60}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused({.from = now() - 24h}), std::nullopt);
  Principal reader = ayse();
  reader.permissions = permissions_of(Permission::kReadJobs);
  EXPECT_EQ(code(stats_->read(reader, {}, {})), ErrorCode::kPermissionDenied);
}

TEST(StatsSum, MeansAreWeightedByMinutes) {
  const store::StatsRecord records[] = {
      {.minute_count = 1, .queues = R"({"low":{"available":10}})", .worker_count = 4},
      {.minute_count = 3, .queues = R"({"low":{"available":2}})", .worker_count = 0}};
  const store::StatsRecord sum = sum_of(records, 900, {});
  EXPECT_EQ(sum.minute_count, 4);
  EXPECT_EQ(sum.worker_count, 1);
  EXPECT_EQ(parse_queues(sum.queues).at("low").available, 4);
  EXPECT_THAT(parse_queues("nonsense"), IsEmpty());
  EXPECT_EQ(sum_of({}, 900, {}).minute_count, 0);
}

}  // namespace
}  // namespace katip::app
