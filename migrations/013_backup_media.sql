-- revision: 8c41d7e2a05f
-- revises: 5b1e9f04c7d3
-- message: the recordings of backups
-- created: 2026-11-22 08:05:00+00:00

-- upgrade postgresql
-- How many recordings a backup has, and their bytes where backups lie. Null: none came along.
alter table backups add column media_count bigint
  constraint backups_media_count_range check (media_count >= 0);
alter table backups add column media_size bigint
  constraint backups_media_size_range check (media_size >= 0);

-- upgrade sqlite
-- How many recordings a backup has, and their bytes where backups lie. Null: none came along.
alter table backups add column media_count integer
  constraint backups_media_count_range check (media_count >= 0);
alter table backups add column media_size integer
  constraint backups_media_size_range check (media_size >= 0);

-- downgrade
alter table backups drop column media_size;
alter table backups drop column media_count;
