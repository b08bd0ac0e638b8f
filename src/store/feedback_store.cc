#include "store/feedback_store.h"

#include "base/uuid.h"
#include "store/pieces/select.h"
#include "store/queries.h"
#include "store/row_fields.h"

/// The statements are in sqlite/feedback.sql and postgres/feedback.sql.
///
/// Tested by conformance/feedback_test.cc on both databases.
namespace katip::store {
namespace {

using Text = std::optional<std::string>;

std::string_view query(Connection& sql, std::string_view name) {
  return Queries::of(sql.dialect()).get(name);
}

Result<FeedbackRecord> to_record(const Row& row) {
  FeedbackRecord record;
  record.id = KATIP_TRY(row.get<std::string>("id"));
  record.job_id = KATIP_TRY(row.get<std::string>("job_id"));
  record.public_job_id = KATIP_TRY(row.get<std::string>("public_job_id"));
  record.feedback_type = KATIP_TRY(row.get<std::string>("feedback_type"));
  record.extracted_terms = KATIP_TRY(row.get<std::string>("extracted_terms"));
  record.reviewer = KATIP_TRY(row.get<Text>("reviewer"));
  record.comment = KATIP_TRY(row.get<Text>("comment"));
  record.diff_data = KATIP_TRY(row.get<Text>("diff_data"));
  record.accuracy_score = KATIP_TRY(row.get<std::optional<double>>("accuracy_score"));
  record.is_processed = KATIP_TRY(row.get<bool>("is_processed"));
  record.processed_at = KATIP_TRY(optional_time_of(row, "processed_at"));
  record.created_at = KATIP_TRY(time_of(row, "created_at"));
  return record;
}

/// False: a job that cannot be there, so nothing is found.
bool add_filter(Select& select, const FeedbackFilter& filter) {
  if (filter.job_id && !is_uuid(*filter.job_id)) return false;
  select.add_if("feedback_with_job_id", filter.job_id);
  select.add_if("feedback_with_reviewer", filter.reviewer);
  select.add_if("feedback_with_type", filter.feedback_type);
  select.add_if("feedback_with_owner", filter.owner);
  if (filter.is_processed) select.add("feedback_processed", {*filter.is_processed ? 1 : 0});
  if (filter.created_from) select.add("feedback_created_from", {to_text(*filter.created_from)});
  if (filter.created_before) {
    select.add("feedback_created_before", {to_text(*filter.created_before)});
  }
  return true;
}

}  // namespace

Status insert_feedback(Connection& sql, const NewFeedback& feedback) {
  const std::string now = to_text(feedback.created_at);
  KATIP_TRY(sql.query(query(sql, "insert_feedback"),
                      {feedback.id, feedback.job_id, feedback.reviewer, feedback.feedback_type,
                       feedback.original_text, feedback.corrected_text, feedback.diff_data,
                       feedback.accuracy_score, feedback.extracted_terms, feedback.is_processed,
                       feedback.is_processed ? Value(now) : Value(), feedback.comment, now}));
  return {};
}

Result<std::optional<FeedbackRecord>> find_feedback(Connection& sql, std::string_view id) {
  if (!is_uuid(id)) return std::optional<FeedbackRecord>();
  Select select(sql, "select_feedback");
  select.add("feedback_with_id", {id});
  const Rows rows = KATIP_TRY(select.run());
  if (rows.empty()) return std::optional<FeedbackRecord>();
  return std::optional(KATIP_TRY(to_record(rows[0])));
}

Result<Page<FeedbackRecord>> list_feedback(Connection& sql, const FeedbackFilter& filter,
                                           const std::optional<PageCursor>& after, int count_max) {
  KATIP_TRY(check_page_size(count_max));
  Select select(sql, "select_feedback");
  if (!add_filter(select, filter)) return Page<FeedbackRecord>();
  if (after) select.add("feedback_after", {to_text(after->time), after->id});
  select.add("feedback_in_order", {count_max + 1});
  Page<FeedbackRecord> page;
  for (const Row row : KATIP_TRY(select.run())) page.rows.push_back(KATIP_TRY(to_record(row)));
  if (page.rows.size() > static_cast<std::size_t>(count_max)) {
    page.rows.pop_back();
    page.next = PageCursor{page.rows.back().created_at, page.rows.back().id};
  }
  return page;
}

Result<std::vector<FeedbackToLearn>> feedback_to_learn_from(Connection& sql, int count_max) {
  std::vector<FeedbackToLearn> list;
  const Rows rows = KATIP_TRY(sql.query(query(sql, "feedback_to_learn_from"), {count_max}));
  for (const Row row : rows) {
    FeedbackToLearn feedback;
    feedback.id = KATIP_TRY(row.get<std::string>("id"));
    feedback.job_id = KATIP_TRY(row.get<std::string>("job_id"));
    feedback.extracted_terms = KATIP_TRY(row.get<std::string>("extracted_terms"));
    feedback.language = KATIP_TRY(row.get<std::string>("language"));
    list.push_back(std::move(feedback));
  }
  return list;
}

Result<bool> set_feedback_processed(Connection& sql, std::string_view id, Timestamp now) {
  if (!is_uuid(id)) return false;
  return KATIP_TRY(sql.query(query(sql, "set_feedback_processed"), {id, to_text(now)}))
             .affected_count() > 0;
}

Result<std::vector<ReviewerFigures>> reviewer_statistics(Connection& sql, Timestamp since,
                                                         const std::optional<std::string>& owner,
                                                         int count_max) {
  std::vector<ReviewerFigures> list;
  const Rows rows =
      KATIP_TRY(sql.query(query(sql, "reviewer_statistics"), {to_text(since), owner, count_max}));
  for (const Row row : rows) {
    ReviewerFigures figures;
    figures.reviewer = KATIP_TRY(row.get<Text>("reviewer"));
    figures.feedback_count = KATIP_TRY(row.get<std::int64_t>("feedback_count"));
    figures.accuracy_score_mean = KATIP_TRY(row.get<std::optional<double>>("accuracy_score_mean"));
    figures.accuracy_score_min = KATIP_TRY(row.get<std::optional<double>>("accuracy_score_min"));
    figures.accuracy_score_max = KATIP_TRY(row.get<std::optional<double>>("accuracy_score_max"));
    figures.last_at = KATIP_TRY(time_of(row, "last_at"));
    list.push_back(std::move(figures));
  }
  return list;
}

}  // namespace katip::store
