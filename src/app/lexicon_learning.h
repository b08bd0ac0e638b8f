#pragma once

#include <chrono>

#include "base/result.h"
#include "jobs/handler.h"
#include "jobs/queue.h"

namespace katip::app {

/// The task `lexicon.learn`: what reviewers corrected becomes evidence, and evidence becomes
/// suggestions. A term is suggested once it was corrected kOccurrencesToSuggest times within
/// kEvidenceAge; the same recording counts once for each place in it, however often it is
/// reviewed. Nothing is ever switched on by itself: a person approves (lexicon.h). A rejected term
/// stays rejected. The more often a known term is corrected the higher its frequency.
inline constexpr const char* kLearningKind = "lexicon.learn";
inline constexpr int kOccurrencesToSuggest = 2;
inline constexpr std::chrono::days kEvidenceAge{30};

/// In the queue low. Each feedback brings its own, in its own transaction: a task that is there
/// already may have looked before that feedback was there, and one that finds nothing costs
/// nothing.
jobs::TaskRequest learning_task();

/// Processes all feedback that nobody has learned from yet; each one exactly once.
///
/// Lifetime: the queue outlives the handler.
jobs::Handler learning_handler(jobs::Queue& queue);

}  // namespace katip::app
