-- Resumable uploads.

-- name: insert_upload
insert into uploads (id, size, file_name, media_type, storage_key, api_key_id, submitted_by,
                     metadata, created_at, updated_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10);

-- name: find_upload
select id, status, size, received_size, file_name, media_type, submitted_by, api_key_id,
       storage_key, metadata, created_at, expires_at
  from uploads where id = $1;

-- name: set_upload_size
update uploads set size = $2, updated_at = $3
 where id = $1 and size is null and received_size <= $2;

-- name: advance_upload
update uploads set received_size = $3, updated_at = $4, expires_at = $5,
                   status = case when size = $3 then 'completed' else 'receiving' end
 where id = $1 and received_size = $2 and status = 'receiving';

-- name: use_upload
update uploads set status = 'used', job_id = $2, updated_at = $3
 where id = $1 and status = 'completed';

-- name: delete_upload
delete from uploads where id = $1;

-- name: delete_expired_uploads
delete from uploads
 where id in (select id from uploads where expires_at <= $1 order by expires_at limit $2)
returning id, status, size, received_size, file_name, media_type, submitted_by, api_key_id,
          storage_key, metadata, created_at, expires_at;

-- name: held_upload_size
-- $1 whose (null: of nobody), $2 now. Bytes that uploads without a job have or will have.
select coalesce(sum(coalesce(size, received_size)), 0) from uploads
 where status in ('receiving', 'completed') and submitted_by is $1 and expires_at > $2;
