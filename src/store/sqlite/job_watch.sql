-- What somebody who waits for jobs asks again and again.

-- name: watch_jobs
select j.id, j.status, j.error_code, j.error_message,
       coalesce((select max(t.progress) from tasks as t where t.job_id = j.id), j.progress) as progress
  from json_each($1) as wanted join jobs as j on j.id = wanted.value;

-- name: watch_checkpoints
select t.job_id, c.position, c.data
  from json_each($1) as wanted
  join tasks as t on t.job_id = wanted.value ->> 'id'
  join task_checkpoints as c on c.task_id = t.id and c.position >= wanted.value ->> 'position'
 order by t.job_id, c.position;

-- name: job_activity
-- The plus, here and below: not by the index of the owner, for which all jobs would be looked at.
-- Something of it moves with every step of a job that has not ended.
select coalesce(submitted_by, '') as owner, status, count(*) as job_count,
       cast(max(updated_at) as text) as moved_at
  from jobs where status in ('queued', 'processing')
 group by +submitted_by, status order by owner, status;

-- name: ended_job_activity
-- A job may come and end between two looks: it is seen here alone.
select coalesce(submitted_by, '') as owner, cast(max(completed_at) as text) as ended_at
  from jobs where completed_at >= $1 group by +submitted_by order by owner;

-- name: progress_activity
-- How far the tasks are that run, by the owner of their jobs.
select coalesce(j.submitted_by, '') as owner, cast(sum(t.progress) as text) as progress
  from tasks as t join jobs as j on j.id = t.job_id
 where t.state = 'running' group by j.submitted_by order by owner;

-- name: queue_activity
select q.queue, q.state, q.task_count,
       cast((select sum(progress) from tasks where state = 'running') as text) as progress
  from (select queue, state, count(*) as task_count from tasks group by queue, state) as q
 order by q.queue, q.state;

-- name: ended_activity
select cast(max(finished_at) as text) as ended_at,
       (select count(*) from workers where state = 'running') as running_count,
       (select count(*) from workers where state = 'stopping') as stopping_count
  from task_history;
