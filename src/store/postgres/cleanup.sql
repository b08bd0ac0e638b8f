-- name: media_files
select id, media_key as file_key from jobs
 where id > $1::uuid and media_key is not null order by id limit $2;

-- name: upload_files
select id, storage_key as file_key from uploads where id > $1::uuid order by id limit $2;

-- name: count_expired_jobs
select count(*) from jobs where expires_at <= $1::timestamptz and completed_at is not null;

-- name: count_expired_uploads
select count(*) from uploads where expires_at <= $1::timestamptz;

-- name: count_old_history
select count(*) from task_history where finished_at < $1::timestamptz;

-- name: count_audit_records
select count(*) from audit_log where created_at < $1::timestamptz;

-- name: database_room
-- Dead rows take as much as those that live.
select pg_database_size(current_database()) as size,
       (select coalesce(sum(pg_relation_size(relid) * n_dead_tup
                            / greatest(n_live_tup + n_dead_tup, 1)), 0)::bigint
          from pg_stat_user_tables) as unused;
