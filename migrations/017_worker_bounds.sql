-- revision: 5b81e6f20d97
-- revises: d84c1e6b07a5
-- message: bounds of slots that are set while workers run
-- created: 2026-11-22 15:56:00+00:00

-- upgrade postgresql
-- What somebody has set while workers run; without a row each worker has its own configuration.
create table worker_bounds (
  worker_kind text constraint worker_bounds_pkey primary key
    constraint worker_bounds_kind_known check (worker_kind in ('engine', 'general')),
  slot_count_min integer not null
    constraint worker_bounds_min_positive check (slot_count_min > 0),
  slot_count_max integer not null
    constraint worker_bounds_max_range check (slot_count_max <= 1000),
  changed_by text not null
    constraint worker_bounds_changed_by_length check (length(changed_by) <= 200),
  updated_at timestamptz not null,
  constraint worker_bounds_in_order check (slot_count_min <= slot_count_max)
);

-- upgrade sqlite
-- What somebody has set while workers run; without a row each worker has its own configuration.
create table worker_bounds (
  worker_kind text not null primary key
    constraint worker_bounds_kind_known check (worker_kind in ('engine', 'general')),
  slot_count_min integer not null
    constraint worker_bounds_min_positive check (slot_count_min > 0),
  slot_count_max integer not null
    constraint worker_bounds_max_range check (slot_count_max <= 1000),
  changed_by text not null
    constraint worker_bounds_changed_by_length check (length(changed_by) <= 200),
  updated_at text not null,
  constraint worker_bounds_in_order check (slot_count_min <= slot_count_max)
) strict;

-- upgrade
-- Between which its slots follow the load just now, and those beside them; 0: an older katip, which
-- does not say.
alter table workers add column slot_count_min integer not null default 0;
alter table workers add column slot_count_max integer not null default 0;
alter table workers add column critical_slot_count integer not null default 0;

-- downgrade
alter table workers drop column critical_slot_count;
alter table workers drop column slot_count_max;
alter table workers drop column slot_count_min;
drop table worker_bounds;
