-- What reviewers said: see feedback_store.h. Pieces are put behind select_feedback.

-- name: insert_feedback
insert into feedback (id, job_id, reviewer, feedback_type, original_text, corrected_text, diff_data,
                      accuracy_score, extracted_terms, is_processed, processed_at, comment, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: select_feedback
select f.id, f.job_id, f.reviewer, f.feedback_type, f.accuracy_score, f.is_processed, f.processed_at,
       f.created_at, f.comment, f.diff_data, f.extracted_terms, j.job_id as public_job_id
  from feedback as f join jobs as j on j.id = f.job_id where true

-- name: feedback_with_id
and f.id = $?

-- name: feedback_with_job_id
and f.job_id = $?

-- name: feedback_with_reviewer
and f.reviewer = $?

-- name: feedback_with_type
and f.feedback_type = $?

-- name: feedback_with_owner
and j.submitted_by = $?

-- name: feedback_processed
and f.is_processed = $?

-- name: feedback_created_from
and f.created_at >= $?

-- name: feedback_created_before
and f.created_at < $?

-- name: feedback_after
and (f.created_at, f.id) < ($?, $?)

-- name: feedback_in_order
order by f.created_at desc, f.id desc limit $?

-- name: feedback_to_learn_from
select f.id, f.job_id, f.extracted_terms, coalesce(j.language, j.detected_language, '') as language
  from feedback as f join jobs as j on j.id = f.job_id
 where f.is_processed = 0 order by f.created_at, f.id limit $1;

-- name: set_feedback_processed
update feedback set is_processed = 1, processed_at = $2 where id = $1 and is_processed = 0;

-- name: reviewer_statistics
select f.reviewer, count(*) as feedback_count, avg(f.accuracy_score) as accuracy_score_mean,
       min(f.accuracy_score) as accuracy_score_min, max(f.accuracy_score) as accuracy_score_max,
       max(f.created_at) as last_at
  from feedback as f join jobs as j on j.id = f.job_id
 where f.created_at >= $1 and ($2 is null or j.submitted_by = $2)
 group by f.reviewer order by feedback_count desc, f.reviewer limit $3;
