-- Lists of tasks for operators, put together from pieces. A page looks at a window of rows that an
-- index gives in their order, and filters inside that: a search for what is rare ends in time, says
-- how far it came, and goes on from there.

-- name: task_page_ended
select t.id, t.kind, t.worker_kind, t.queue, t.priority, t.tenant, t.state, t.token, t.attempt,
       t.attempt_count_max, t.crash_count, t.args, t.errors, t.result,
       case when t.state = 'completed' then 1.0 else 0.0 end as progress, t.unique_key, t.job_id,
       t.request_id, t.worker_id, t.run_at, t.claimed_at, t.created_at, t.finished_at,
       j.job_id as job_name, j.source_name
  from (select * from task_history where true

-- name: task_page_ended_span
select id, finished_at as place from task_history where true

-- name: task_page_live
select t.id, t.kind, t.worker_kind, t.queue, t.priority, t.tenant, t.state, t.token, t.attempt,
       t.attempt_count_max, t.crash_count, t.args, t.errors, null::jsonb as result, t.progress,
       t.unique_key, t.job_id, t.request_id, t.worker_id, t.run_at, t.claimed_at, t.created_at,
       null::timestamptz as finished_at, j.job_id as job_name, j.source_name
  from (select * from tasks where true

-- name: task_page_live_span
select id, run_at as place from tasks where true

-- name: task_page_state
and state = $?

-- name: task_page_kind
and kind = $?

-- name: task_page_finished_from
and finished_at >= cast($? as timestamptz)

-- name: task_page_finished_before
and finished_at < cast($? as timestamptz)

-- name: task_page_behind_finished
and finished_at <= cast($? as timestamptz) and (finished_at, id) < (cast($? as timestamptz), cast($? as uuid))

-- name: task_page_behind_id
and id < cast($? as uuid)

-- name: task_page_behind_run_at
and run_at >= cast($? as timestamptz) and (run_at, id) > (cast($? as timestamptz), cast($? as uuid))

-- name: task_page_is_available
and state = 'available'

-- name: task_page_is_running
and state = 'running'

-- name: task_page_is_scheduled
and state in ('scheduled', 'retryable') and state = 'scheduled'

-- name: task_page_is_retryable
and state in ('scheduled', 'retryable') and state = 'retryable'

-- name: task_page_by_finished_at
order by finished_at desc, id desc limit $?

-- name: task_page_by_id
order by id desc limit $?

-- name: task_page_by_id_of_few
order by id desc limit $?

-- name: task_page_by_run_at
order by run_at, id limit $?

-- name: task_page_window_end
) as t left join jobs as j on j.id = t.job_id where true

-- name: task_page_only_id
and t.id = cast($? as uuid)

-- name: task_page_only_state
and t.state = $?

-- name: task_page_only_kind
and t.kind = $?

-- name: task_page_only_queue
and t.queue = $?

-- name: task_page_only_worker
and t.worker_id = cast($? as uuid)

-- name: task_page_only_request
and t.request_id = $?

-- name: task_page_only_text
and position(lower($?) in lower(concat_ws(' ', t.kind, t.tenant, t.unique_key, t.request_id, j.job_id,
                                           j.source_name, t.args::text, t.errors::text))) > 0

-- name: task_page_end_by_finished_at
order by t.finished_at desc, t.id desc limit $?

-- name: task_page_end_by_id
order by t.id desc limit $?

-- name: task_page_end_by_run_at
order by t.run_at, t.id limit $?

-- name: task_page_skip
offset $?
