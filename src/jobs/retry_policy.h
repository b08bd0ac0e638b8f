#pragma once

#include <chrono>

#include "base/clock.h"
#include "base/result.h"
#include "jobs/task_state.h"

namespace katip::jobs {

struct RetryPolicy {
  std::chrono::milliseconds backoff_first{2'000};
  std::chrono::milliseconds backoff_max{600'000};

  /// kInvalidArgument, naming the field and its limits.
  [[nodiscard]] Status validate() const;

  /// The wait after failed attempt number `attempt` (from 1): chosen evenly from [0,
  /// min(backoff_max, backoff_first * 2^(attempt-1))]. Full jitter, so that tasks that failed
  /// together (a server was away) do not come back together.
  [[nodiscard]] std::chrono::milliseconds backoff(int attempt, Rng& rng) const;
};

/// Why a handler was stopped before it ended by itself.
enum class StopReason {
  kNone,
  kCancel,    ///< Somebody cancelled the task.
  kTimeout,   ///< It ran longer than it may.
  kShutdown,  ///< The worker stops; nothing is wrong with the task.
};

/// What becomes of a task after an attempt.
///
/// Errors that another attempt would meet again (bad input, no permission) discard it; those that
/// pass by themselves (overload, time-out, a bug) are tried again while attempts are left.
TaskState state_after(const Status& outcome, StopReason reason, int attempt, int attempt_count_max);

/// Would another attempt be of use after this error?
bool is_transient(ErrorCode code);

}  // namespace katip::jobs
