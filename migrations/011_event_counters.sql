-- revision: b3d5f0717c42
-- revises: b31f7ac6520e
-- message: counters of all processes
-- created: 2026-11-22 01:25:00+00:00

-- upgrade postgresql
-- What happened in all processes, server and workers, since ever: counters of /metrics.
create table event_counters (
  name text not null
    constraint event_counters_name_length check (length(name) between 1 and 100),
  label text not null default ''
    constraint event_counters_label_length check (length(label) <= 100),
  value double precision not null default 0
    constraint event_counters_value_range check (value >= 0),
  constraint event_counters_pkey primary key (name, label)
);

-- upgrade sqlite
-- What happened in all processes, server and workers, since ever: counters of /metrics.
create table event_counters (
  name text not null
    constraint event_counters_name_length check (length(name) between 1 and 100),
  label text not null default ''
    constraint event_counters_label_length check (length(label) <= 100),
  value real not null default 0
    constraint event_counters_value_range check (value >= 0),
  constraint event_counters_pkey primary key (name, label)
) strict;

-- downgrade
drop table event_counters;
