-- revision: 4f81c2d09a6b
-- revises: 4e8b61d9a3c7
-- message: figures over time
-- created: 2026-11-22 00:45:00+00:00

-- upgrade postgresql
-- How the installation did, minute by minute, and in coarser steps for longer. What is counted is
-- summed up over the step; what is measured is the mean of its minutes. request_counts: how many
-- requests took so long, for the buckets of app/stats/latency_counts.h.
create table stats_samples (
  step_s integer not null constraint stats_samples_step_known check (step_s in (60, 900, 3600)),
  begins_at timestamptz(3) not null,
  minute_count integer not null
    constraint stats_samples_minute_count_range check (minute_count between 1 and 60),
  queues jsonb not null default '{}'
    constraint stats_samples_queues_object check (jsonb_typeof(queues) = 'object'),
  worker_count double precision not null default 0
    constraint stats_samples_worker_count_range check (worker_count >= 0),
  tasks_completed bigint not null default 0
    constraint stats_samples_tasks_completed_range check (tasks_completed >= 0),
  tasks_failed bigint not null default 0
    constraint stats_samples_tasks_failed_range check (tasks_failed >= 0),
  task_wait_s double precision not null default 0
    constraint stats_samples_task_wait_range check (task_wait_s >= 0),
  task_run_s double precision not null default 0
    constraint stats_samples_task_run_range check (task_run_s >= 0),
  jobs_completed bigint not null default 0
    constraint stats_samples_jobs_completed_range check (jobs_completed >= 0),
  jobs_failed bigint not null default 0
    constraint stats_samples_jobs_failed_range check (jobs_failed >= 0),
  audio_s double precision not null default 0
    constraint stats_samples_audio_range check (audio_s >= 0),
  processing_s double precision not null default 0
    constraint stats_samples_processing_range check (processing_s >= 0),
  request_failures bigint not null default 0
    constraint stats_samples_request_failures_range check (request_failures >= 0),
  request_counts jsonb not null default '[]'
    constraint stats_samples_request_counts_array check (jsonb_typeof(request_counts) = 'array'),
  constraint stats_samples_pkey primary key (step_s, begins_at)
);

-- upgrade sqlite
-- How the installation did, minute by minute, and in coarser steps for longer. What is counted is
-- summed up over the step; what is measured is the mean of its minutes. request_counts: how many
-- requests took so long, for the buckets of app/stats/latency_counts.h.
create table stats_samples (
  step_s integer not null constraint stats_samples_step_known check (step_s in (60, 900, 3600)),
  begins_at text not null,
  minute_count integer not null
    constraint stats_samples_minute_count_range check (minute_count between 1 and 60),
  queues text not null default '{}'
    constraint stats_samples_queues_object check (json_valid(queues) and json_type(queues) = 'object'),
  worker_count real not null default 0
    constraint stats_samples_worker_count_range check (worker_count >= 0),
  tasks_completed integer not null default 0
    constraint stats_samples_tasks_completed_range check (tasks_completed >= 0),
  tasks_failed integer not null default 0
    constraint stats_samples_tasks_failed_range check (tasks_failed >= 0),
  task_wait_s real not null default 0
    constraint stats_samples_task_wait_range check (task_wait_s >= 0),
  task_run_s real not null default 0
    constraint stats_samples_task_run_range check (task_run_s >= 0),
  jobs_completed integer not null default 0
    constraint stats_samples_jobs_completed_range check (jobs_completed >= 0),
  jobs_failed integer not null default 0
    constraint stats_samples_jobs_failed_range check (jobs_failed >= 0),
  audio_s real not null default 0
    constraint stats_samples_audio_range check (audio_s >= 0),
  processing_s real not null default 0
    constraint stats_samples_processing_range check (processing_s >= 0),
  request_failures integer not null default 0
    constraint stats_samples_request_failures_range check (request_failures >= 0),
  request_counts text not null default '[]'
    constraint stats_samples_request_counts_array
      check (json_valid(request_counts) and json_type(request_counts) = 'array'),
  constraint stats_samples_pkey primary key (step_s, begins_at),
  constraint stats_samples_times
    check (begins_at is strftime('%Y-%m-%dT%H:%M:%fZ', begins_at))
) strict;

-- downgrade
drop table stats_samples;
