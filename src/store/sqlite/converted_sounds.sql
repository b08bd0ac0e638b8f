-- Sounds of other systems: see converted_sound_store.h.

-- name: insert_converted_sound
insert into converted_sounds (uuid, talent_id, acc_id, status, file_name, source_url, duration_s, language,
                              model, transcript, error, job_id, submitted_by, created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14);

-- name: update_converted_sound
update converted_sounds set talent_id = $2, acc_id = $3, status = $4, file_name = $5, source_url = $6,
                            duration_s = $7, language = $8, model = $9, transcript = $10, error = $11,
                            job_id = $12, updated_at = $13
 where uuid = $1;

-- name: delete_converted_sound
delete from converted_sounds where uuid = $1;

-- name: select_converted_sounds
select t.uuid as id, t.talent_id, t.acc_id, t.status, t.file_name, t.source_url, t.duration_s,
       t.language, t.model, t.transcript, t.error, t.job_id, t.submitted_by, t.created_at, t.updated_at
  from converted_sounds as t where true

-- name: sounds_with_id
and t.uuid = $?

-- name: sounds_with_talent_id
and t.talent_id = $?

-- name: sounds_with_acc_id
and t.acc_id = $?

-- name: sounds_with_status
and t.status = $?

-- name: sounds_with_owner
and t.submitted_by = $?

-- name: sounds_created_from
and t.created_at >= $?

-- name: sounds_created_before
and t.created_at < $?

-- name: sounds_after
and (t.created_at, t.uuid) < ($?, $?)

-- name: sounds_in_order
order by t.created_at desc, t.uuid desc limit $?
