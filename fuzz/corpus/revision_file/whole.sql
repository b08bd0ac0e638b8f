-- revision: 7f1d2c4b6a80
-- revises: 
-- message: converted sounds
-- created: 2026-11-21 17:30:00+00:00

-- upgrade postgresql
-- Sounds that other systems hand over for conversion, under their own numbers.
create table converted_sounds (
  uuid uuid constraint converted_sounds_pkey primary key,
  talent_id text
    constraint converted_sounds_talent_id_length check (length(talent_id) between 1 and 64),
  acc_id text constraint converted_sounds_acc_id_length check (length(acc_id) between 1 and 64),
  status text not null default 'queued'
    constraint converted_sounds_status_known
      check (status in ('queued', 'processing', 'completed', 'failed', 'cancelled')),
  file_name text
    constraint converted_sounds_file_name_length check (length(file_name) between 1 and 500),
  source_url text
    constraint converted_sounds_source_url_length check (length(source_url) between 1 and 2048),
  duration_s double precision constraint converted_sounds_duration_s_range check (duration_s >= 0),
  language text
    constraint converted_sounds_language_length check (length(language) between 1 and 16),
  model text constraint converted_sounds_model_length check (length(model) between 1 and 100),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  transcript text,
  error text constraint converted_sounds_error_length check (length(error) between 1 and 4000),
  constraint converted_sounds_failed_has_error check (status <> 'failed' or error is not null),
  constraint converted_sounds_completed_has_transcript
    check (status <> 'completed' or transcript is not null)
);

-- upgrade sqlite
-- Sounds that other systems hand over for conversion, under their own numbers.
create table converted_sounds (
  uuid text not null constraint converted_sounds_pkey primary key,
  talent_id text
    constraint converted_sounds_talent_id_length check (length(talent_id) between 1 and 64),
  acc_id text constraint converted_sounds_acc_id_length check (length(acc_id) between 1 and 64),
  status text not null default 'queued'
    constraint converted_sounds_status_known
      check (status in ('queued', 'processing', 'completed', 'failed', 'cancelled')),
  file_name text
    constraint converted_sounds_file_name_length check (length(file_name) between 1 and 500),
  source_url text
    constraint converted_sounds_source_url_length check (length(source_url) between 1 and 2048),
  duration_s real constraint converted_sounds_duration_s_range check (duration_s >= 0),
  language text
    constraint converted_sounds_language_length check (length(language) between 1 and 16),
  model text constraint converted_sounds_model_length check (length(model) between 1 and 100),
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  updated_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  transcript text,
  error text constraint converted_sounds_error_length check (length(error) between 1 and 4000),
  constraint converted_sounds_failed_has_error check (status <> 'failed' or error is not null),
  constraint converted_sounds_completed_has_transcript
    check (status <> 'completed' or transcript is not null),
  constraint converted_sounds_ids check (uuid glob '????????-????-????-????-????????????'),
  constraint converted_sounds_times check (
    created_at is strftime('%Y-%m-%dT%H:%M:%fZ', created_at)
    and updated_at is strftime('%Y-%m-%dT%H:%M:%fZ', updated_at))
) strict;

-- upgrade
create index converted_sounds_talent_id on converted_sounds (talent_id);
create index converted_sounds_acc_id on converted_sounds (acc_id);
create index converted_sounds_status on converted_sounds (status);

-- downgrade
drop table converted_sounds;
