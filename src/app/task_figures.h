#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "app/timestamp.h"
#include "store/finished_tasks.h"

/// How long tasks waited and ran, and how they ended.
namespace katip::app {

/// Units: seconds.
struct Spread {
  double p50 = 0, p95 = 0, p99 = 0, max = 0;
};

struct EndCounts {
  std::int64_t completed = 0;
  std::int64_t failed = 0;  ///< Discarded and quarantined.
  std::int64_t cancelled = 0;
  std::int64_t retried = 0;  ///< Needed more than one attempt, however they ended.
};

struct KindFigures {
  std::string kind;
  EndCounts ended = {};
  Spread wait = {};  ///< From when it could have begun to its last attempt.
  Spread run = {};   ///< Of its last attempt.
};

struct IntervalFigures {
  Timestamp begin;
  std::int64_t completed = 0;
  std::int64_t failed = 0;
};

struct TaskFigures {
  Timestamp since = {};  ///< What ended from here on is counted.
  bool is_cut = false;   ///< More ended in the time that was asked for; `since` is later for that.
  EndCounts ended = {};
  std::vector<KindFigures> kinds = {};          ///< Those that ran longest in all first.
  std::vector<IntervalFigures> intervals = {};  ///< Of one length, from `since`'s on to now.
};

struct FigureSpan {
  Timestamp since, now;
  int count_max = 10'000;  ///< Of tasks: so many were asked for.
  int interval_count = 60;
};

/// `tasks` are those that ended in the span, the latest first, at most `count_max`.
TaskFigures summarize(std::span<const store::FinishedTaskFigures> tasks, const FigureSpan& span);

}  // namespace katip::app
