-- revision: 2f6a91c3d84e
-- revises: 8c41d7e2a05f
-- message: which jobs have the same recording
-- created: 2026-11-22 11:50:00+00:00

-- upgrade
-- A recording that is transcribed again belongs to several jobs, and goes with the last of them.
-- A million keys are read in a second or two; all or nothing is worth more.
-- katip: allow index-without-concurrently
create index jobs_media_key on jobs (media_key) where media_key is not null;

-- downgrade
drop index jobs_media_key;
