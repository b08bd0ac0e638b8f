#include "app/stats/sum.h"

#include <algorithm>

#include <boost/json.hpp>

#include "app/stats/latency_counts.h"

/// Tested by stats_test.cc.
namespace katip::app {
namespace {

namespace json = boost::json;

double number_in(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_number() ? value->to_number<double>() : 0;
}

void add_weighted(std::map<std::string, QueueStats>& sum,
                  const std::map<std::string, QueueStats>& queues, double weight) {
  for (const auto& [name, queue] : queues) {
    QueueStats& into = sum[name];
    into.available += queue.available * weight;
    into.running += queue.running * weight;
    into.scheduled += queue.scheduled * weight;
    into.oldest_age_s += queue.oldest_age_s * weight;
  }
}

std::optional<double> mean(double sum, double count) {
  return count > 0 ? std::optional(sum / count) : std::nullopt;
}

}  // namespace

Timestamp begin_of(Timestamp time, int step_s) {
  const auto step = std::chrono::milliseconds(std::int64_t{step_s} * 1'000);
  const auto past = time.time_since_epoch() % step;
  return time - (past < past.zero() ? past + step : past);
}

std::string queues_json(const std::map<std::string, QueueStats>& queues) {
  json::object object;
  for (const auto& [name, queue] : queues) {
    object[name] = {{"available", queue.available},
                    {"running", queue.running},
                    {"scheduled", queue.scheduled},
                    {"oldest_age_s", queue.oldest_age_s}};
  }
  return json::serialize(object);
}

std::map<std::string, QueueStats> parse_queues(const std::string& text) {
  std::map<std::string, QueueStats> queues;
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  if (error || !value.is_object()) return queues;
  for (const auto& [name, queue] : value.get_object()) {
    if (!queue.is_object()) continue;
    const json::object& object = queue.get_object();
    queues[name] = {.available = number_in(object, "available"),
                    .running = number_in(object, "running"),
                    .scheduled = number_in(object, "scheduled"),
                    .oldest_age_s = number_in(object, "oldest_age_s")};
  }
  return queues;
}

store::StatsRecord sum_of(std::span<const store::StatsRecord> records, int step_s,
                          Timestamp begins_at) {
  store::StatsRecord sum{.step_s = step_s, .begins_at = begins_at, .minute_count = 0};
  std::map<std::string, QueueStats> queues;
  LatencyCounts requests;
  for (const store::StatsRecord& record : records) {
    const double weight = record.minute_count;
    sum.minute_count += record.minute_count;
    sum.worker_count += record.worker_count * weight;
    add_weighted(queues, parse_queues(record.queues), weight);
    sum.tasks_completed += record.tasks_completed;
    sum.tasks_failed += record.tasks_failed;
    sum.task_wait_s += record.task_wait_s;
    sum.task_run_s += record.task_run_s;
    sum.jobs_completed += record.jobs_completed;
    sum.jobs_failed += record.jobs_failed;
    sum.audio_s += record.audio_s;
    sum.processing_s += record.processing_s;
    sum.request_failures += record.request_failures;
    requests.add(LatencyCounts::from_json(record.request_counts));
  }
  const double weight = std::max(sum.minute_count, 1);
  sum.worker_count /= weight;
  std::map<std::string, QueueStats> means;
  add_weighted(means, queues, 1 / weight);
  sum.queues = queues_json(means);
  sum.request_counts = requests.to_json();
  return sum;
}

StatsPoint point_of(const store::StatsRecord& record) {
  const auto task_count = static_cast<double>(record.tasks_completed + record.tasks_failed);
  const LatencyCounts requests = LatencyCounts::from_json(record.request_counts);
  return {.begins_at = record.begins_at,
          .minute_count = record.minute_count,
          .queues = parse_queues(record.queues),
          .worker_count = record.worker_count,
          .tasks_completed = record.tasks_completed,
          .tasks_failed = record.tasks_failed,
          .task_wait_s = mean(record.task_wait_s, task_count),
          .task_run_s = mean(record.task_run_s, task_count),
          .jobs_completed = record.jobs_completed,
          .jobs_failed = record.jobs_failed,
          .audio_s = record.audio_s,
          .processing_s = record.processing_s,
          .realtime_factor = mean(record.processing_s, record.audio_s),
          .request_count = requests.count(),
          .request_failures = record.request_failures,
          .request_p50_ms = requests.percentile_ms(0.5),
          .request_p95_ms = requests.percentile_ms(0.95)};
}

}  // namespace katip::app
