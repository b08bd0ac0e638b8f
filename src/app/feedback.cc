#include "app/feedback.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "app/lexicon_learning.h"
#include "app/records/feedback_json.h"
#include "app/records/segment_changes.h"
#include "app/records/visible_job.h"
#include "app/webhook_events.h"
#include "base/utf8.h"
#include "text/transcript_json.h"

/// Tested by feedback_test.cc.
namespace katip::app {
namespace {

constexpr std::size_t kTextSizeMax = 4'000'000;
constexpr std::size_t kCommentSizeMax = 10'000;
constexpr std::size_t kReviewerSizeMax = 200;

Status check(const FeedbackRequest& request) {
  const auto bad = [](std::string message) {
    return fail(ErrorCode::kInvalidArgument, std::move(message));
  };
  if (request.corrected_text && !request.corrected_segments.empty()) {
    return bad("give the corrected text or corrected segments, not both");
  }
  if (request.corrected_text && request.corrected_text->size() > kTextSizeMax) {
    return bad(fmt::format("corrected_text has at most {} bytes", kTextSizeMax));
  }
  if (request.comment && request.comment->size() > kCommentSizeMax) {
    return bad(fmt::format("a comment has at most {} bytes", kCommentSizeMax));
  }
  if (request.reviewer &&
      (request.reviewer->empty() || request.reviewer->size() > kReviewerSizeMax)) {
    return bad(fmt::format("a reviewer's name has 1 to {} bytes", kReviewerSizeMax));
  }
  return {};
}

/// What the machine wrote, and what is there now.
struct Texts {
  store::JobRecord job;
  int version = 1;
  text::Transcript original;
  text::Transcript current;
};

Result<Texts> read_texts(store::Connection& sql, const Principal& principal,
                         std::string_view job_id) {
  Texts texts{.job = KATIP_TRY(visible_job(sql, principal, job_id)), .original = {}, .current = {}};
  const auto stored = KATIP_TRY(store::find_transcript(sql, texts.job.id));
  if (!stored) {
    return fail(ErrorCode::kConflict,
                fmt::format("the job has no transcript: it is {}", name(texts.job.status)));
  }
  texts.version = KATIP_TRY(store::find_transcript_version(sql, texts.job.id));
  texts.current = KATIP_TRY(text::parse_transcript(stored->transcript));
  texts.original = KATIP_TRY(transcript_at(sql, texts.job.id, texts.current, texts.version, 1));
  return texts;
}

/// What was said really; nothing when this is a comment only.
Result<std::optional<std::string>> corrected_text(const Texts& texts,
                                                  const FeedbackRequest& request) {
  if (request.corrected_text) return request.corrected_text;
  if (!request.corrected_segments.empty()) {
    std::vector<SegmentEdit> edits;
    for (const CorrectedSegment& segment : request.corrected_segments) {
      edits.push_back({.index = segment.index, .text = segment.text});
    }
    text::Transcript corrected = texts.current;
    corrected.segments = KATIP_TRY(edited_segments(texts.current, edits));
    return std::optional(text::full_text(corrected));
  }
  if (texts.version > 1) return std::optional(text::full_text(texts.current));
  if (request.comment && !request.comment->empty()) return std::optional<std::string>();
  return fail(ErrorCode::kInvalidArgument,
              "give a corrected text, corrected segments or a comment");
}

/// The row, and what the reviewer is told.
struct Prepared {
  store::NewFeedback row;
  FeedbackResult result;
};

Result<Prepared> prepare(const Texts& texts, const FeedbackRequest& request,
                         const Principal& principal) {
  Prepared prepared;
  prepared.row.job_id = texts.job.id;
  prepared.row.reviewer = request.reviewer ? request.reviewer : actor_of(principal);
  prepared.row.comment = request.comment;
  const auto corrected = KATIP_TRY(corrected_text(texts, request));
  if (!corrected) {
    prepared.row.feedback_type = "comment";
    prepared.row.is_processed = true;
    return prepared;
  }
  const std::string original = text::full_text(texts.original);
  const std::string& language = texts.original.language;
  prepared.result.difference = text::word_difference(original, *corrected, language);
  prepared.result.errors = text::compare(*corrected, original, language).count;
  prepared.result.terms = text::find_term_candidates(prepared.result.difference, language);
  prepared.row.original_text = original;
  prepared.row.corrected_text = corrected;
  prepared.row.accuracy_score = std::clamp(1 - prepared.result.errors.rate(), 0.0, 1.0);
  prepared.row.diff_data = difference_json(prepared.result.difference, prepared.result.errors);
  prepared.row.extracted_terms = terms_json(prepared.result.terms);
  prepared.row.is_processed = prepared.result.terms.empty();
  return prepared;
}

}  // namespace

Result<FeedbackResult> FeedbackDesk::submit(const Principal& principal, std::string_view job_id,
                                            const FeedbackRequest& request, std::stop_token stop) {
  KATIP_TRY(check(request));
  Prepared prepared;
  {  // The comparison may take a while, and needs no transaction.
    const auto connection = KATIP_TRY(queue_.pool().acquire(stop));
    const Texts texts = KATIP_TRY(read_texts(*connection, principal, job_id));
    prepared = KATIP_TRY(prepare(texts, request, principal));
  }
  prepared.row.id = queue_.new_id();
  prepared.row.created_at = queue_.now();
  KATIP_TRY(queue_.with_store(
      [&](store::TaskStore& tasks) -> Status {
        KATIP_TRY(store::insert_feedback(tasks.connection(), prepared.row));
        if (!prepared.row.is_processed) {
          const jobs::TaskRequest task = learning_task();
          KATIP_TRY(queue_.enqueue_in(tasks.connection(), std::span(&task, 1)));
        }
        const auto stored = KATIP_TRY(store::find_feedback(tasks.connection(), prepared.row.id));
        if (!stored) return fail(ErrorCode::kInternal, "the feedback is not there");
        prepared.result.feedback = *stored;
        return announce_feedback(queue_, tasks.connection(),
                                 {.feedback_id = stored->id,
                                  .job_row_id = stored->job_id,
                                  .feedback_type = stored->feedback_type,
                                  .reviewer = stored->reviewer,
                                  .accuracy_score = stored->accuracy_score});
      },
      stop));
  return std::move(prepared.result);
}

Result<Feedback> FeedbackDesk::get(const Principal& principal, std::string_view id,
                                   std::stop_token stop) {
  const auto connection = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  auto feedback = KATIP_TRY(store::find_feedback(*connection, id));
  if (feedback) {
    const auto job = KATIP_TRY(store::find_job(*connection, feedback->job_id));
    if (job && principal.sees(job->submitted_by.value_or(""))) return *std::move(feedback);
  }
  return fail(ErrorCode::kNotFound, "there is no such feedback");
}

Result<FeedbackList> FeedbackDesk::list(const Principal& principal, const FeedbackQuery& query,
                                        std::stop_token stop) {
  if (query.count_max < 1 || query.count_max > 200) {
    return fail(ErrorCode::kInvalidArgument, "limit is 1 to 200");
  }
  const auto connection = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  store::FeedbackFilter filter = query.filter;
  filter.owner = shown_owner(principal);
  if (filter.job_id) {
    filter.job_id = KATIP_TRY(visible_job(*connection, principal, *filter.job_id)).id;
  }
  std::optional<store::PageCursor> after;
  if (query.cursor) after = KATIP_TRY(store::parse_page_cursor(*query.cursor));
  auto page = KATIP_TRY(store::list_feedback(*connection, filter, after, query.count_max));
  FeedbackList list{.rows = std::move(page.rows), .next_cursor = {}};
  if (page.next) list.next_cursor = store::to_text(*page.next);
  return list;
}

Result<std::vector<ReviewerFigures>> FeedbackDesk::reviewers(const Principal& principal,
                                                             store::Timestamp since,
                                                             std::stop_token stop) {
  constexpr int kCountMax = 200;
  const auto connection = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  return store::reviewer_statistics(*connection, since, shown_owner(principal), kCountMax);
}

}  // namespace katip::app
