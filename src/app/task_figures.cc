#include "app/task_figures.h"

#include <algorithm>
#include <map>

/// Tested by task_figures_test.cc.
namespace katip::app {
namespace {

struct Times {
  EndCounts ended;
  std::vector<double> waits, runs;
  double run_sum = 0;
};

double seconds(Timestamp begin, Timestamp end) {
  return std::max(0.0, std::chrono::duration<double>(end - begin).count());
}

/// The nearest rank.
double rank(std::span<const double> sorted, double share) {
  const auto place = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  return sorted[std::min(place, sorted.size() - 1)];
}

Spread spread_of(std::vector<double>& values) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  return {.p50 = rank(values, 0.50),
          .p95 = rank(values, 0.95),
          .p99 = rank(values, 0.99),
          .max = values.back()};
}

void count(EndCounts& counts, const store::FinishedTaskFigures& task) {
  if (task.state == "completed") {
    ++counts.completed;
  } else if (task.state == "cancelled") {
    ++counts.cancelled;
  } else {
    ++counts.failed;
  }
  if (task.attempt > 1) ++counts.retried;
}

std::vector<IntervalFigures> intervals_of(std::span<const store::FinishedTaskFigures> tasks,
                                          const FigureSpan& span) {
  std::vector<IntervalFigures> intervals;
  const auto step = std::max<Timestamp::duration>((span.now - span.since) / span.interval_count,
                                                  std::chrono::milliseconds(1));
  for (int i = 0; i < span.interval_count; ++i) {
    intervals.push_back({.begin = span.since + i * step});
  }
  for (const store::FinishedTaskFigures& task : tasks) {
    const auto place = (task.finished_at - span.since) / step;
    IntervalFigures& interval = intervals[static_cast<std::size_t>(
        std::clamp<std::int64_t>(place, 0, span.interval_count - 1))];
    if (task.state == "completed") {
      ++interval.completed;
    } else if (task.state != "cancelled") {
      ++interval.failed;
    }
  }
  return intervals;
}

}  // namespace

TaskFigures summarize(std::span<const store::FinishedTaskFigures> tasks, const FigureSpan& span) {
  TaskFigures figures{.since = span.since};
  figures.is_cut = std::ssize(tasks) >= span.count_max;
  if (figures.is_cut) figures.since = tasks.back().finished_at;
  std::map<std::string, Times> by_kind;
  for (const store::FinishedTaskFigures& task : tasks) {
    Times& times = by_kind[task.kind];
    count(times.ended, task);
    count(figures.ended, task);
    if (!task.claimed_at) continue;
    times.waits.push_back(seconds(task.run_at, *task.claimed_at));
    times.runs.push_back(seconds(*task.claimed_at, task.finished_at));
    times.run_sum += times.runs.back();
  }
  std::vector<std::pair<double, KindFigures>> kinds;
  for (auto& [kind, times] : by_kind) {
    kinds.emplace_back(times.run_sum, KindFigures{.kind = kind,
                                                  .ended = times.ended,
                                                  .wait = spread_of(times.waits),
                                                  .run = spread_of(times.runs)});
  }
  std::ranges::sort(kinds, std::greater(), &std::pair<double, KindFigures>::first);
  for (auto& [sum, kind] : kinds) figures.kinds.push_back(std::move(kind));
  figures.intervals = intervals_of(tasks, span);
  return figures;
}

}  // namespace katip::app
