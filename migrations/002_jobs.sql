-- revision: 3b9e5d7a1c24
-- revises: 7f1d2c4b6a80
-- message: API keys, lexicon, jobs with full-text search, feedback
-- created: 2026-11-21 17:30:00+00:00

-- upgrade postgresql
-- The words of a row as an index reads them: `folded` is what the program has prepared (lower case,
-- without accents); the stems are Turkish, of the text as people wrote it, whose capitals are made
-- small here, since no locale of the server needs to know of I and İ. More than a tsvector can hold
-- is cut, so that no transcript is refused for its length.
create function katip_search_vector(original text, folded text) returns tsvector
language plpgsql immutable parallel safe as $$
begin
  return to_tsvector('pg_catalog.simple', folded)
         || to_tsvector('pg_catalog.turkish',
                        translate(coalesce(original, ''), 'IİÇĞÖŞÜÂÎÛ', 'ıiçğöşüâîû'));
exception when program_limit_exceeded then
  return to_tsvector('pg_catalog.simple', left(folded, 100000));
end
$$;
-- Keys are shown once, when they are made; here is only what they can be recognised by.
create table api_keys (
  id uuid constraint api_keys_pkey primary key,
  name text not null constraint api_keys_name_length check (length(name) between 1 and 200),
  key_prefix text not null
    constraint api_keys_key_prefix_length check (length(key_prefix) between 4 and 32),
  key_hash text not null constraint api_keys_key_hash_key unique
    constraint api_keys_key_hash_sha256 check (key_hash ~ '^[0-9a-f]{64}$'),
  owner text constraint api_keys_owner_length check (length(owner) between 1 and 200),
  scopes jsonb not null default '[]'
    constraint api_keys_scopes_json check (jsonb_typeof(scopes) = 'array'),
  rate_limit_per_minute integer
    constraint api_keys_rate_limit_per_minute_range check (rate_limit_per_minute >= 1),
  daily_audio_seconds_limit integer
    constraint api_keys_daily_audio_seconds_limit_range check (daily_audio_seconds_limit >= 1),
  priority_default integer
    constraint api_keys_priority_default_range check (priority_default between 0 and 10),
  is_active boolean not null default true,
  expires_at timestamptz(3),
  last_used_at timestamptz(3),
  usage_count bigint not null default 0
    constraint api_keys_usage_count_range check (usage_count >= 0),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);

-- Names and terms to expect. A language of '' stands for every language.
create table lexicon_terms (
  id uuid constraint lexicon_terms_pkey primary key,
  term text not null constraint lexicon_terms_term_length check (length(term) between 1 and 200),
  normalized_term text not null
    constraint lexicon_terms_normalized_term_length
      check (length(normalized_term) between 1 and 200),
  category text not null default 'general'
    constraint lexicon_terms_category_length check (length(category) between 1 and 50),
  language text not null default ''
    constraint lexicon_terms_language_length check (length(language) <= 16),
  frequency bigint not null default 0
    constraint lexicon_terms_frequency_range check (frequency >= 0),
  weight double precision not null default 1
    constraint lexicon_terms_weight_range check (weight > 0 and weight <= 100),
  alternatives jsonb not null default '[]'
    constraint lexicon_terms_alternatives_json check (jsonb_typeof(alternatives) = 'array'),
  source text not null default 'manual'
    constraint lexicon_terms_source_known check (source in ('manual', 'learned', 'imported')),
  status text not null default 'active'
    constraint lexicon_terms_status_known check (status in ('active', 'suggested', 'rejected')),
  is_active boolean not null default true,
  created_by text
    constraint lexicon_terms_created_by_length check (length(created_by) between 1 and 200),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  constraint lexicon_terms_only_active_is_used check (status = 'active' or not is_active)
);

-- What people asked for. Small columns stand first: SQLite reads a row from its beginning, and a
-- list of jobs must not walk through transcripts. What is searched is search_text, the words of
-- name and text in lower case and without accents, which the program writes.
create table jobs (
  id uuid constraint jobs_pkey primary key,
  job_id text not null constraint jobs_job_id_key unique
    constraint jobs_job_id_length check (length(job_id) between 1 and 64),
  status text not null default 'queued'
    constraint jobs_status_known
      check (status in ('queued', 'processing', 'completed', 'failed', 'cancelled')),
  kind text not null default 'transcription'
    constraint jobs_kind_length check (length(kind) between 1 and 50),
  priority integer not null default 5
    constraint jobs_priority_range check (priority between 0 and 10),
  progress double precision not null default 0
    constraint jobs_progress_range check (progress between 0 and 1),
  created_at timestamptz(3) not null default now(),
  started_at timestamptz(3),
  completed_at timestamptz(3),
  updated_at timestamptz(3) not null default now(),
  expires_at timestamptz(3),
  api_key_id uuid constraint jobs_api_key_id_fkey references api_keys (id) on delete set null,
  submitted_by text
    constraint jobs_submitted_by_length check (length(submitted_by) between 1 and 200),
  language text constraint jobs_language_length check (length(language) between 1 and 16),
  detected_language text
    constraint jobs_detected_language_length check (length(detected_language) between 1 and 16),
  model_name text constraint jobs_model_name_length check (length(model_name) between 1 and 200),
  engine text constraint jobs_engine_length check (length(engine) between 1 and 50),
  audio_duration_s double precision
    constraint jobs_audio_duration_s_range check (audio_duration_s >= 0),
  sample_rate integer constraint jobs_sample_rate_range check (sample_rate between 1 and 10000000),
  channels integer constraint jobs_channels_range check (channels between 1 and 1024),
  file_size bigint constraint jobs_file_size_range check (file_size >= 0),
  media_type text constraint jobs_media_type_length check (length(media_type) between 1 and 127),
  media_sha256 text constraint jobs_media_sha256_sha256 check (media_sha256 ~ '^[0-9a-f]{64}$'),
  media_key text constraint jobs_media_key_length check (length(media_key) between 1 and 1024),
  source_name text
    constraint jobs_source_name_length check (length(source_name) between 1 and 500),
  source_url text constraint jobs_source_url_length check (length(source_url) between 1 and 2048),
  processing_s double precision constraint jobs_processing_s_range check (processing_s >= 0),
  queue_wait_s double precision constraint jobs_queue_wait_s_range check (queue_wait_s >= 0),
  realtime_factor double precision
    constraint jobs_realtime_factor_range check (realtime_factor >= 0),
  confidence double precision constraint jobs_confidence_range check (confidence between 0 and 1),
  error_code text constraint jobs_error_code_length check (length(error_code) between 1 and 64),
  error_message text constraint jobs_error_message_length check (length(error_message) <= 4000),
  options jsonb not null default '{}'
    constraint jobs_options_json check (jsonb_typeof(options) = 'object'),
  transcript jsonb,
  text text,
  search_text text not null default '',
  search_vector tsvector generated always as (katip_search_vector(text, search_text)) stored,
  constraint jobs_final_has_completed_at
    check ((status in ('completed', 'failed', 'cancelled')) = (completed_at is not null)),
  constraint jobs_processing_has_started_at
    check (status <> 'processing' or started_at is not null),
  constraint jobs_failed_has_error_code check ((status = 'failed') = (error_code is not null)),
  constraint jobs_completed_has_transcript
    check (status <> 'completed' or (transcript is not null and text is not null)),
  constraint jobs_completed_is_whole check (status <> 'completed' or progress = 1)
) with (fillfactor = 85);
create index jobs_search_vector on jobs using gin (search_vector);

-- What reviewers said and corrected.
create table feedback (
  id uuid constraint feedback_pkey primary key,
  job_id uuid not null constraint feedback_job_id_fkey references jobs (id) on delete cascade,
  reviewer text constraint feedback_reviewer_length check (length(reviewer) between 1 and 200),
  feedback_type text not null default 'correction'
    constraint feedback_feedback_type_length check (length(feedback_type) between 1 and 50),
  accuracy_score double precision
    constraint feedback_accuracy_score_range check (accuracy_score between 0 and 1),
  is_processed boolean not null default false,
  processed_at timestamptz(3),
  created_at timestamptz(3) not null default now(),
  comment text constraint feedback_comment_length check (length(comment) <= 10000),
  original_text text,
  corrected_text text,
  diff_data jsonb,
  extracted_terms jsonb not null default '[]'
    constraint feedback_extracted_terms_json check (jsonb_typeof(extracted_terms) = 'array'),
  constraint feedback_processed_has_time check (is_processed = (processed_at is not null))
);

alter table converted_sounds add column job_id uuid
  constraint converted_sounds_job_id_fkey references jobs (id) on delete set null;

-- upgrade sqlite
-- Keys are shown once, when they are made; here is only what they can be recognised by.
create table api_keys (
  id text not null constraint api_keys_pkey primary key,
  name text not null constraint api_keys_name_length check (length(name) between 1 and 200),
  key_prefix text not null
    constraint api_keys_key_prefix_length check (length(key_prefix) between 4 and 32),
  key_hash text not null constraint api_keys_key_hash_key unique
    constraint api_keys_key_hash_sha256
      check (length(key_hash) = 64 and key_hash not glob '*[^0-9a-f]*'),
  owner text constraint api_keys_owner_length check (length(owner) between 1 and 200),
  scopes text not null default '[]'
    constraint api_keys_scopes_json check (json_valid(scopes) and json_type(scopes) = 'array'),
  rate_limit_per_minute integer
    constraint api_keys_rate_limit_per_minute_range check (rate_limit_per_minute >= 1),
  daily_audio_seconds_limit integer
    constraint api_keys_daily_audio_seconds_limit_range check (daily_audio_seconds_limit >= 1),
  priority_default integer
    constraint api_keys_priority_default_range check (priority_default between 0 and 10),
  is_active integer not null default 1
    constraint api_keys_is_active_bool check (is_active in (0, 1)),
  expires_at text,
  last_used_at text,
  usage_count integer not null default 0
    constraint api_keys_usage_count_range check (usage_count >= 0),
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  updated_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  constraint api_keys_ids check (id glob '????????-????-????-????-????????????'),
  constraint api_keys_times check (
    expires_at is strftime('%Y-%m-%dT%H:%M:%fZ', expires_at)
    and last_used_at is strftime('%Y-%m-%dT%H:%M:%fZ', last_used_at)
    and created_at is strftime('%Y-%m-%dT%H:%M:%fZ', created_at)
    and updated_at is strftime('%Y-%m-%dT%H:%M:%fZ', updated_at))
) strict;

-- Names and terms to expect. A language of '' stands for every language.
create table lexicon_terms (
  id text not null constraint lexicon_terms_pkey primary key,
  term text not null constraint lexicon_terms_term_length check (length(term) between 1 and 200),
  normalized_term text not null
    constraint lexicon_terms_normalized_term_length
      check (length(normalized_term) between 1 and 200),
  category text not null default 'general'
    constraint lexicon_terms_category_length check (length(category) between 1 and 50),
  language text not null default ''
    constraint lexicon_terms_language_length check (length(language) <= 16),
  frequency integer not null default 0
    constraint lexicon_terms_frequency_range check (frequency >= 0),
  weight real not null default 1
    constraint lexicon_terms_weight_range check (weight > 0 and weight <= 100),
  alternatives text not null default '[]'
    constraint lexicon_terms_alternatives_json
      check (json_valid(alternatives) and json_type(alternatives) = 'array'),
  source text not null default 'manual'
    constraint lexicon_terms_source_known check (source in ('manual', 'learned', 'imported')),
  status text not null default 'active'
    constraint lexicon_terms_status_known check (status in ('active', 'suggested', 'rejected')),
  is_active integer not null default 1
    constraint lexicon_terms_is_active_bool check (is_active in (0, 1)),
  created_by text
    constraint lexicon_terms_created_by_length check (length(created_by) between 1 and 200),
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  updated_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  constraint lexicon_terms_only_active_is_used check (status = 'active' or not is_active),
  constraint lexicon_terms_ids check (id glob '????????-????-????-????-????????????'),
  constraint lexicon_terms_times check (
    created_at is strftime('%Y-%m-%dT%H:%M:%fZ', created_at)
    and updated_at is strftime('%Y-%m-%dT%H:%M:%fZ', updated_at))
) strict;

-- What people asked for. Small columns stand first: SQLite reads a row from its beginning, and a
-- list of jobs must not walk through transcripts. What is searched is search_text, the words of
-- name and text in lower case and without accents, which the program writes.
create table jobs (
  search_id integer not null constraint jobs_pkey primary key,
  id text not null constraint jobs_id_key unique,
  job_id text not null constraint jobs_job_id_key unique
    constraint jobs_job_id_length check (length(job_id) between 1 and 64),
  status text not null default 'queued'
    constraint jobs_status_known
      check (status in ('queued', 'processing', 'completed', 'failed', 'cancelled')),
  kind text not null default 'transcription'
    constraint jobs_kind_length check (length(kind) between 1 and 50),
  priority integer not null default 5
    constraint jobs_priority_range check (priority between 0 and 10),
  progress real not null default 0 constraint jobs_progress_range check (progress between 0 and 1),
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  started_at text,
  completed_at text,
  updated_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  expires_at text,
  api_key_id text constraint jobs_api_key_id_fkey references api_keys (id) on delete set null,
  submitted_by text
    constraint jobs_submitted_by_length check (length(submitted_by) between 1 and 200),
  language text constraint jobs_language_length check (length(language) between 1 and 16),
  detected_language text
    constraint jobs_detected_language_length check (length(detected_language) between 1 and 16),
  model_name text constraint jobs_model_name_length check (length(model_name) between 1 and 200),
  engine text constraint jobs_engine_length check (length(engine) between 1 and 50),
  audio_duration_s real constraint jobs_audio_duration_s_range check (audio_duration_s >= 0),
  sample_rate integer constraint jobs_sample_rate_range check (sample_rate between 1 and 10000000),
  channels integer constraint jobs_channels_range check (channels between 1 and 1024),
  file_size integer constraint jobs_file_size_range check (file_size >= 0),
  media_type text constraint jobs_media_type_length check (length(media_type) between 1 and 127),
  media_sha256 text
    constraint jobs_media_sha256_sha256
      check (length(media_sha256) = 64 and media_sha256 not glob '*[^0-9a-f]*'),
  media_key text constraint jobs_media_key_length check (length(media_key) between 1 and 1024),
  source_name text
    constraint jobs_source_name_length check (length(source_name) between 1 and 500),
  source_url text constraint jobs_source_url_length check (length(source_url) between 1 and 2048),
  processing_s real constraint jobs_processing_s_range check (processing_s >= 0),
  queue_wait_s real constraint jobs_queue_wait_s_range check (queue_wait_s >= 0),
  realtime_factor real constraint jobs_realtime_factor_range check (realtime_factor >= 0),
  confidence real constraint jobs_confidence_range check (confidence between 0 and 1),
  error_code text constraint jobs_error_code_length check (length(error_code) between 1 and 64),
  error_message text constraint jobs_error_message_length check (length(error_message) <= 4000),
  options text not null default '{}'
    constraint jobs_options_json check (json_valid(options) and json_type(options) = 'object'),
  transcript text
    constraint jobs_transcript_json check (transcript is null or json_valid(transcript)),
  text text,
  search_text text not null default '',
  constraint jobs_final_has_completed_at
    check ((status in ('completed', 'failed', 'cancelled')) = (completed_at is not null)),
  constraint jobs_processing_has_started_at
    check (status <> 'processing' or started_at is not null),
  constraint jobs_failed_has_error_code check ((status = 'failed') = (error_code is not null)),
  constraint jobs_completed_has_transcript
    check (status <> 'completed' or (transcript is not null and text is not null)),
  constraint jobs_completed_is_whole check (status <> 'completed' or progress = 1),
  constraint jobs_ids
    check (id glob '????????-????-????-????-????????????' and
      (api_key_id glob '????????-????-????-????-????????????' or api_key_id is null)),
  constraint jobs_times check (
    created_at is strftime('%Y-%m-%dT%H:%M:%fZ', created_at)
    and started_at is strftime('%Y-%m-%dT%H:%M:%fZ', started_at)
    and completed_at is strftime('%Y-%m-%dT%H:%M:%fZ', completed_at)
    and updated_at is strftime('%Y-%m-%dT%H:%M:%fZ', updated_at)
    and expires_at is strftime('%Y-%m-%dT%H:%M:%fZ', expires_at))
) strict;
create virtual table jobs_search using fts5(
  search_text, content='jobs', content_rowid='search_id', prefix='2 3',
  tokenize="unicode61 remove_diacritics 0 categories 'L* N* M* Co'");
create trigger jobs_search_insert after insert on jobs begin
  insert into jobs_search (rowid, search_text) values (new.search_id, new.search_text);
end;
create trigger jobs_search_delete after delete on jobs begin
  insert into jobs_search (jobs_search, rowid, search_text)
  values ('delete', old.search_id, old.search_text);
end;
create trigger jobs_search_update after update of search_text on jobs begin
  insert into jobs_search (jobs_search, rowid, search_text)
  values ('delete', old.search_id, old.search_text);
  insert into jobs_search (rowid, search_text) values (new.search_id, new.search_text);
end;

-- What reviewers said and corrected.
create table feedback (
  id text not null constraint feedback_pkey primary key,
  job_id text not null constraint feedback_job_id_fkey references jobs (id) on delete cascade,
  reviewer text constraint feedback_reviewer_length check (length(reviewer) between 1 and 200),
  feedback_type text not null default 'correction'
    constraint feedback_feedback_type_length check (length(feedback_type) between 1 and 50),
  accuracy_score real
    constraint feedback_accuracy_score_range check (accuracy_score between 0 and 1),
  is_processed integer not null default 0
    constraint feedback_is_processed_bool check (is_processed in (0, 1)),
  processed_at text,
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  comment text constraint feedback_comment_length check (length(comment) <= 10000),
  original_text text,
  corrected_text text,
  diff_data text
    constraint feedback_diff_data_json check (diff_data is null or json_valid(diff_data)),
  extracted_terms text not null default '[]'
    constraint feedback_extracted_terms_json
      check (json_valid(extracted_terms) and json_type(extracted_terms) = 'array'),
  constraint feedback_processed_has_time check (is_processed = (processed_at is not null)),
  constraint feedback_ids
    check (id glob '????????-????-????-????-????????????' and
      job_id glob '????????-????-????-????-????????????'),
  constraint feedback_times check (
    processed_at is strftime('%Y-%m-%dT%H:%M:%fZ', processed_at)
    and created_at is strftime('%Y-%m-%dT%H:%M:%fZ', created_at))
) strict;

alter table converted_sounds add column job_id text
  constraint converted_sounds_job_id_fkey references jobs (id) on delete set null;

-- upgrade
create index api_keys_is_active on api_keys (is_active);
create index api_keys_created_at on api_keys (created_at);
create index api_keys_expires_at on api_keys (expires_at);
create unique index lexicon_terms_normalized_term_language
  on lexicon_terms (normalized_term, language);
create index lexicon_terms_category on lexicon_terms (category);
create index lexicon_terms_language on lexicon_terms (language);
create index lexicon_terms_is_active on lexicon_terms (is_active);
create index lexicon_terms_frequency on lexicon_terms (frequency);
create index lexicon_terms_source on lexicon_terms (source);
create index jobs_status on jobs (status);
create index jobs_created_at on jobs (created_at);
create index jobs_completed_at on jobs (completed_at);
create index jobs_api_key_id on jobs (api_key_id);
create index jobs_submitted_by on jobs (submitted_by);
create index jobs_language on jobs (language);
create index jobs_model_name on jobs (model_name);
create index jobs_status_created_at on jobs (status, created_at);
create index jobs_expires_at on jobs (expires_at) where expires_at is not null;
create index feedback_job_id on feedback (job_id);
create index feedback_reviewer on feedback (reviewer);
create index feedback_created_at on feedback (created_at);
create index feedback_is_processed on feedback (is_processed);
create index feedback_feedback_type on feedback (feedback_type);
create index feedback_accuracy_score on feedback (accuracy_score);
create index feedback_is_processed_created_at on feedback (is_processed, created_at);
-- The table came with the revision before, so there are no rows to wait for.
-- katip: allow index-without-concurrently
create index converted_sounds_job_id on converted_sounds (job_id);

-- downgrade
drop index converted_sounds_job_id;
alter table converted_sounds drop column job_id;
-- downgrade sqlite
drop table jobs_search;
-- downgrade
drop table feedback;
drop table jobs;
drop table lexicon_terms;
drop table api_keys;
-- downgrade postgresql
drop function katip_search_vector;
