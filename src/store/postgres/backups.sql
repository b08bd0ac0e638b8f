-- name: list_tables
select tablename as name from pg_tables where schemaname = current_schema() order by tablename;

-- name: put_backup
insert into backups (id, kind, status, database_kind, file_name, size, sha256, schema_head,
                     is_encrypted, started_at, completed_at, verified_at, error, row_counts,
                     media_count, media_size)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
on conflict (id) do update
   set status = excluded.status, size = excluded.size, sha256 = excluded.sha256,
       schema_head = excluded.schema_head, is_encrypted = excluded.is_encrypted,
       completed_at = excluded.completed_at, verified_at = excluded.verified_at,
       error = excluded.error, row_counts = excluded.row_counts,
       media_count = excluded.media_count, media_size = excluded.media_size;

-- name: find_backup
select * from backups where id = $1;

-- name: list_backups
select * from backups order by started_at desc, id desc limit $1;

-- name: delete_backup
delete from backups where id = $1;
