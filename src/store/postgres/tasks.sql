-- The queue. Every statement that writes to a running task names its token: a worker that lost its
-- lease changes nothing. Lists of rows come as one JSON parameter.
--
-- Statements that know ids enter the primary key, with `id = any (array(...))`: what the planner
-- believes of a table that fills and empties all the time is wrong, and a join may then read all of it.
-- Their check of the state goes through a materialized column (`held`) for the same reason: from
-- `state = 'running'` the planner would take the index tasks_running, which is short in living entries
-- and long in dead ones.

-- name: insert_tasks
insert into tasks (id, kind, worker_kind, queue, priority, tenant, state, attempt_count_max, args,
                   unique_key, job_id, request_id, timeout_s, run_at, created_at)
select id, kind, worker_kind, queue, priority, tenant, state, attempt_count_max, args,
       unique_key, job_id, request_id, timeout_s, run_at, created_at
  from jsonb_to_recordset($1::jsonb)
    as t(id uuid, kind text, worker_kind text, queue text, priority smallint, tenant text, state text,
         attempt_count_max smallint, args jsonb, unique_key text, job_id uuid, request_id text,
         timeout_s integer, run_at timestamptz, created_at timestamptz)
on conflict (unique_key) where unique_key is not null do nothing
returning id;

-- name: find_tasks_by_unique_key
select id, unique_key from tasks
 where unique_key in (select jsonb_array_elements_text($1::jsonb));

-- name: list_lanes
-- A lane is a queue, a priority and a tenant that have tasks ready; the index is entered once for
-- each, however many tasks wait in it. $1 worker kind, $2 how many lanes of one queue and priority at
-- most: then the index is entered behind all of them. $3 the lowest priority.
with recursive lane as (
  (select queue, priority, tenant, run_at, 1 as position from tasks
    where state = 'available' and not runs_alone and worker_kind = $1
    order by queue, priority, tenant, run_at limit 1)
  union all
  select next.queue, next.priority, next.tenant, next.run_at,
         case when (next.queue, next.priority) = (lane.queue, lane.priority)
              then lane.position + 1 else 1 end
    from lane cross join lateral (
      (select queue, priority, tenant, run_at from tasks
        where lane.priority >= $3::smallint and lane.position < $2
          and state = 'available' and not runs_alone and worker_kind = $1
          and (queue, priority, tenant) > (lane.queue, lane.priority, lane.tenant)
        order by queue, priority, tenant, run_at limit 1)
      union all
      (select queue, priority, tenant, run_at from tasks
        where not (lane.priority >= $3::smallint and lane.position < $2)
          and state = 'available' and not runs_alone and worker_kind = $1
          and (queue, priority) > (lane.queue, lane.priority)
        order by queue, priority, tenant, run_at limit 1)) as next
)
select queue, priority, tenant, run_at from lane where priority >= $3::smallint;

-- name: list_lanes_behind
-- Of one queue and priority. $1 worker kind, $2 how many at most, $3 queue, $4 priority, $5 tenant.
with recursive lane as (
  (select tenant, run_at from tasks
    where state = 'available' and not runs_alone and worker_kind = $1 and queue = $3
      and priority = $4::smallint and tenant > $5
    order by tenant, run_at limit 1)
  union all
  select next.tenant, next.run_at
    from lane cross join lateral (
      select tenant, run_at from tasks
       where state = 'available' and not runs_alone and worker_kind = $1 and queue = $3
         and priority = $4::smallint and tenant > lane.tenant
       order by tenant, run_at limit 1) as next
)
select $3::text as queue, $4::smallint as priority, tenant, run_at from lane limit $2;

-- name: count_running_by_tenant
select queue, tenant, count(*) as running_count from tasks
 where state = 'running' and worker_kind = $1 group by queue, tenant;

-- name: list_closed_queues
select name, mode from queues where mode <> 'open';

-- name: claim_tasks
-- $1 worker kind, $2 JSON list of lanes with counts, $3 worker, $4 now, $5 JSON list of the kinds that
-- the worker knows, or null for all.
with want as (
  select * from jsonb_to_recordset($2::jsonb)
    as w(queue text, priority smallint, tenant text, count integer)
), picked as materialized (
  select t.id from want cross join lateral (
    select id from tasks
     where state = 'available' and not runs_alone and worker_kind = $1
       and queue = want.queue and priority = want.priority and tenant = want.tenant
       and ($5::jsonb is null or kind = any (array(select jsonb_array_elements_text($5::jsonb))))
     order by run_at, id limit want.count for update skip locked) as t
)
update tasks set state = 'running', token = token + 1, attempt = attempt + 1, worker_id = $3::uuid,
       claimed_at = $4::timestamptz
 where tasks.id = any (array(select id from picked)) and exists (
   select 1 from workers where workers.id = $3::uuid and workers.state in ('running', 'stopping'))
returning tasks.id, kind, queue, priority, tenant, token, attempt, attempt_count_max, crash_count,
          runs_alone, args, job_id, request_id, timeout_s, run_at, created_at;

-- name: claim_task_alone
-- $1 worker kind, $2 worker, $3 now, $4 JSON list of the kinds that the worker knows, or null.
with picked as materialized (
  select id from tasks
   where state = 'available' and runs_alone and worker_kind = $1
     and queue not in (select name from queues where mode = 'paused')
     and ($4::jsonb is null or kind = any (array(select jsonb_array_elements_text($4::jsonb))))
   order by priority desc, run_at, id limit 1 for update skip locked
)
update tasks set state = 'running', token = token + 1, attempt = attempt + 1, worker_id = $2::uuid,
       claimed_at = $3::timestamptz
 where tasks.id = any (array(select id from picked)) and exists (
   select 1 from workers where workers.id = $2::uuid and workers.state in ('running', 'stopping'))
returning tasks.id, kind, queue, priority, tenant, token, attempt, attempt_count_max, crash_count,
          runs_alone, args, job_id, request_id, timeout_s, run_at, created_at;

-- name: has_task_alone
select 1 from tasks
 where state = 'available' and runs_alone and worker_kind = $1
   and queue not in (select name from queues where mode = 'paused')
   and ($2::jsonb is null or kind = any (array(select jsonb_array_elements_text($2::jsonb))))
 limit 1;

-- name: finish_tasks
-- Running tasks with the right token become history. $1 JSON list, $2 now.
with outcome as materialized (
  select *, 'running' as held from jsonb_to_recordset($1::jsonb)
    as o(id uuid, token bigint, state text, result jsonb, error jsonb)
), gone as (
  delete from tasks using outcome
   where tasks.id = any (array(select id from outcome))
     and tasks.id = outcome.id and tasks.token = outcome.token and tasks.state = outcome.held
  returning tasks.*, outcome.state as final_state, outcome.result, outcome.error
)
insert into task_history (id, kind, worker_kind, queue, priority, tenant, state, token, attempt,
                          attempt_count_max, crash_count, args, errors, result, unique_key, job_id,
                          request_id, worker_id, timeout_s, run_at, claimed_at, created_at,
                          finished_at)
select id, kind, worker_kind, queue, priority, tenant, final_state, token, attempt, attempt_count_max,
       crash_count, args, case when error is null then errors else errors || error end, result,
       unique_key, job_id, request_id, worker_id, timeout_s, run_at, claimed_at, created_at,
       $2::timestamptz
  from gone
returning id;

-- name: retry_tasks
-- A failed attempt with attempts left: the task waits for its next one. $1 JSON list.
with outcome as materialized (
  select *, 'running' as held from jsonb_to_recordset($1::jsonb)
    as o(id uuid, token bigint, run_at timestamptz, error jsonb)
)
update tasks set state = 'retryable', worker_id = null, claimed_at = null, run_at = outcome.run_at,
       errors = errors || outcome.error
  from outcome
 where tasks.id = any (array(select id from outcome))
   and tasks.id = outcome.id and tasks.token = outcome.token and tasks.state = outcome.held
   and not is_cancel_requested
returning tasks.id;

-- name: release_tasks
-- Our own stop: the attempt is not counted. $1 JSON list.
with released as materialized (
  select *, 'running' as held from jsonb_to_recordset($1::jsonb) as r(id uuid, token bigint)
)
update tasks set state = 'available', worker_id = null, claimed_at = null, attempt = attempt - 1
  from released
 where tasks.id = any (array(select id from released))
   and tasks.id = released.id and tasks.token = released.token and tasks.state = released.held
   and not is_cancel_requested
returning tasks.id;

-- name: wake_due_tasks
-- Scheduled and retryable tasks whose time came. $1 now, $2 how many at most.
with due as materialized (
  select id from tasks where state in ('scheduled', 'retryable') and run_at <= $1::timestamptz
   order by run_at limit $2 for update skip locked
)
update tasks set state = 'available' where id = any (array(select id from due)) returning id;

-- name: count_dead_tasks
-- Row versions that nobody can see any more but that every claim has to step over.
select coalesce((select n_dead_tup from pg_stat_user_tables where relid = 'tasks'::regclass), 0)
    as dead_count;

-- name: vacuum_tasks
-- Without the lock of cutting off the end of the file, and not beside another vacuum.
vacuum (skip_locked, truncate false) tasks;

-- name: next_due_at
select min(run_at) as run_at from tasks where state in ('scheduled', 'retryable');

-- name: set_task_progress
update tasks set progress = $3 where id = $1::uuid and token = $2 and state = 'running';

-- name: hold_task
-- Locks the row of a running task, so that it stays ours until the end of the transaction.
select 1 from tasks where id = $1::uuid and token = $2 and state = 'running' for update;

-- name: insert_checkpoint
insert into task_checkpoints (task_id, position, data, created_at)
select id, $3, $4::jsonb, $5::timestamptz from tasks
 where id = $1::uuid and token = $2 and state = 'running' for share
on conflict (task_id, position) do update set data = excluded.data
returning position;

-- name: list_checkpoints
select position, data from task_checkpoints where task_id = $1::uuid order by position;

-- name: cancel_waiting_task
with gone as (
  delete from tasks where id = $1::uuid and state <> 'running' returning *
)
insert into task_history (id, kind, worker_kind, queue, priority, tenant, state, token, attempt,
                          attempt_count_max, crash_count, args, errors, unique_key, job_id, request_id,
                          timeout_s, run_at, created_at, finished_at)
select id, kind, worker_kind, queue, priority, tenant, 'cancelled', token, attempt, attempt_count_max,
       crash_count, args, errors, unique_key, job_id, request_id, timeout_s, run_at, created_at,
       $2::timestamptz
  from gone
returning id;

-- name: request_cancel
update tasks set is_cancel_requested = true where id = $1::uuid and state = 'running' returning id;

-- name: list_cancel_requests
select id, token from tasks where state = 'running' and worker_id = $1::uuid and is_cancel_requested;

-- name: revive_task
-- An operator said retry: a discarded, quarantined or cancelled task begins anew. $1 id, $2 now.
with gone as (
  delete from task_history where id = $1::uuid and state in ('discarded', 'quarantined', 'cancelled')
  returning *
)
insert into tasks (id, kind, worker_kind, queue, priority, tenant, state, token, attempt_count_max, args,
                   errors, unique_key, job_id, request_id, timeout_s, run_at, created_at)
select id, kind, worker_kind, queue, priority, tenant, 'available', token, attempt_count_max, args,
       errors, unique_key, job_id, request_id, timeout_s, $2::timestamptz, created_at
  from gone
returning id;

-- name: list_orphans
-- Running tasks of workers that are no longer there, with how many each has. The join also drops a task
-- that somebody claimed anew while this waited to read its row.
select t.id, t.token, t.attempt, t.attempt_count_max, t.crash_count, t.runs_alone, t.worker_id,
       t.is_cancel_requested, company.task_count as company_count
  from tasks as t
  join (select worker_id, count(*) as task_count from tasks where state = 'running' group by worker_id)
    as company on company.worker_id = t.worker_id
 where t.state = 'running' and not exists (
   select 1 from workers where workers.id = t.worker_id and workers.state in ('running', 'stopping'))
 order by t.worker_id, t.id limit $1 for update of t skip locked;

-- name: lock_rescues
select pg_advisory_xact_lock(1801548905, 1);

-- name: try_lock_rescues
select pg_try_advisory_xact_lock(1801548905, 1);

-- name: lock_counts
select pg_advisory_xact_lock(1801548905, 2);

-- name: list_held
select id, token from tasks where state = 'running' and worker_id = $1::uuid;

-- name: lock_task
select 1 from tasks where id = $1::uuid for update;

-- name: requeue_orphans
-- Back to the queue after the death of a worker. $1 JSON list.
with orphan as materialized (
  select *, 'running' as held from jsonb_to_recordset($1::jsonb)
    as o(id uuid, token bigint, crash_count smallint, runs_alone boolean, is_counted boolean,
         error jsonb)
)
update tasks set state = 'available', worker_id = null, claimed_at = null,
       attempt = tasks.attempt - case when orphan.is_counted then 0 else 1 end,
       crash_count = orphan.crash_count, runs_alone = orphan.runs_alone, errors = errors || orphan.error
  from orphan
 where tasks.id = any (array(select id from orphan))
   and tasks.id = orphan.id and tasks.token = orphan.token and tasks.state = orphan.held
returning tasks.id;

-- name: pardon_tasks
-- Takes back what the rescue of this worker's tasks has said about them, where nothing has happened to
-- them since. $1 worker, $2 JSON list of the ids that stay suspected.
update tasks set crash_count = (errors #>> '{-1,before,crash_count}')::smallint,
       runs_alone = (errors #>> '{-1,before,runs_alone}')::boolean
 where state in ('available', 'running') and runs_alone and errors #>> '{-1,worker_id}' = $1
   and errors #>> '{-1,before,crash_count}' is not null
   and id <> all (array(select jsonb_array_elements_text($2::jsonb)::uuid))
returning id;

-- name: find_task
select id, kind, worker_kind, queue, priority, tenant, state, token, attempt, attempt_count_max,
       crash_count, args, errors, null::jsonb as result, progress, unique_key, job_id, request_id,
       worker_id, run_at, claimed_at, created_at, null::timestamptz as finished_at
  from tasks where id = $1::uuid
union all
select id, kind, worker_kind, queue, priority, tenant, state, token, attempt, attempt_count_max,
       crash_count, args, errors, result, case when state = 'completed' then 1.0 else 0.0 end as progress,
       unique_key, job_id, request_id, worker_id, run_at, claimed_at, created_at, finished_at
  from task_history where id = $1::uuid;

-- name: find_ended_tasks
select id from task_history where id in (select jsonb_array_elements_text($1::jsonb)::uuid);

-- name: count_tasks
-- Waiting and running by queue and state, with the oldest that is ready.
select queue, state, count(*) as task_count, min(run_at) as oldest_run_at from tasks
 group by queue, state order by queue, state;

-- name: count_tasks_by_kind
select queue, kind, state, count(*) as task_count, min(run_at) as oldest_run_at from tasks
 group by queue, kind, state order by queue, kind, state;

-- name: count_history
select state, count(*) as task_count from task_history where finished_at >= $1::timestamptz
 group by state order by state;

-- name: set_queue_mode
insert into queues (name, mode, changed_by, updated_at) values ($1, $2, $3, $4::timestamptz)
on conflict (name) do update
   set mode = excluded.mode, changed_by = excluded.changed_by, updated_at = excluded.updated_at;

-- name: list_queues
select name, mode, changed_by, updated_at from queues order by name;

-- name: list_final_tasks
-- $1 state, $2 kind or null, $3 how many at most; the newest first.
select id, kind, worker_kind, queue, priority, tenant, state, token, attempt, attempt_count_max,
       crash_count, args, errors, result, case when state = 'completed' then 1.0 else 0.0 end as progress, unique_key, job_id,
       request_id, worker_id, run_at, claimed_at, created_at, finished_at
  from task_history where state = $1 and (cast($2 as text) is null or kind = $2)
 order by finished_at desc limit $3;

-- name: prune_history
with old as (
  select id from task_history where finished_at < $1::timestamptz order by finished_at limit $2
)
delete from task_history using old where task_history.id = old.id;

-- name: delete_tasks
delete from tasks where id in (select jsonb_array_elements_text($1::jsonb)::uuid);

-- name: delete_history
delete from task_history where id in (select jsonb_array_elements_text($1::jsonb)::uuid);

-- name: delete_waiting_tasks
delete from tasks where id in (select id from tasks where state <> 'running' limit $1);

-- name: list_live_tasks
-- $1 state, $2 kind or null, $3 how many at most; those made last first.
select id, kind, worker_kind, queue, priority, tenant, state, token, attempt, attempt_count_max,
       crash_count, args, errors, null::jsonb as result, progress, unique_key, job_id, request_id,
       worker_id, run_at, claimed_at, created_at, null::timestamptz as finished_at
  from tasks where state = $1 and (cast($2 as text) is null or kind = $2)
 order by id desc limit $3;

-- name: start_jobs_of_tasks
-- The jobs of tasks that were claimed. $1 JSON list of ids, $2 now.
update jobs set status = 'processing', started_at = coalesce(started_at, $2::timestamptz),
       queue_wait_s = coalesce(
         queue_wait_s, greatest(0, extract(epoch from $2::timestamptz - jobs.created_at))),
       updated_at = $2::timestamptz
  from tasks
 where tasks.id in (select jsonb_array_elements_text($1::jsonb)::uuid) and jobs.id = tasks.job_id
   and jobs.status in ('queued', 'processing');

-- name: end_jobs_of_tasks
-- The jobs of tasks that ended without a result. $1 JSON list of ids, $2 now.
update jobs set status = case ended.state when 'cancelled' then 'cancelled' else 'failed' end,
       error_code = case ended.state when 'cancelled' then null
                    else coalesce(ended.errors -> -1 ->> 'code', 'INTERNAL') end,
       error_message = case ended.state when 'cancelled' then null
                       else left(ended.errors -> -1 ->> 'message', 4000) end,
       completed_at = $2::timestamptz, updated_at = $2::timestamptz
  from task_history as ended
 where ended.id in (select jsonb_array_elements_text($1::jsonb)::uuid) and jobs.id = ended.job_id
   and ended.state <> 'completed' and jobs.status in ('queued', 'processing')
returning jobs.id;

-- name: requeue_jobs_of_tasks
-- The jobs of tasks that begin anew. $1 JSON list of ids, $2 now.
update jobs set status = 'queued', progress = 0, started_at = null, completed_at = null,
       queue_wait_s = null, error_code = null, error_message = null, updated_at = $2::timestamptz
  from tasks
 where tasks.id in (select jsonb_array_elements_text($1::jsonb)::uuid) and jobs.id = tasks.job_id
   and jobs.status in ('processing', 'failed', 'cancelled');

-- name: tasks_of_job
-- Newest first.
select id, kind, state, created_at from tasks where job_id = $1
 union all
select id, kind, state, created_at from task_history where job_id = $1
 order by created_at desc, id desc;
