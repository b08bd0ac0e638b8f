-- revision: 0c3a5e7d9b1f
-- revises: 3b9e5d7a1c24
-- message: the queue: tasks, their checkpoints and history, queues, workers, schedules
-- created: 2026-11-21 17:20:00+00:00

-- upgrade
-- A worker process holds the lease of all its tasks: it raises `beat`, and who sees the same beat for
-- the length of a lease declares it dead. No clock is compared with another one.
-- upgrade postgresql
create table workers (
  id uuid constraint workers_pkey primary key,
  name text not null,
  host text not null,
  pid integer not null,
  worker_kind text not null constraint workers_kind_known check (worker_kind in ('engine', 'general')),
  state text not null constraint workers_state_known
    check (state in ('running', 'stopping', 'stopped', 'dead')),
  beat bigint not null default 0,
  lease_ms integer not null constraint workers_lease_positive check (lease_ms > 0),
  slot_count integer not null default 0 constraint workers_slots_not_negative check (slot_count >= 0),
  busy_count integer not null default 0,
  finished_count bigint not null default 0,
  failed_count bigint not null default 0,
  memory_bytes bigint not null default 0,
  version text not null default '',
  command text,
  started_at timestamptz not null,
  seen_at timestamptz not null,
  ended_at timestamptz,
  end_reason text
);
create index workers_state_seen_at on workers (state, seen_at);

create table queues (
  name text constraint queues_pkey primary key
    constraint queues_name_short check (length(name) between 1 and 64),
  mode text not null default 'open'
    constraint queues_mode_known check (mode in ('open', 'paused', 'draining')),
  changed_by text,
  updated_at timestamptz not null
);

create table tasks (
  id uuid constraint tasks_pkey primary key,
  kind text not null constraint tasks_kind_short check (length(kind) between 1 and 128),
  worker_kind text not null
    constraint tasks_worker_kind_known check (worker_kind in ('engine', 'general')),
  queue text not null constraint tasks_queue_short check (length(queue) between 1 and 64),
  priority smallint not null constraint tasks_priority_range check (priority between 0 and 10),
  tenant text not null default '' constraint tasks_tenant_short check (length(tenant) <= 128),
  state text not null constraint tasks_state_known
    check (state in ('scheduled', 'available', 'running', 'retryable')),
  token bigint not null default 0,
  attempt smallint not null default 0 constraint tasks_attempt_not_negative check (attempt >= 0),
  attempt_count_max smallint not null constraint tasks_attempts_positive
    check (attempt_count_max between 1 and 100),
  crash_count smallint not null default 0,
  runs_alone boolean not null default false,
  is_cancel_requested boolean not null default false,
  args jsonb not null default '{}',
  errors jsonb not null default '[]',
  progress double precision not null default 0
    constraint tasks_progress_range check (progress between 0 and 1),
  unique_key text constraint tasks_unique_key_short check (length(unique_key) between 1 and 256),
  job_id uuid constraint tasks_job references jobs (id) on delete cascade,
  request_id text,
  worker_id uuid,
  timeout_s integer constraint tasks_timeout_positive check (timeout_s > 0),
  run_at timestamptz not null,
  claimed_at timestamptz,
  created_at timestamptz not null,
  constraint tasks_running_has_worker check ((state = 'running') = (worker_id is not null))
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

create table task_checkpoints (
  task_id uuid not null
    constraint task_checkpoints_task references tasks (id) on delete cascade,
  position integer not null constraint task_checkpoints_position_not_negative check (position >= 0),
  data jsonb not null,
  created_at timestamptz not null,
  constraint task_checkpoints_pkey primary key (task_id, position)
);

create table task_history (
  id uuid constraint task_history_pkey primary key,
  kind text not null,
  worker_kind text not null,
  queue text not null,
  priority smallint not null,
  tenant text not null,
  state text not null constraint task_history_state_known
    check (state in ('completed', 'cancelled', 'discarded', 'quarantined')),
  token bigint not null,
  attempt smallint not null,
  attempt_count_max smallint not null,
  crash_count smallint not null,
  args jsonb,
  errors jsonb,
  result jsonb,
  unique_key text,
  job_id uuid constraint task_history_job references jobs (id) on delete set null,
  request_id text,
  worker_id uuid,
  timeout_s integer,
  run_at timestamptz not null,
  claimed_at timestamptz,
  created_at timestamptz not null,
  finished_at timestamptz not null
);

create table schedules (
  name text constraint schedules_pkey primary key
    constraint schedules_name_short check (length(name) between 1 and 128),
  cron text not null,
  time_zone text not null,
  kind text not null,
  args jsonb not null default '{}',
  is_active boolean not null default true,
  missed text not null default 'once'
    constraint schedules_missed_known check (missed in ('once', 'skip')),
  last_slot_at timestamptz,
  last_task_id uuid,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
-- upgrade sqlite
create table workers (
  id text not null primary key,
  name text not null,
  host text not null,
  pid integer not null,
  worker_kind text not null constraint workers_kind_known check (worker_kind in ('engine', 'general')),
  state text not null constraint workers_state_known
    check (state in ('running', 'stopping', 'stopped', 'dead')),
  beat integer not null default 0,
  lease_ms integer not null constraint workers_lease_positive check (lease_ms > 0),
  slot_count integer not null default 0 constraint workers_slots_not_negative check (slot_count >= 0),
  busy_count integer not null default 0,
  finished_count integer not null default 0,
  failed_count integer not null default 0,
  memory_bytes integer not null default 0,
  version text not null default '',
  command text,
  started_at text not null,
  seen_at text not null,
  ended_at text,
  end_reason text
) strict;
create index workers_state_seen_at on workers (state, seen_at);

create table queues (
  name text not null primary key
    constraint queues_name_short check (length(name) between 1 and 64),
  mode text not null default 'open'
    constraint queues_mode_known check (mode in ('open', 'paused', 'draining')),
  changed_by text,
  updated_at text not null
) strict;

create table tasks (
  id text not null primary key,
  kind text not null constraint tasks_kind_short check (length(kind) between 1 and 128),
  worker_kind text not null
    constraint tasks_worker_kind_known check (worker_kind in ('engine', 'general')),
  queue text not null constraint tasks_queue_short check (length(queue) between 1 and 64),
  priority integer not null constraint tasks_priority_range check (priority between 0 and 10),
  tenant text not null default '' constraint tasks_tenant_short check (length(tenant) <= 128),
  state text not null constraint tasks_state_known
    check (state in ('scheduled', 'available', 'running', 'retryable')),
  token integer not null default 0,
  attempt integer not null default 0 constraint tasks_attempt_not_negative check (attempt >= 0),
  attempt_count_max integer not null constraint tasks_attempts_positive
    check (attempt_count_max between 1 and 100),
  crash_count integer not null default 0,
  runs_alone integer not null default 0 constraint tasks_runs_alone_bool check (runs_alone in (0, 1)),
  is_cancel_requested integer not null default 0
    constraint tasks_is_cancel_requested_bool check (is_cancel_requested in (0, 1)),
  args text not null default '{}' constraint tasks_args_json check (json_valid(args)),
  errors text not null default '[]' constraint tasks_errors_json check (json_valid(errors)),
  progress real not null default 0
    constraint tasks_progress_range check (progress between 0 and 1),
  unique_key text constraint tasks_unique_key_short check (length(unique_key) between 1 and 256),
  job_id text constraint tasks_job references jobs (id) on delete cascade,
  request_id text,
  worker_id text,
  timeout_s integer constraint tasks_timeout_positive check (timeout_s > 0),
  run_at text not null,
  claimed_at text,
  created_at text not null,
  constraint tasks_running_has_worker check ((state = 'running') = (worker_id is not null))
) strict;

create table task_checkpoints (
  task_id text not null
    constraint task_checkpoints_task references tasks (id) on delete cascade,
  position integer not null constraint task_checkpoints_position_not_negative check (position >= 0),
  data text not null constraint task_checkpoints_data_json check (json_valid(data)),
  created_at text not null,
  constraint task_checkpoints_pkey primary key (task_id, position)
) strict;

create table task_history (
  id text not null primary key,
  kind text not null,
  worker_kind text not null,
  queue text not null,
  priority integer not null,
  tenant text not null,
  state text not null constraint task_history_state_known
    check (state in ('completed', 'cancelled', 'discarded', 'quarantined')),
  token integer not null,
  attempt integer not null,
  attempt_count_max integer not null,
  crash_count integer not null,
  args text,
  errors text,
  result text,
  unique_key text,
  job_id text constraint task_history_job references jobs (id) on delete set null,
  request_id text,
  worker_id text,
  timeout_s integer,
  run_at text not null,
  claimed_at text,
  created_at text not null,
  finished_at text not null
) strict;

create table schedules (
  name text not null primary key
    constraint schedules_name_short check (length(name) between 1 and 128),
  cron text not null,
  time_zone text not null,
  kind text not null,
  args text not null default '{}' constraint schedules_args_json check (json_valid(args)),
  is_active integer not null default 1 constraint schedules_is_active_bool check (is_active in (0, 1)),
  missed text not null default 'once'
    constraint schedules_missed_known check (missed in ('once', 'skip')),
  last_slot_at text,
  last_task_id text,
  created_at text not null,
  updated_at text not null
) strict;
-- upgrade
-- What a claim reads: for each lane (priority and tenant of a queue) the tasks in their order.
create index tasks_ready on tasks (worker_kind, queue, priority, tenant, run_at, id)
  where state = 'available' and not runs_alone;
create index tasks_ready_alone on tasks (worker_kind, priority, run_at, id)
  where state = 'available' and runs_alone;
create index tasks_waiting on tasks (run_at) where state in ('scheduled', 'retryable');
create index tasks_running on tasks (worker_id) where state = 'running';
create index tasks_job_id on tasks (job_id) where job_id is not null;
create unique index tasks_unique_key on tasks (unique_key) where unique_key is not null;
create index task_history_finished_at on task_history (finished_at);
create index task_history_state_finished_at on task_history (state, finished_at);
create index task_history_kind_finished_at on task_history (kind, finished_at);
create index task_history_job_id on task_history (job_id) where job_id is not null;

-- downgrade
drop table schedules;
drop table task_history;
drop table task_checkpoints;
drop table tasks;
drop table queues;
drop table workers;
