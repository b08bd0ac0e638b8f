#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace katip::jobs {

enum class TaskState {
  kScheduled,    ///< Its time has not come.
  kAvailable,    ///< Waits for a worker.
  kRunning,      ///< A worker has it under lease.
  kRetryable,    ///< Failed, and waits for its next attempt.
  kCompleted,    ///< Done.
  kCancelled,    ///< Nobody wants it any more.
  kDiscarded,    ///< Failed for good.
  kQuarantined,  ///< Ended its worker three times while alone in it.
};

/// As the database and the API spell it: "available".
constexpr std::string_view name(TaskState state) {
  constexpr std::array<std::string_view, 8> kNames = {"scheduled", "available",  "running",
                                                      "retryable", "completed",  "cancelled",
                                                      "discarded", "quarantined"};
  return kNames[static_cast<std::size_t>(state)];
}

struct Step {
  TaskState from;
  TaskState to;
};

/// Every legal step of a task's life; docs/queue.md draws it, and simulation_test.cc walks it.
inline constexpr std::array kSteps = {
    Step{TaskState::kScheduled, TaskState::kAvailable},  // its time came
    Step{TaskState::kAvailable, TaskState::kRunning},    // a worker claimed it
    Step{TaskState::kRunning, TaskState::kCompleted},
    Step{TaskState::kRunning, TaskState::kRetryable},    // failed with attempts left
    Step{TaskState::kRunning, TaskState::kDiscarded},    // failed for good
    Step{TaskState::kRunning, TaskState::kAvailable},    // its worker stopped or died
    Step{TaskState::kRunning, TaskState::kQuarantined},  // crashed its worker three times, alone
    Step{TaskState::kRetryable, TaskState::kAvailable},  // its backoff ended
    Step{TaskState::kScheduled, TaskState::kCancelled},
    Step{TaskState::kAvailable, TaskState::kCancelled},
    Step{TaskState::kRunning, TaskState::kCancelled},
    Step{TaskState::kRetryable, TaskState::kCancelled},
    Step{TaskState::kDiscarded, TaskState::kAvailable},  // an operator said retry
    Step{TaskState::kQuarantined, TaskState::kAvailable},
    Step{TaskState::kCancelled, TaskState::kAvailable},
};

constexpr bool is_legal(TaskState from, TaskState to) {
  return std::ranges::any_of(kSteps,
                             [&](const Step& step) { return step.from == from && step.to == to; });
}

static_assert(!is_legal(TaskState::kCompleted, TaskState::kRunning), "a final state is final");

}  // namespace katip::jobs
