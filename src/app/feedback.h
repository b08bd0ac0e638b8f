#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "app/principal.h"
#include "base/result.h"
#include "jobs/queue.h"
#include "store/feedback_store.h"
#include "text/term_candidates.h"
#include "text/word_difference.h"
#include "text/word_errors.h"

/// Reviewers say how good a transcript was. From what they corrected comes its accuracy, and what
/// the lexicon may learn (lexicon_learning.h).
///
/// Errors: kNotFound for a job that is not there or not theirs; those of the database.
namespace katip::app {

using Feedback = store::FeedbackRecord;
using ReviewerFigures = store::ReviewerFigures;
using TermCandidate = text::TermCandidate;

struct CorrectedSegment {
  std::int64_t index = 0;  ///< Of the transcript as it is now; from 0.
  std::string text = {};
};

/// What was said really: the whole text, or some segments; neither, when the transcript was edited
/// before and is right as it is now, or when there is only a comment.
struct FeedbackRequest {
  std::optional<std::string> corrected_text = {};
  std::vector<CorrectedSegment> corrected_segments = {};
  std::optional<std::string> reviewer = {};  ///< Else whoever asks.
  std::optional<std::string> comment = {};   ///< At most 10,000 characters.
};

struct FeedbackResult {
  Feedback feedback;
  std::vector<text::WordRun> difference;  ///< From what the machine wrote to what was said.
  text::ErrorCount errors;
  std::vector<text::TermCandidate> terms;
};

struct FeedbackQuery {
  store::FeedbackFilter filter = {};       ///< `job_id` is the public one here.
  std::optional<std::string> cursor = {};  ///< Of the page before.
  int count_max = 50;                      ///< 1 to 200.
};
struct FeedbackList {
  std::vector<Feedback> rows;  ///< Newest first.
  std::optional<std::string> next_cursor;
};

/// Threads:  thread-safe.
/// Lifetime: the queue outlives it.
class FeedbackDesk {
 public:
  explicit FeedbackDesk(jobs::Queue& queue) : queue_(queue) {}

  /// Accuracy is 1 minus the word error rate of what the machine wrote (version 1), at least 0.
  /// The transcript itself stays as it is: edits are transcript_edits.h.
  ///
  /// Errors: kInvalidArgument for an empty request, a segment that is not there, and texts that are
  ///         too long; kConflict for a job without a transcript.
  Result<FeedbackResult> submit(const Principal& principal, std::string_view job_id,
                                const FeedbackRequest& request, std::stop_token stop);
  Result<Feedback> get(const Principal& principal, std::string_view id, std::stop_token stop);
  Result<FeedbackList> list(const Principal& principal, const FeedbackQuery& query,
                            std::stop_token stop);
  /// Of feedback since then; who reviewed most comes first, at most 200.
  Result<std::vector<ReviewerFigures>> reviewers(const Principal& principal, store::Timestamp since,
                                                 std::stop_token stop);

 private:
  jobs::Queue& queue_;
};

}  // namespace katip::app
