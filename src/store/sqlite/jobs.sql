-- Jobs. The statements that change the status name the status before: see kJobSteps in job_store.h.
-- A list is put together from select_jobs and the pieces that begin with jobs_; each $? in them
-- becomes the next parameter.

-- name: insert_job
insert into jobs (id, job_id, kind, priority, options, api_key_id, submitted_by, language, model_name,
                  source_name, source_url, media_key, media_type, media_sha256, audio_duration_s,
                  sample_rate, channels, file_size, created_at, updated_at, expires_at, search_text)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $19,
        $20, $21);

-- name: start_job
update jobs set status = 'processing', started_at = coalesce(started_at, $2),
                queue_wait_s = coalesce(queue_wait_s, $3), updated_at = $2
 where id = $1 and status in ('queued', 'processing');

-- name: set_job_progress
update jobs set progress = max(progress, $2), updated_at = $3
 where id = $1 and status = 'processing';

-- name: find_job_names
select source_name from jobs where id = $1;

-- name: complete_job
update jobs set status = 'completed', progress = 1, completed_at = $2, updated_at = $2,
                transcript = $3, text = $4, search_text = $5,
                detected_language = $6, model_name = coalesce($7, model_name), engine = $8,
                audio_duration_s = coalesce($9, audio_duration_s), processing_s = $10,
                realtime_factor = $11, confidence = $12
 where id = $1 and status = 'processing';

-- name: fail_job
update jobs set status = 'failed', error_code = $2, error_message = $3, completed_at = $4,
                updated_at = $4
 where id = $1 and status in ('queued', 'processing');

-- name: cancel_job
update jobs set status = 'cancelled', completed_at = $2, updated_at = $2
 where id = $1 and status in ('queued', 'processing');

-- name: set_job_media
update jobs set media_key = $2, media_type = $3, media_sha256 = $4, file_size = $5, updated_at = $6
 where id = $1 and status in ('queued', 'processing');

-- name: requeue_job
update jobs set status = 'queued', progress = 0, started_at = null, completed_at = null,
                queue_wait_s = null, error_code = null, error_message = null, updated_at = $2
 where id = $1 and status in ('processing', 'failed', 'cancelled');

-- name: rename_job
update jobs set source_name = $2, search_text = $3, updated_at = $4 where id = $1;

-- name: set_job_expiry
update jobs set expires_at = $2, updated_at = $3 where id = $1;

-- name: delete_job_tags
delete from job_tags where job_id = $1;

-- name: insert_job_tags
insert into job_tags (job_id, tag) select $1, value from json_each($2);

-- name: count_tag_uses
select count(*) as use_count from (select 1 from job_tags where tag = $1 limit $2) as t;

-- name: list_tags
select t.tag, count(*) as job_count from job_tags as t
 where $1 is null
    or exists (select 1 from jobs as j where j.id = t.job_id and j.submitted_by = $1)
 group by t.tag order by job_count desc, t.tag limit $2;

-- name: delete_job
delete from jobs where id = $1;

-- name: hold_job
select 1 from jobs where id = $1;

-- name: count_media_uses
select count(*) as use_count from (select 1 from jobs where media_key = $1 limit 1) as t;

-- name: delete_expired_jobs
delete from jobs
 where id in (select id from jobs where expires_at <= $1 and completed_at is not null
               order by expires_at limit $2)
returning id, media_key;

-- name: find_transcript
select transcript, text from jobs where id = $1 and transcript is not null;

-- name: find_job_text
select coalesce(text, source_name, '') as text from jobs where id = $1;

-- name: job_statistics
select j.status, count(*) as job_count, coalesce(sum(j.audio_duration_s), 0.0) as audio_duration_s,
       coalesce(sum(j.processing_s), 0.0) as processing_s, avg(j.queue_wait_s) as queue_wait_s
  from jobs as j where j.created_at >= $1 and ($2 is null or j.submitted_by = $2)
 group by j.status order by j.status;

-- name: select_jobs
select j.id, j.job_id, j.status, j.kind, j.priority, j.progress, j.options, j.api_key_id,
       j.submitted_by, j.language, j.detected_language, j.model_name, j.engine, j.source_name,
       j.source_url, j.media_key, j.media_type, j.media_sha256, j.error_code, j.error_message,
       j.audio_duration_s, j.processing_s, j.queue_wait_s, j.realtime_factor, j.confidence,
       j.sample_rate, j.channels, j.file_size, j.created_at, j.updated_at, j.started_at,
       j.completed_at, j.expires_at,
       (select json_group_array(t.tag) from (select tag from job_tags where job_id = j.id
                                           order by tag) as t) as tags
  from jobs as j where true

-- name: count_jobs
select count(*) as job_count from (select 1 from jobs as j where true

-- name: count_jobs_up_to
limit $?) as t

-- name: jobs_with_id
and j.id = $?

-- name: jobs_with_job_id
and j.job_id = $?

-- name: jobs_with_status
and j.status = $?

-- name: jobs_with_statuses
and j.status in (select value from json_each($?))

-- name: jobs_under_way
-- Those that have not ended are few: they are found by their states, and not by a walk through all jobs.
and j.search_id in (select search_id from jobs where status in (select value from json_each($?)))

-- name: jobs_with_kind
and j.kind = $?

-- name: jobs_with_language
and $? in (j.language, j.detected_language)

-- name: jobs_with_model_name
and j.model_name = $?

-- name: jobs_with_api_key
and j.api_key_id = $?

-- name: jobs_with_submitter
and j.submitted_by = $?

-- name: jobs_with_tag
and j.id in (select t.job_id from job_tags as t where t.tag = $?)

-- name: jobs_with_common_tag
and exists (select 1 from job_tags as t where t.tag = $? and t.job_id = j.id)

-- name: jobs_created_from
and j.created_at >= $?

-- name: jobs_created_before
and j.created_at < $?

-- name: jobs_with_words
and j.search_id in (select rowid from jobs_search where jobs_search match $?)

-- name: jobs_with_words_lately
-- A word of every day is in most jobs: only the newest of those that have it are looked at, so that a
-- page of them costs no more than one of a rare word. Jobs are numbered in the order in which they came.
and j.search_id in (select rowid from jobs_search where jobs_search match $? and rowid <= $?
                     order by rowid desc limit 10000)

-- name: count_jobs_with_words_lately
select count(*) as job_count
  from (select rowid from jobs_search where jobs_search match $1 and rowid <= $2
         order by rowid desc limit 10000);

-- name: find_job_number
select search_id from jobs where id = $1;

-- name: jobs_after
and (j.created_at, j.id) < ($?, $?)

-- name: jobs_in_order
order by j.created_at desc, j.id desc limit $?

-- name: jobs_after_upwards
and (j.created_at, j.id) > ($?, $?)

-- name: jobs_in_order_upwards
order by j.created_at, j.id limit $?
