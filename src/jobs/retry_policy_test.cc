#include "jobs/retry_policy.h"

#include <gtest/gtest.h>

#include "jobs/testing/scripted_rng.h"

namespace katip::jobs {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

Status failed(ErrorCode code) { return fail(code, "why"); }

TEST(RetryPolicy, DoublesTheLimitUpToItsEnd) {
  const RetryPolicy policy;
  ScriptedRng rng({2'000, 4'000, 600'000, 600'001});
  EXPECT_EQ(policy.backoff(1, rng), 2s);
  EXPECT_EQ(policy.backoff(2, rng), 4s);
  EXPECT_EQ(policy.backoff(30, rng), 600s);
  EXPECT_EQ(policy.backoff(30, rng), 0ms);
}

TEST(RetryPolicy, RefusesLimitsThatMakeNoSense) {
  EXPECT_TRUE(RetryPolicy{}.validate());
  EXPECT_FALSE((RetryPolicy{.backoff_first = 0ms}).validate());
  EXPECT_FALSE((RetryPolicy{.backoff_first = 2s, .backoff_max = 1s}).validate());
}

TEST(StateAfter, ASuccessIsOneEvenIfAStopCameTooLate) {
  EXPECT_EQ(state_after({}, StopReason::kCancel, 1, 3), TaskState::kCompleted);
}

TEST(StateAfter, TransientErrorsAreTriedAgainWhileAttemptsAreLeft) {
  EXPECT_EQ(state_after(failed(ErrorCode::kUnavailable), StopReason::kNone, 2, 3),
            TaskState::kRetryable);
  EXPECT_EQ(state_after(failed(ErrorCode::kUnavailable), StopReason::kNone, 3, 3),
            TaskState::kDiscarded);
}

TEST(StateAfter, PermanentErrorsAreNot) {
  for (const ErrorCode code :
       {ErrorCode::kInvalidArgument, ErrorCode::kTooLarge, ErrorCode::kNotFound,
        ErrorCode::kPermissionDenied, ErrorCode::kConflict, ErrorCode::kCorruptData}) {
    EXPECT_EQ(state_after(failed(code), StopReason::kNone, 1, 3), TaskState::kDiscarded);
  }
}

TEST(StateAfter, KnowsWhoStoppedIt) {
  const Status cancelled = failed(ErrorCode::kCancelled);
  EXPECT_EQ(state_after(cancelled, StopReason::kCancel, 1, 3), TaskState::kCancelled);
  EXPECT_EQ(state_after(cancelled, StopReason::kShutdown, 3, 3), TaskState::kAvailable);
  EXPECT_EQ(state_after(cancelled, StopReason::kTimeout, 1, 3), TaskState::kRetryable);
  EXPECT_EQ(state_after(cancelled, StopReason::kTimeout, 3, 3), TaskState::kDiscarded);
}

}  // namespace
}  // namespace katip::jobs
