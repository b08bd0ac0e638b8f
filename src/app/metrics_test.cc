#include "app/metrics.h"

#include <algorithm>
#include <sstream>

#include <gmock/gmock.h>

#include "base/event_counters.h"
#include "jobs/testing/queue_fixture.h"

namespace katip::app {
namespace {

using ::testing::HasSubstr;

class MetricsTest : public jobs::QueueFixture {
 protected:
  void SetUp() override {
    QueueFixture::SetUp();
    metrics_ = std::make_unique<Metrics>(pool(), clock(), "1.2.3", "/");
  }
  HealthFigures health() {
    clock().advance(std::chrono::seconds(2));  // Figures are a second old at most.
    return metrics_->health({});
  }

  std::unique_ptr<Metrics> metrics_;
};
KATIP_ON_BOTH_DATABASES(MetricsTest);

TEST_P(MetricsTest, CountsWhatWaitsRunsAndHasEnded) {
  put({.kind = "a", .queue = "low"});
  put({.kind = "a", .queue = "high"});
  const auto tasks = claim(worker());
  HealthFigures figures = health();
  EXPECT_TRUE(figures.is_database_up);
  EXPECT_EQ(figures.active_tasks, 1);
  EXPECT_EQ(figures.waiting_tasks, 1);
  EXPECT_EQ(figures.queues.at("high").running, 1);
  EXPECT_EQ(figures.queues.at("low").available, 1);
  EXPECT_EQ(figures.workers.at("general"), 1);
  EXPECT_EQ(figures.success_rate, 100);
  settle(tasks.front());
  figures = health();
  EXPECT_EQ(figures.tasks_completed, 1);
  EXPECT_EQ(figures.active_tasks, 0);
  EXPECT_GT(figures.disk_free_bytes, 0);
  EXPECT_GE(figures.uptime_seconds, 4);
}

TEST_P(MetricsTest, TellsThemInTheFormatOfPrometheus) {
  metrics_->on_request({.method = "GET",
                        .route = "/api/v1/jobs/{job_id}",
                        .status = 200,
                        .duration = std::chrono::milliseconds(7)});
  metrics_->on_request({.method = "GET", .route = "", .status = 404});
  put({.kind = "a.b"});
  settle(claim(worker()).front());
  clock().advance(std::chrono::seconds(2));
  const std::string text = metrics_->text({});
  EXPECT_THAT(
      text,
      HasSubstr(R"(http_requests_total{code="200",method="GET",route="/api/v1/jobs/{job_id}"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(route="none")"));
  EXPECT_THAT(text, HasSubstr(R"(jobs_completed_total{kind="a.b",queue="default"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(build_info{version="1.2.3"} 1)"));
  EXPECT_THAT(text, HasSubstr("database_up 1"));
}

TEST_P(MetricsTest, CountsWhatComesAndWhatHappensInOtherProcesses) {
  put({.kind = "a", .queue = "low"});
  health();
  put({.kind = "a", .queue = "low"});
  settle(claim(worker()).front());
  put({.kind = "a", .queue = "low"});
  put({.kind = "b", .queue = "low"});
  take_events();
  count_event("fencing_rejects_total");
  count_event("sandbox_kills_total", "time", 2);
  clock().advance(std::chrono::seconds(2));
  const std::string text = metrics_->text({});
  EXPECT_THAT(text, HasSubstr(R"(jobs_enqueued_total{kind="a",queue="low"} 2)"))
      << "since the start";
  EXPECT_THAT(text, HasSubstr(R"(jobs_enqueued_total{kind="b",queue="low"} 1)"));
  EXPECT_THAT(text, HasSubstr("fencing_rejects_total 1"));
  EXPECT_THAT(text, HasSubstr(R"(sandbox_kills_total{reason="time"} 2)"));
  EXPECT_THAT(text, HasSubstr("migration_head_info{revision="));
  EXPECT_THAT(text, HasSubstr("lease_expired_total 0"));
  EXPECT_TRUE(take_events().empty()) << "they are in the database now";
}

// Lines of the text: NAME{labels} value, of a histogram NAME_count, NAME_sum and NAME_bucket.
std::size_t line_count(const Figure& figure) {
  std::size_t count = 0;
  for (const Figure::Sample& sample : figure.samples) {
    count += figure.kind == "histogram" ? sample.buckets.size() + 3 : 1;
  }
  return count;
}

TEST_P(MetricsTest, TellsTheSameFiguresAsValues) {
  metrics_->on_request({.method = "GET",
                        .route = "/api/v1/jobs",
                        .status = 200,
                        .duration = std::chrono::milliseconds(7)});
  put({.kind = "a.b"});
  settle(claim(worker()).front());
  clock().advance(std::chrono::seconds(2));
  const std::vector<Figure> figures = metrics_->figures({});
  const auto find = [&](std::string_view name) -> const Figure& {
    return *std::ranges::find(figures, name, &Figure::name);
  };
  EXPECT_EQ(find("jobs_completed_total").kind, "counter");
  ASSERT_EQ(find("jobs_completed_total").samples.size(), 1U);
  const Figure::Sample& completed = find("jobs_completed_total").samples.front();
  EXPECT_EQ(completed.labels,
            (std::map<std::string, std::string>{{"kind", "a.b"}, {"queue", "default"}}));
  EXPECT_EQ(completed.value, 1);
  EXPECT_EQ(find("build_info").kind, "gauge");
  const Figure::Sample& took = find("http_request_duration_seconds").samples.front();
  EXPECT_EQ(took.count, 1U);
  EXPECT_NEAR(took.value, 0.007, 1e-9);
  EXPECT_EQ(took.buckets.at(0), (std::pair<double, std::uint64_t>{0.005, 0}));
  EXPECT_EQ(took.buckets.at(1), (std::pair<double, std::uint64_t>{0.01, 1}));
  std::size_t count = 0;
  for (const Figure& figure : figures) count += line_count(figure);
  std::istringstream text(metrics_->text({}));
  std::size_t text_count = 0;
  for (std::string line; std::getline(text, line);) text_count += !line.starts_with('#');
  EXPECT_EQ(count, text_count);
}

TEST_P(MetricsTest, TellsWhenTasksWaitAndNoWorkerClaims) {
  put({.kind = "a"});
  health();
  clock().advance(std::chrono::seconds(60));
  EXPECT_FALSE(health().is_stalled) << "nobody works here: that is told as such";
  const std::string idle = worker();
  EXPECT_FALSE(health().is_stalled) << "it has only just come";
  clock().advance(std::chrono::seconds(30));
  EXPECT_TRUE(health().is_stalled);
  const auto tasks = claim(idle);
  ASSERT_EQ(tasks.size(), 1u);
  put({.kind = "a"});
  clock().advance(std::chrono::seconds(60));
  EXPECT_FALSE(health().is_stalled) << "it works, and the other one waits for its reasons";
}

TEST_P(MetricsTest, TellsOfBackupsThatAreMissingAndOfASchemaThatWasChanged) {
  HealthFigures figures = health();
  EXPECT_FALSE(figures.is_backup_overdue) << "a new installation has not had its first night";
  EXPECT_TRUE(figures.is_schema_as_begun);
  clock().advance(std::chrono::hours(27));
  {
    const auto sql = pool().acquire({});
    ASSERT_TRUE(sql);
    ASSERT_TRUE((*sql)->execute("update alembic_version set version_num = 'later'"));
  }
  figures = health();
  EXPECT_TRUE(figures.is_backup_overdue);
  EXPECT_FALSE(figures.is_schema_as_begun);
  const std::string text = metrics_->text({});
  EXPECT_THAT(text, HasSubstr(R"(migration_head_info{revision="later"} 1)"));
  EXPECT_THAT(text, HasSubstr("\"} 0\n")) << "the head of before";
}

}  // namespace
}  // namespace katip::app
