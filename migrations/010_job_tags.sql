-- revision: b31f7ac6520e
-- revises: 4f81c2d09a6b
-- message: tags of jobs
-- created: 2026-11-22 01:00:00+00:00

-- upgrade postgresql
-- What people call groups of jobs: folders of the library, of which a job may be in several.
create table job_tags (
  job_id uuid not null
    constraint job_tags_job_id_fkey references jobs (id) on delete cascade,
  tag text not null constraint job_tags_tag_length check (length(tag) between 1 and 50),
  constraint job_tags_pkey primary key (job_id, tag)
);
create index job_tags_tag on job_tags (tag, job_id);

-- upgrade sqlite
-- What people call groups of jobs: folders of the library, of which a job may be in several.
create table job_tags (
  job_id text not null
    constraint job_tags_job_id_fkey references jobs (id) on delete cascade,
  tag text not null constraint job_tags_tag_length check (length(tag) between 1 and 50),
  constraint job_tags_pkey primary key (job_id, tag)
) strict, without rowid;
create index job_tags_tag on job_tags (tag, job_id);

-- downgrade
drop table job_tags;
