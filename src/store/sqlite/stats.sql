-- Figures over time.

-- name: insert_stats
insert into stats_samples
      (step_s, begins_at, minute_count, queues, worker_count, tasks_completed, tasks_failed,
       task_wait_s, task_run_s, jobs_completed, jobs_failed, audio_s, processing_s,
       request_failures, request_counts)
values ($1, $2, $3, $4, $5, $6, $7,
        $8, $9, $10, $11, $12, $13, $14, $15)
on conflict do nothing;

-- name: list_stats
select step_s, begins_at, minute_count, queues, worker_count, tasks_completed, tasks_failed,
       task_wait_s, task_run_s, jobs_completed, jobs_failed, audio_s, processing_s,
       request_failures, request_counts
  from stats_samples
 where step_s = $1 and begins_at >= $2 and begins_at < $3
 order by begins_at limit $4;

-- name: find_last_stats
select max(begins_at) as begins_at from stats_samples where step_s = $1;

-- name: change_stats_requests
-- Only if nobody has changed them since they were read.
update stats_samples set request_counts = $3, request_failures = $4
 where step_s = $1 and begins_at = $2 and request_counts = $5;

-- name: prune_stats
delete from stats_samples where step_s = $1 and begins_at < $2;

-- name: sum_ended_tasks
select state, count(*) as task_count,
       coalesce(sum(max(0, (julianday(claimed_at) - julianday(run_at)) * 86400)), 0.0) as wait_s,
       coalesce(sum(max(0, (julianday(finished_at) - julianday(claimed_at)) * 86400)), 0.0) as run_s
  from task_history
 where finished_at >= $1 and finished_at < $2
 group by state;

-- name: sum_ended_jobs
select status, count(*) as job_count, coalesce(sum(audio_duration_s), 0.0) as audio_s,
       coalesce(sum(processing_s), 0.0) as processing_s
  from jobs
 where completed_at >= $1 and completed_at < $2
 group by status;

-- name: add_event_count
insert into event_counters (name, label, value) values ($1, $2, $3)
on conflict (name, label) do update set value = event_counters.value + excluded.value;

-- name: list_event_counts
select name, label, value from event_counters order by name, label;

-- name: list_schema_heads
select version_num from alembic_version order by version_num;
