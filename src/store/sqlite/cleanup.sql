-- name: media_files
select id, media_key as file_key from jobs where id > $1 and media_key is not null order by id limit $2;

-- name: upload_files
select id, storage_key as file_key from uploads where id > $1 order by id limit $2;

-- name: count_expired_jobs
select count(*) from jobs where expires_at <= $1 and completed_at is not null;

-- name: count_expired_uploads
select count(*) from uploads where expires_at <= $1;

-- name: count_old_history
select count(*) from task_history where finished_at < $1;

-- name: count_audit_records
select count(*) from audit_log where created_at < $1;

-- name: database_room
select (select page_count from pragma_page_count) * (select page_size from pragma_page_size) as size,
       (select freelist_count from pragma_freelist_count) * (select page_size from pragma_page_size)
         as unused;
