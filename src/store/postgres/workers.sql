-- Workers and schedules.

-- name: insert_worker
insert into workers (id, name, host, pid, worker_kind, state, lease_ms, slot_count, version, started_at,
                     seen_at, slot_count_min, slot_count_max, critical_slot_count)
values ($1::uuid, $2, $3, $4, $5, 'running', $6, $7, $8, $9::timestamptz, $9::timestamptz, $10, $11, $12);

-- name: renew_worker
-- No row: somebody has declared this worker dead.
update workers set beat = beat + 1, seen_at = $2::timestamptz, slot_count = $3, busy_count = $4,
       finished_count = $5, failed_count = $6, memory_bytes = $7, slot_count_min = $8,
       slot_count_max = $9
 where id = $1::uuid and state in ('running', 'stopping')
returning state, command;

-- name: set_worker_stopping
update workers set state = 'stopping' where id = $1::uuid and state = 'running';

-- name: end_worker
-- $2 is stopped or dead; $5 the beat that was seen, or null for whoever knows better.
update workers set state = $2, end_reason = $3, ended_at = $4::timestamptz
 where id = $1::uuid and state in ('running', 'stopping')
   and (cast($5 as bigint) is null or beat = cast($5 as bigint))
returning id;

-- name: list_beats
select id, beat, lease_ms from workers where state in ('running', 'stopping') order by id;

-- name: list_workers
select id, name, host, pid, worker_kind, state, slot_count, busy_count, finished_count, failed_count,
       memory_bytes, version, started_at, seen_at, ended_at, end_reason, slot_count_min, slot_count_max,
       critical_slot_count
  from workers where state in ('running', 'stopping') or seen_at >= $1::timestamptz
 order by state in ('running', 'stopping') desc, started_at desc, id limit $2;

-- name: send_command
update workers set command = $2 where id = $1::uuid and state in ('running', 'stopping');

-- name: list_worker_bounds
select worker_kind, slot_count_min, slot_count_max, changed_by, updated_at
  from worker_bounds order by worker_kind;

-- name: put_worker_bounds
insert into worker_bounds (worker_kind, slot_count_min, slot_count_max, changed_by, updated_at)
values ($1, $2, $3, $4, $5::timestamptz)
on conflict (worker_kind) do update
   set slot_count_min = excluded.slot_count_min, slot_count_max = excluded.slot_count_max,
       changed_by = excluded.changed_by, updated_at = excluded.updated_at;

-- name: delete_worker_bounds
delete from worker_bounds where worker_kind = $1;

-- name: prune_workers
delete from workers where state in ('stopped', 'dead') and seen_at < $1::timestamptz
   and not exists (select 1 from tasks where tasks.state = 'running' and tasks.worker_id = workers.id);

-- name: put_schedule
-- A schedule that is new, or has rested, or runs at other times than before, begins now: what was
-- before is not missed.
insert into schedules (name, cron, time_zone, kind, args, is_active, missed, last_slot_at, created_at,
                       updated_at)
values ($1, $2, $3, $4, $5::jsonb, $6::integer <> 0, $7, $8::timestamptz, $8::timestamptz,
        $8::timestamptz)
on conflict (name) do update
   set cron = excluded.cron, time_zone = excluded.time_zone, kind = excluded.kind,
       args = excluded.args, is_active = excluded.is_active, missed = excluded.missed,
       origin = 'configured', updated_at = excluded.updated_at,
       last_slot_at = case
         when schedules.is_active and schedules.cron = excluded.cron
              and schedules.time_zone = excluded.time_zone then schedules.last_slot_at
         else greatest(schedules.last_slot_at, excluded.last_slot_at) end;

-- name: list_schedules
select name, cron, time_zone, kind, args, is_active, missed, last_slot_at, last_task_id, origin,
       is_paused
  from schedules order by name;

-- name: fire_schedule
-- One row for the one who takes this slot. Who has the schedule serves it, whatever an older server that
-- does not know it has said. $1 name, $2 slot, $3 task.
update schedules set is_active = true, last_slot_at = $2::timestamptz,
       last_task_id = cast($3 as uuid)
 where name = $1 and last_slot_at < $2::timestamptz and not is_paused
returning name;

-- name: deactivate_other_schedules
-- What the configuration no longer names. $1 JSON list of names, $2 now.
update schedules set is_active = false, updated_at = $2::timestamptz
 where is_active and origin = 'configured'
   and name not in (select jsonb_array_elements_text($1::jsonb))
returning name;

-- name: put_added_schedule
-- No row: the name is one of the configuration. What runs at other times than before begins now.
insert into schedules (name, cron, time_zone, kind, args, missed, last_slot_at, created_at, updated_at,
                       origin)
values ($1, $2, $3, $4, $5::jsonb, $6, $7::timestamptz, $7::timestamptz, $7::timestamptz, 'added')
on conflict (name) do update
   set cron = excluded.cron, time_zone = excluded.time_zone, kind = excluded.kind,
       args = excluded.args, missed = excluded.missed, updated_at = excluded.updated_at,
       is_active = true, origin = 'added',
       last_slot_at = greatest(schedules.last_slot_at, excluded.last_slot_at)
 where schedules.origin = 'added' or not schedules.is_active
returning name;

-- name: set_schedule_paused
-- Slots that passed while it was switched off are not missed. $1 name, $2 paused, $3 now.
update schedules set is_paused = $2::integer <> 0, updated_at = $3::timestamptz,
       last_slot_at = greatest(last_slot_at, $3::timestamptz)
 where name = $1
returning name;

-- name: delete_added_schedule
delete from schedules where name = $1 and (origin = 'added' or not is_active) returning name;
