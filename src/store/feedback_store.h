#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/connection.h"
#include "store/page_cursor.h"
#include "store/timestamp.h"

/// What reviewers said about transcripts.
///
/// Errors: those of Connection; kCorruptData for a row that cannot be read.
namespace katip::store {

struct NewFeedback {
  std::string id;      ///< A uuid made by the caller.
  std::string job_id;  ///< Of the job's row.
  std::optional<std::string> reviewer = {};
  std::string feedback_type = "correction";
  std::optional<std::string> original_text = {};
  std::optional<std::string> corrected_text = {};
  std::optional<std::string> diff_data = {};  ///< JSON.
  std::optional<double> accuracy_score = {};  ///< 0 to 1.
  std::string extracted_terms = "[]";         ///< A JSON array.
  bool is_processed = false;                  ///< True: there is nothing to learn from it.
  std::optional<std::string> comment = {};
  Timestamp created_at = {};
};

/// Without the two texts, which are those of the recording.
struct FeedbackRecord {
  std::string id, job_id, public_job_id, feedback_type, extracted_terms;
  std::optional<std::string> reviewer, comment, diff_data;
  std::optional<double> accuracy_score;
  bool is_processed = false;
  std::optional<Timestamp> processed_at;
  Timestamp created_at;
};

struct FeedbackFilter {
  std::optional<std::string> job_id = {};  ///< Of the job's row.
  std::optional<std::string> reviewer = {};
  std::optional<std::string> feedback_type = {};
  std::optional<std::string> owner = {};  ///< Who submitted the job.
  std::optional<bool> is_processed = {};
  std::optional<Timestamp> created_from = {};
  std::optional<Timestamp> created_before = {};
};

Status insert_feedback(Connection& sql, const NewFeedback& feedback);
Result<std::optional<FeedbackRecord>> find_feedback(Connection& sql, std::string_view id);
/// Errors: kInvalidArgument when count_max is not 1 to 1,000.
Result<Page<FeedbackRecord>> list_feedback(Connection& sql, const FeedbackFilter& filter,
                                           const std::optional<PageCursor>& after, int count_max);

/// Feedback that nobody has learned from, the oldest first, held until the end of the transaction.
struct FeedbackToLearn {
  std::string id, job_id, extracted_terms;
  std::string language;  ///< Of the job; empty when unknown.
};
Result<std::vector<FeedbackToLearn>> feedback_to_learn_from(Connection& sql, int count_max);
/// False: somebody else has.
Result<bool> set_feedback_processed(Connection& sql, std::string_view id, Timestamp now);

struct ReviewerFigures {
  std::optional<std::string> reviewer;
  std::int64_t feedback_count = 0;
  std::optional<double> accuracy_score_mean, accuracy_score_min, accuracy_score_max;
  Timestamp last_at;
};
/// Who reviewed most comes first.
Result<std::vector<ReviewerFigures>> reviewer_statistics(Connection& sql, Timestamp since,
                                                         const std::optional<std::string>& owner,
                                                         int count_max);

}  // namespace katip::store
