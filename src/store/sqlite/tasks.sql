-- The queue. Every statement that writes to a running task names its token: a worker that lost its
-- lease changes nothing. Lists of rows come as one JSON parameter. Whoever moves rows between tasks
-- and task_history deletes them himself: SQLite cannot do both in one statement.

-- name: insert_tasks
insert into tasks (id, kind, worker_kind, queue, priority, tenant, state, attempt_count_max, args,
                   unique_key, job_id, request_id, timeout_s, run_at, created_at)
select t.value ->> 'id', t.value ->> 'kind', t.value ->> 'worker_kind', t.value ->> 'queue',
       t.value ->> 'priority', t.value ->> 'tenant', t.value ->> 'state',
       t.value ->> 'attempt_count_max', t.value -> 'args', t.value ->> 'unique_key',
       t.value ->> 'job_id', t.value ->> 'request_id', t.value ->> 'timeout_s', t.value ->> 'run_at',
       t.value ->> 'created_at'
  from json_each($1) as t where true
on conflict (unique_key) where unique_key is not null do nothing
returning id;

-- name: find_tasks_by_unique_key
select id, unique_key from tasks where unique_key in (select value from json_each($1));

-- name: list_lanes
-- A lane is a queue, a priority and a tenant that have tasks ready; the index is entered once for
-- each, however many tasks wait in it: the plus signs take away the types of the columns, without which
-- SQLite 3.40 would use only the first of the three. $1 worker kind, $2 how many lanes of one queue and
-- priority at most: then the index is entered behind all of them. $3 the lowest priority.
with recursive lane (queue, priority, tenant, run_at, position) as (
  select queue, priority, tenant, run_at, 1 from (
    select queue, priority, tenant, run_at from tasks
     where state = 'available' and not runs_alone and worker_kind = $1
     order by queue, priority, tenant, run_at limit 1)
  union all
  select next.queue, next.priority, next.tenant, next.run_at,
         case when (next.queue, next.priority) = (lane.queue, lane.priority)
              then lane.position + 1 else 1 end
    from lane join tasks as next on next.id = case
      when lane.priority >= $3 and lane.position < $2 then (
      select id from tasks
       where state = 'available' and not runs_alone and worker_kind = $1
         and (queue, priority, tenant) > (+lane.queue, +lane.priority, +lane.tenant)
       order by queue, priority, tenant, run_at limit 1)
      else (
      select id from tasks
       where state = 'available' and not runs_alone and worker_kind = $1
         and (queue, priority) > (+lane.queue, +lane.priority)
       order by queue, priority, tenant, run_at limit 1) end
)
select queue, priority, tenant, run_at from lane where priority >= $3;

-- name: list_lanes_behind
-- Of one queue and priority. $1 worker kind, $2 how many at most, $3 queue, $4 priority, $5 tenant.
with recursive lane (tenant, run_at) as (
  select tenant, run_at from (
    select tenant, run_at from tasks
     where state = 'available' and not runs_alone and worker_kind = $1 and queue = $3
       and priority = $4 and tenant > $5
     order by tenant, run_at limit 1)
  union all
  select next.tenant, next.run_at
    from lane join tasks as next on next.id = (
      select id from tasks
       where state = 'available' and not runs_alone and worker_kind = $1 and queue = $3
         and priority = $4 and tenant > +lane.tenant
       order by tenant, run_at limit 1)
)
select $3 as queue, cast($4 as integer) as priority, tenant, run_at from lane limit $2;

-- name: count_running_by_tenant
select queue, tenant, count(*) as running_count from tasks
 where state = 'running' and worker_kind = $1 group by queue, tenant;

-- name: list_closed_queues
select name, mode from queues where mode <> 'open';

-- name: claim_tasks
-- Of one lane. $1 worker kind, $2 queue, $3 priority, $4 tenant, $5 how many, $6 worker, $7 now, $8 JSON
-- list of the kinds that the worker knows, or null for all.
update tasks set state = 'running', token = token + 1, attempt = attempt + 1, worker_id = $6,
       claimed_at = $7
 where id in (
   select id from tasks
    where state = 'available' and not runs_alone and worker_kind = $1
      and queue = $2 and priority = $3 and tenant = $4
      and ($8 is null or kind in (select value from json_each($8)))
    order by run_at, id limit $5)
   and exists (select 1 from workers where workers.id = $6 and workers.state in ('running', 'stopping'))
returning id, kind, queue, priority, tenant, token, attempt, attempt_count_max, crash_count,
          runs_alone, args, job_id, request_id, timeout_s, run_at, created_at;

-- name: claim_task_alone
-- $1 worker kind, $2 worker, $3 now, $4 JSON list of the kinds that the worker knows, or null.
update tasks set state = 'running', token = token + 1, attempt = attempt + 1, worker_id = $2,
       claimed_at = $3
 where id = (
   select id from tasks
    where state = 'available' and runs_alone and worker_kind = $1
      and queue not in (select name from queues where mode = 'paused')
      and ($4 is null or kind in (select value from json_each($4)))
    order by priority desc, run_at, id limit 1)
   and exists (select 1 from workers where workers.id = $2 and workers.state in ('running', 'stopping'))
returning id, kind, queue, priority, tenant, token, attempt, attempt_count_max, crash_count,
          runs_alone, args, job_id, request_id, timeout_s, run_at, created_at;

-- name: has_task_alone
select 1 from tasks
 where state = 'available' and runs_alone and worker_kind = $1
   and queue not in (select name from queues where mode = 'paused')
   and ($2 is null or kind in (select value from json_each($2))) limit 1;

-- name: finish_tasks
-- Running tasks with the right token are copied to history. $1 JSON list, $2 now.
insert into task_history (id, kind, worker_kind, queue, priority, tenant, state, token, attempt,
                          attempt_count_max, crash_count, args, errors, result, unique_key, job_id,
                          request_id, worker_id, timeout_s, run_at, claimed_at, created_at,
                          finished_at)
select t.id, t.kind, t.worker_kind, t.queue, t.priority, t.tenant, o.value ->> 'state', t.token,
       t.attempt, t.attempt_count_max, t.crash_count, t.args,
       case when o.value ->> 'error' is null then t.errors
            else json_insert(t.errors, '$[#]', json(o.value -> 'error')) end,
       case when o.value ->> 'result' is null then null else o.value -> 'result' end,
       t.unique_key, t.job_id, t.request_id, t.worker_id, t.timeout_s, t.run_at, t.claimed_at,
       t.created_at, $2
  from json_each($1) as o cross join tasks as t
    on t.id = o.value ->> 'id' and t.token = o.value ->> 'token' and t.state = 'running'
 where true
returning id;

-- name: retry_tasks
-- A failed attempt with attempts left: the task waits for its next one. $1 JSON list.
update tasks set state = 'retryable', worker_id = null, claimed_at = null,
       run_at = o.value ->> 'run_at', errors = json_insert(errors, '$[#]', json(o.value -> 'error'))
  from json_each($1) as o
 where tasks.id = o.value ->> 'id' and token = o.value ->> 'token' and state = 'running'
   and not is_cancel_requested
returning tasks.id;

-- name: release_tasks
-- Our own stop: the attempt is not counted. $1 JSON list.
update tasks set state = 'available', worker_id = null, claimed_at = null, attempt = attempt - 1
  from json_each($1) as o
 where tasks.id = o.value ->> 'id' and token = o.value ->> 'token' and state = 'running'
   and not is_cancel_requested
returning tasks.id;

-- name: wake_due_tasks
-- Scheduled and retryable tasks whose time came. $1 now, $2 how many at most.
update tasks set state = 'available'
 where id in (select id from tasks where state in ('scheduled', 'retryable') and run_at <= $1
               order by run_at limit $2)
returning id;

-- name: count_dead_tasks
-- The place of a deleted row is free at once.
select 0 as dead_count;

-- name: vacuum_tasks
select 1 where false;

-- name: next_due_at
select min(run_at) as run_at from tasks where state in ('scheduled', 'retryable');

-- name: set_task_progress
update tasks set progress = $3 where id = $1 and token = $2 and state = 'running';

-- name: hold_task
-- Inside a write transaction the row stays ours until its end.
select 1 from tasks where id = $1 and token = $2 and state = 'running';

-- name: insert_checkpoint
insert into task_checkpoints (task_id, position, data, created_at)
select id, $3, $4, $5 from tasks where id = $1 and token = $2 and state = 'running'
on conflict (task_id, position) do update set data = excluded.data
returning position;

-- name: list_checkpoints
select position, data from task_checkpoints where task_id = $1 order by position;

-- name: cancel_waiting_task
insert into task_history (id, kind, worker_kind, queue, priority, tenant, state, token, attempt,
                          attempt_count_max, crash_count, args, errors, unique_key, job_id, request_id,
                          timeout_s, run_at, created_at, finished_at)
select id, kind, worker_kind, queue, priority, tenant, 'cancelled', token, attempt, attempt_count_max,
       crash_count, args, errors, unique_key, job_id, request_id, timeout_s, run_at, created_at, $2
  from tasks where id = $1 and state <> 'running'
returning id;

-- name: request_cancel
update tasks set is_cancel_requested = 1 where id = $1 and state = 'running' returning id;

-- name: list_cancel_requests
select id, token from tasks where state = 'running' and worker_id = $1 and is_cancel_requested;

-- name: revive_task
-- An operator said retry: a discarded, quarantined or cancelled task begins anew. $1 id, $2 now.
insert into tasks (id, kind, worker_kind, queue, priority, tenant, state, token, attempt_count_max, args,
                   errors, unique_key, job_id, request_id, timeout_s, run_at, created_at)
select id, kind, worker_kind, queue, priority, tenant, 'available', token, attempt_count_max, args,
       errors, unique_key, job_id, request_id, timeout_s, $2, created_at
  from task_history where id = $1 and state in ('discarded', 'quarantined', 'cancelled')
returning id;

-- name: list_orphans
-- Running tasks of workers that are no longer there, with how many each has.
select t.id, t.token, t.attempt, t.attempt_count_max, t.crash_count, t.runs_alone, t.worker_id,
       t.is_cancel_requested, company.task_count as company_count
  from tasks as t
  join (select worker_id, count(*) as task_count from tasks where state = 'running' group by worker_id)
    as company on company.worker_id = t.worker_id
 where t.state = 'running' and not exists (
   select 1 from workers where workers.id = t.worker_id and workers.state in ('running', 'stopping'))
 order by t.worker_id, t.id limit $1;

-- name: lock_rescues
-- Write transactions are alone.
select 1;

-- name: try_lock_rescues
select 1;

-- name: lock_counts
select 1;

-- name: list_held
select id, token from tasks where state = 'running' and worker_id = $1;

-- name: lock_task
select 1 from tasks where id = $1;

-- name: requeue_orphans
-- Back to the queue after the death of a worker. $1 JSON list.
update tasks set state = 'available', worker_id = null, claimed_at = null,
       attempt = attempt - case when o.value ->> 'is_counted' then 0 else 1 end,
       crash_count = o.value ->> 'crash_count', runs_alone = o.value ->> 'runs_alone',
       errors = json_insert(errors, '$[#]', json(o.value -> 'error'))
  from json_each($1) as o
 where tasks.id = o.value ->> 'id' and token = o.value ->> 'token' and state = 'running'
returning tasks.id;

-- name: pardon_tasks
-- Takes back what the rescue of this worker's tasks has said about them, where nothing has happened to
-- them since. $1 worker, $2 JSON list of the ids that stay suspected.
update tasks set crash_count = errors ->> '$[#-1].before.crash_count',
       runs_alone = errors ->> '$[#-1].before.runs_alone'
 where state in ('available', 'running') and runs_alone and errors ->> '$[#-1].worker_id' = $1
   and errors ->> '$[#-1].before.crash_count' is not null
   and id not in (select value from json_each($2))
returning id;

-- name: find_task
select id, kind, worker_kind, queue, priority, tenant, state, token, attempt, attempt_count_max,
       crash_count, args, errors, null as result, progress, unique_key, job_id, request_id,
       worker_id, run_at, claimed_at, created_at, null as finished_at
  from tasks where id = $1
union all
select id, kind, worker_kind, queue, priority, tenant, state, token, attempt, attempt_count_max,
       crash_count, args, errors, result, case when state = 'completed' then 1.0 else 0.0 end as progress,
       unique_key, job_id, request_id, worker_id, run_at, claimed_at, created_at, finished_at
  from task_history where id = $1;

-- name: find_ended_tasks
select id from task_history where id in (select value from json_each($1));

-- name: count_tasks
-- Waiting and running by queue and state, with the oldest that is ready.
select queue, state, count(*) as task_count, min(run_at) as oldest_run_at from tasks
 group by queue, state order by queue, state;

-- name: count_tasks_by_kind
select queue, kind, state, count(*) as task_count, min(run_at) as oldest_run_at from tasks
 group by queue, kind, state order by queue, kind, state;

-- name: count_history
select state, count(*) as task_count from task_history where finished_at >= $1
 group by state order by state;

-- name: set_queue_mode
insert into queues (name, mode, changed_by, updated_at) values ($1, $2, $3, $4)
on conflict (name) do update
   set mode = excluded.mode, changed_by = excluded.changed_by, updated_at = excluded.updated_at;

-- name: list_queues
select name, mode, changed_by, updated_at from queues order by name;

-- name: list_final_tasks
-- $1 state, $2 kind or null, $3 how many at most; the newest first.
select id, kind, worker_kind, queue, priority, tenant, state, token, attempt, attempt_count_max,
       crash_count, args, errors, result, case when state = 'completed' then 1.0 else 0.0 end as progress, unique_key, job_id,
       request_id, worker_id, run_at, claimed_at, created_at, finished_at
  from task_history where state = $1 and ($2 is null or kind = $2)
 order by finished_at desc limit $3;

-- name: prune_history
delete from task_history
 where id in (select id from task_history where finished_at < $1 order by finished_at limit $2);

-- name: delete_tasks
delete from tasks where id in (select value from json_each($1));

-- name: delete_history
delete from task_history where id in (select value from json_each($1));

-- name: delete_waiting_tasks
delete from tasks where id in (select id from tasks where state <> 'running' limit $1);

-- name: list_live_tasks
-- $1 state, $2 kind or null, $3 how many at most; those made last first.
select id, kind, worker_kind, queue, priority, tenant, state, token, attempt, attempt_count_max,
       crash_count, args, errors, null as result, progress, unique_key, job_id, request_id,
       worker_id, run_at, claimed_at, created_at, null as finished_at
  from tasks where state = $1 and ($2 is null or kind = $2)
 order by id desc limit $3;

-- name: start_jobs_of_tasks
-- The jobs of tasks that were claimed. $1 JSON list of ids, $2 now.
update jobs set status = 'processing', started_at = coalesce(started_at, $2),
       queue_wait_s = coalesce(queue_wait_s,
                               max(0.0, (julianday($2) - julianday(jobs.created_at)) * 86400.0)),
       updated_at = $2
 where status in ('queued', 'processing') and id in (
   select job_id from tasks where id in (select value from json_each($1)));

-- name: end_jobs_of_tasks
-- The jobs of tasks that ended without a result. $1 JSON list of ids, $2 now.
update jobs set status = case ended.state when 'cancelled' then 'cancelled' else 'failed' end,
       error_code = case ended.state when 'cancelled' then null
                    else coalesce(ended.errors ->> '$[#-1].code', 'INTERNAL') end,
       error_message = case ended.state when 'cancelled' then null
                       else substr(ended.errors ->> '$[#-1].message', 1, 4000) end,
       completed_at = $2, updated_at = $2
  from task_history as ended
 where ended.id in (select value from json_each($1)) and jobs.id = ended.job_id
   and ended.state <> 'completed' and jobs.status in ('queued', 'processing')
returning id;

-- name: requeue_jobs_of_tasks
-- The jobs of tasks that begin anew. $1 JSON list of ids, $2 now.
update jobs set status = 'queued', progress = 0, started_at = null, completed_at = null,
       queue_wait_s = null, error_code = null, error_message = null, updated_at = $2
 where status in ('processing', 'failed', 'cancelled') and id in (
   select job_id from tasks where id in (select value from json_each($1)));

-- name: tasks_of_job
-- Newest first.
select id, kind, state, created_at from tasks where job_id = $1
 union all
select id, kind, state, created_at from task_history where job_id = $1
 order by created_at desc, id desc;
