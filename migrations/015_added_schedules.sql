-- revision: 93d0b7f41c2a
-- revises: 2f6a91c3d84e
-- message: schedules that people add, and those they switch off
-- created: 2026-11-22 12:05:00+00:00

-- upgrade postgresql
-- Who says what runs and when: the configuration, or somebody by the API.
alter table schedules add column origin text not null default 'configured'
  constraint schedules_origin_known check (origin in ('configured', 'added'));
-- Somebody switched it off; a configured one stays in the configuration.
alter table schedules add column is_paused boolean not null default false;

-- upgrade sqlite
-- Who says what runs and when: the configuration, or somebody by the API.
alter table schedules add column origin text not null default 'configured'
  constraint schedules_origin_known check (origin in ('configured', 'added'));
-- Somebody switched it off; a configured one stays in the configuration.
alter table schedules add column is_paused integer not null default 0
  constraint schedules_is_paused_bool check (is_paused in (0, 1));

-- downgrade
delete from schedules where origin = 'added';
alter table schedules drop column is_paused;
alter table schedules drop column origin;
