#include "app/stats.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "app/stats/latency_counts.h"
#include "app/stats/sum.h"
#include "store/stats_store.h"

// A minute is written when it has ended. A quarter of an hour is summed up from its minutes, an
// hour from its quarters, each when it has ended too; a plot of long steps takes its newest part,
// which is not summed up yet, from the finer rows. Tested by stats_test.cc on both databases.
namespace katip::app {
namespace {

using namespace std::chrono_literals;

struct Level {
  int step_s;
  int finer_step_s;  ///< What it is summed up from; 0: it is measured.
  std::chrono::hours kept;
};

constexpr std::array<Level, 3> kLevels = {{{60, 0, 48h},  //
                                           {900, 60, 24h * 30},
                                           {3'600, 900, 24h * 400}}};
constexpr int kRecordCountMax = 20'000;
constexpr int kChangeAttemptCountMax = 20;

/// Long enough behind the minute that what ended in it is in the database.
constexpr std::chrono::milliseconds kDelay{2'000};

Status sum_up(store::Connection& sql, const Level& level, Timestamp now) {
  const Timestamp end = begin_of(now, level.step_s);
  const auto last = KATIP_TRY(store::find_last_stats(sql, level.step_s));
  const Timestamp oldest = end - kLevels[0].kept;
  const auto step = std::chrono::seconds(level.step_s);
  const Timestamp from = last ? std::max(*last + step, oldest) : oldest;
  const auto finer = KATIP_TRY(store::list_stats(
      sql, level.finer_step_s, begin_of(from, level.step_s), end, kRecordCountMax));
  for (auto first = finer.begin(); first != finer.end();) {
    const Timestamp begin = begin_of(first->begins_at, level.step_s);
    const auto next = std::find_if(first, finer.end(), [&](const store::StatsRecord& record) {
      return record.begins_at >= begin + step;
    });
    KATIP_TRY(store::insert_stats(sql, sum_of({first, next}, level.step_s, begin)));
    first = next;
  }
  return {};
}

/// A plot is of some hundred points unless somebody wants another number.
int usual_step(std::chrono::milliseconds span) {
  for (const int step_s : {60, 300, 900, 3'600, 4 * 3'600, 24 * 3'600}) {
    if (span <= std::chrono::seconds(step_s) * 400) return step_s;
  }
  return 7 * 24 * 3'600;
}

/// The coarsest level that a step can be made of and that goes back far enough, or the last one.
std::size_t level_for(int step_s, std::chrono::milliseconds age) {
  std::size_t level = 0;
  while (level + 1 < kLevels.size() &&
         (age > kLevels[level].kept || kLevels[level + 1].step_s <= step_s)) {
    ++level;
  }
  return level;
}

}  // namespace

void Stats::run(std::stop_token stop, const std::function<void(const Error&)>& on_problem) {
  for (;;) {
    const auto now = store::to_timestamp(clock_.calendar());
    const auto wait = begin_of(now, 60) + 60s + kDelay - now;
    if (!clock_.sleep_for(wait, stop)) return;
    const Status written = sample(stop);
    if (!written && !stop.stop_requested()) on_problem(written.error());
  }
}

Status Stats::sample(std::stop_token stop) {
  const auto now = store::to_timestamp(clock_.calendar());
  const Timestamp minute = begin_of(now, 60) - 60s;
  const HealthFigures figures = metrics_.health(stop);
  const store::PooledConnection sql = KATIP_TRY(pool_.acquire(stop));
  const auto there = KATIP_TRY(store::list_stats(*sql, 60, minute, minute + 60s, 1));
  if (there.empty()) {
    store::StatsRecord record{.begins_at = minute};
    std::map<std::string, QueueStats> queues;
    for (const auto& [name, queue] : figures.queues) {
      queues[name] = {.available = static_cast<double>(queue.available),
                      .running = static_cast<double>(queue.running),
                      .scheduled = static_cast<double>(queue.scheduled),
                      .oldest_age_s = queue.oldest_age_s};
    }
    record.queues = queues_json(queues);
    for (const auto& [kind, count] : figures.workers) {
      record.worker_count += static_cast<double>(count);
    }
    KATIP_TRY(store::add_ended(*sql, minute, minute + 60s, record));
    KATIP_TRY(store::insert_stats(*sql, record));
  }
  KATIP_TRY(add_requests(*sql, minute));
  for (const Level& level : kLevels) {
    if (level.finer_step_s != 0) KATIP_TRY(sum_up(*sql, level, now));
    KATIP_TRY(store::prune_stats(*sql, level.step_s, now - level.kept));
  }
  return {};
}

Status Stats::add_requests(store::Connection& sql, Timestamp minute) {
  const RequestCounts own = metrics_.take_requests();
  if (own.latencies.count() == 0 && own.failure_count == 0) return {};
  for (int attempt = 1; attempt <= kChangeAttemptCountMax; ++attempt) {
    auto found = KATIP_TRY(store::list_stats(sql, 60, minute, minute + 60s, 1));
    if (found.empty()) break;
    store::StatsRecord& record = found.front();
    const std::string before = record.request_counts;
    LatencyCounts counts = LatencyCounts::from_json(before);
    counts.add(own.latencies);
    record.request_counts = counts.to_json();
    record.request_failures += own.failure_count;
    if (KATIP_TRY(store::change_stats_requests(sql, record, before))) return {};
  }
  return fail(ErrorCode::kOverloaded, "others changed the figures of this minute all the time");
}

Result<StatsSeries> Stats::read(const Principal& principal, const StatsQuery& query,
                                std::stop_token stop) {
  if (!principal.may(Permission::kOperate)) {
    return fail(ErrorCode::kPermissionDenied, "only who operates sees these figures");
  }
  const auto now = store::to_timestamp(clock_.calendar());
  StatsSeries series;
  series.before = query.before.value_or(now);
  series.from = query.from.value_or(series.before - 24h);
  if (series.from >= series.before) {
    return fail(ErrorCode::kInvalidArgument, "`from` has to be before `to`");
  }
  const auto span = series.before - series.from;
  series.step_s = query.step_s.value_or(usual_step(span));
  if (series.step_s < 60 || series.step_s % 60 != 0) {
    return fail(ErrorCode::kInvalidArgument, "`step` is a number of whole minutes in seconds");
  }
  std::size_t level = level_for(series.step_s, now - series.from);
  series.step_s = std::max(series.step_s, kLevels[level].step_s);
  if (span / std::chrono::seconds(series.step_s) > kStatsPointCountMax) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("that is more than {} points: take a longer `step`", kStatsPointCountMax));
  }
  const store::PooledConnection sql = KATIP_TRY(pool_.acquire(std::move(stop)));
  std::vector<store::StatsRecord> records;
  Timestamp from = begin_of(series.from, series.step_s);
  for (std::size_t at = level + 1; at-- > 0;) {
    auto found = KATIP_TRY(
        store::list_stats(*sql, kLevels[at].step_s, from, series.before, kRecordCountMax));
    if (!found.empty()) {
      from = found.back().begins_at + std::chrono::seconds(kLevels[at].step_s);
    }
    std::ranges::move(found, std::back_inserter(records));
  }
  for (auto first = records.begin(); first != records.end();) {
    const Timestamp begin = begin_of(first->begins_at, series.step_s);
    const auto next = std::find_if(first, records.end(), [&](const store::StatsRecord& record) {
      return record.begins_at >= begin + std::chrono::seconds(series.step_s);
    });
    series.points.push_back(point_of(sum_of({first, next}, series.step_s, begin)));
    first = next;
  }
  return series;
}

}  // namespace katip::app
