-- Figures over time.

-- name: insert_stats
insert into stats_samples
      (step_s, begins_at, minute_count, queues, worker_count, tasks_completed, tasks_failed,
       task_wait_s, task_run_s, jobs_completed, jobs_failed, audio_s, processing_s,
       request_failures, request_counts)
values ($1, cast($2 as timestamptz), $3, cast($4 as jsonb), cast($5 as double precision), $6, $7,
        cast($8 as double precision), cast($9 as double precision), $10, $11, cast($12 as double precision), cast($13 as double precision), $14, cast($15 as jsonb))
on conflict do nothing;

-- name: list_stats
select step_s, begins_at, minute_count, queues, worker_count, tasks_completed, tasks_failed,
       task_wait_s, task_run_s, jobs_completed, jobs_failed, audio_s, processing_s,
       request_failures, request_counts
  from stats_samples
 where step_s = $1 and begins_at >= cast($2 as timestamptz) and begins_at < cast($3 as timestamptz)
 order by begins_at limit $4;

-- name: find_last_stats
select max(begins_at) as begins_at from stats_samples where step_s = $1;

-- name: change_stats_requests
-- Only if nobody has changed them since they were read.
update stats_samples set request_counts = cast($3 as jsonb), request_failures = $4
 where step_s = $1 and begins_at = cast($2 as timestamptz) and request_counts = cast($5 as jsonb);

-- name: prune_stats
delete from stats_samples where step_s = $1 and begins_at < cast($2 as timestamptz);

-- name: sum_ended_tasks
select state, count(*) as task_count,
       coalesce(sum(greatest(0, cast(extract(epoch from (claimed_at - run_at)) as double precision))), 0) as wait_s,
       coalesce(sum(greatest(0, cast(extract(epoch from (finished_at - claimed_at)) as double precision))), 0) as run_s
  from task_history
 where finished_at >= cast($1 as timestamptz) and finished_at < cast($2 as timestamptz)
 group by state;

-- name: sum_ended_jobs
select status, count(*) as job_count, coalesce(sum(audio_duration_s), 0) as audio_s,
       coalesce(sum(processing_s), 0) as processing_s
  from jobs
 where completed_at >= cast($1 as timestamptz) and completed_at < cast($2 as timestamptz)
 group by status;

-- name: add_event_count
insert into event_counters (name, label, value) values ($1, $2, cast($3 as double precision))
on conflict (name, label) do update set value = event_counters.value + excluded.value;

-- name: list_event_counts
select name, label, value from event_counters order by name, label;

-- name: list_schema_heads
select version_num from alembic_version order by version_num;
