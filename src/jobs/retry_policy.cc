#include "jobs/retry_policy.h"

#include <algorithm>

/// Tested by retry_policy_test.cc.
namespace katip::jobs {

using std::chrono::milliseconds;

Status RetryPolicy::validate() const {
  if (backoff_first < milliseconds(1) || backoff_max < backoff_first ||
      backoff_max > std::chrono::hours(24)) {
    return fail(ErrorCode::kInvalidArgument,
                "retry backoff must begin at 1 ms or more and end at 24 hours or less");
  }
  return {};
}

milliseconds RetryPolicy::backoff(int attempt, Rng& rng) const {
  milliseconds limit = backoff_first;
  for (int i = 1; i < attempt && limit < backoff_max; ++i) {
    limit *= 2;
  }
  limit = std::min(limit, backoff_max);
  return milliseconds(
      static_cast<milliseconds::rep>(rng.next() % (static_cast<std::uint64_t>(limit.count()) + 1)));
}

bool is_transient(ErrorCode code) {
  switch (code) {
    case ErrorCode::kOverloaded:
    case ErrorCode::kUnavailable:
    case ErrorCode::kTimeout:
    case ErrorCode::kInternal:
      return true;
    default:
      return false;
  }
}

TaskState state_after(const Status& outcome, StopReason reason, int attempt,
                      int attempt_count_max) {
  if (outcome) {
    return TaskState::kCompleted;  // Also when a stop came too late.
  }
  if (reason == StopReason::kCancel) {
    return TaskState::kCancelled;
  }
  if (reason == StopReason::kShutdown) {
    return TaskState::kAvailable;
  }
  const bool is_worth_it =
      reason == StopReason::kTimeout || is_transient(outcome.error().code) ||
      outcome.error().code == ErrorCode::kCancelled;  // A handler that gave up without being asked.
  return is_worth_it && attempt < attempt_count_max ? TaskState::kRetryable : TaskState::kDiscarded;
}

}  // namespace katip::jobs
