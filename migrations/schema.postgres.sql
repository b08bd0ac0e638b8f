-- The schema of katip in PostgreSQL: what all revisions together lead to.
-- `katip migrate check` compares a database with it; it is never applied to a real one.

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
create index api_keys_is_active on api_keys (is_active);
create index api_keys_created_at on api_keys (created_at);
create index api_keys_expires_at on api_keys (expires_at);
-- A key is looked up by its public half.
create unique index api_keys_key_prefix on api_keys (key_prefix);
create index api_keys_owner on api_keys (owner);

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
create unique index lexicon_terms_normalized_term_language
  on lexicon_terms (normalized_term, language);
create index lexicon_terms_category on lexicon_terms (category);
create index lexicon_terms_language on lexicon_terms (language);
create index lexicon_terms_is_active on lexicon_terms (is_active);
create index lexicon_terms_frequency on lexicon_terms (frequency);
create index lexicon_terms_source on lexicon_terms (source);

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
create index jobs_status on jobs (status);
create index jobs_created_at on jobs (created_at);
create index jobs_completed_at on jobs (completed_at);
create index jobs_api_key_id on jobs (api_key_id);
create index jobs_submitted_by on jobs (submitted_by);
create index jobs_language on jobs (language);
create index jobs_model_name on jobs (model_name);
create index jobs_status_created_at on jobs (status, created_at);
create index jobs_expires_at on jobs (expires_at) where expires_at is not null;
create index jobs_media_key on jobs (media_key) where media_key is not null;

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
create index feedback_job_id on feedback (job_id);
create index feedback_reviewer on feedback (reviewer);
create index feedback_created_at on feedback (created_at);
create index feedback_is_processed on feedback (is_processed);
create index feedback_feedback_type on feedback (feedback_type);
create index feedback_accuracy_score on feedback (accuracy_score);
create index feedback_is_processed_created_at on feedback (is_processed, created_at);

-- Every change that somebody made to a transcript. Its first version is what the machine wrote; each
-- row leads to the next one. Segments stand in `changes` as they were and as they became.
create table transcript_edits (
  id uuid constraint transcript_edits_pkey primary key,
  job_id uuid not null
    constraint transcript_edits_job_id_fkey references jobs (id) on delete cascade,
  version integer not null constraint transcript_edits_version_range check (version >= 2),
  kind text not null default 'edit'
    constraint transcript_edits_kind_known check (kind in ('edit', 'undo')),
  restored_version integer
    constraint transcript_edits_restored_version_range check (restored_version >= 1),
  editor text constraint transcript_edits_editor_length check (length(editor) between 1 and 200),
  created_at timestamptz(3) not null default now(),
  changes jsonb not null default '[]'
    constraint transcript_edits_changes_json check (jsonb_typeof(changes) = 'array'),
  constraint transcript_edits_undo_names_version
    check ((kind = 'undo') = (restored_version is not null))
);
create unique index transcript_edits_job_id_version on transcript_edits (job_id, version);

-- What reviewers corrected and may be terms: one row for each recording, term and what was heard
-- in its place.
create table lexicon_evidence (
  id uuid constraint lexicon_evidence_pkey primary key,
  job_id uuid not null
    constraint lexicon_evidence_job_id_fkey references jobs (id) on delete cascade,
  normalized_term text not null
    constraint lexicon_evidence_normalized_term_length
      check (length(normalized_term) between 1 and 200),
  language text not null default ''
    constraint lexicon_evidence_language_length check (length(language) <= 16),
  term text not null constraint lexicon_evidence_term_length check (length(term) between 1 and 200),
  heard text not null
    constraint lexicon_evidence_heard_length check (length(heard) between 1 and 200),
  occurrence_count integer not null default 1
    constraint lexicon_evidence_occurrence_count_range check (occurrence_count >= 1),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);
create unique index lexicon_evidence_job_id_term
  on lexicon_evidence (job_id, normalized_term, language, heard);
create index lexicon_evidence_normalized_term_language
  on lexicon_evidence (normalized_term, language);

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
  job_id uuid
    constraint converted_sounds_job_id_fkey references jobs (id) on delete set null,
  submitted_by text
    constraint converted_sounds_submitted_by_length check (length(submitted_by) between 1 and 200),
  constraint converted_sounds_failed_has_error check (status <> 'failed' or error is not null),
  constraint converted_sounds_completed_has_transcript
    check (status <> 'completed' or transcript is not null)
);
create index converted_sounds_talent_id on converted_sounds (talent_id);
create index converted_sounds_acc_id on converted_sounds (acc_id);
create index converted_sounds_status on converted_sounds (status);
create index converted_sounds_job_id on converted_sounds (job_id);
create index converted_sounds_submitted_by on converted_sounds (submitted_by);

-- A worker process holds the lease of all its tasks: it raises `beat`, and who sees the same beat for
-- the length of a lease declares it dead. No clock is compared with another one.
create table workers (
  id uuid constraint workers_pkey primary key,
  name text not null,
  host text not null,
  pid integer not null,
  worker_kind text not null constraint workers_kind_known check (worker_kind in ('engine', 'general')),
  state text not null constraint workers_state_known
    check (state in ('running', 'stopping', 'stopped', 'dead')),
  beat bigint not null default 0,
  lease_ms integer not null constraint workers_lease_positive check (lease_ms > 0),
  slot_count integer not null default 0 constraint workers_slots_not_negative check (slot_count >= 0),
  busy_count integer not null default 0,
  finished_count bigint not null default 0,
  failed_count bigint not null default 0,
  memory_bytes bigint not null default 0,
  version text not null default '',
  command text,
  started_at timestamptz not null,
  seen_at timestamptz not null,
  ended_at timestamptz,
  end_reason text,
  -- Between which its slots follow the load just now, and those beside them; 0: an older katip, which
  -- does not say.
  slot_count_min integer not null default 0,
  slot_count_max integer not null default 0,
  critical_slot_count integer not null default 0
);
create index workers_state_seen_at on workers (state, seen_at);

-- What somebody has set while workers run; without a row each worker has its own configuration.
create table worker_bounds (
  worker_kind text constraint worker_bounds_pkey primary key
    constraint worker_bounds_kind_known check (worker_kind in ('engine', 'general')),
  slot_count_min integer not null
    constraint worker_bounds_min_positive check (slot_count_min > 0),
  slot_count_max integer not null
    constraint worker_bounds_max_range check (slot_count_max <= 1000),
  changed_by text not null
    constraint worker_bounds_changed_by_length check (length(changed_by) <= 200),
  updated_at timestamptz not null,
  constraint worker_bounds_in_order check (slot_count_min <= slot_count_max)
);

create table queues (
  name text constraint queues_pkey primary key
    constraint queues_name_short check (length(name) between 1 and 64),
  mode text not null default 'open'
    constraint queues_mode_known check (mode in ('open', 'paused', 'draining')),
  changed_by text,
  updated_at timestamptz not null
);

create table tasks (
  id uuid constraint tasks_pkey primary key,
  kind text not null constraint tasks_kind_short check (length(kind) between 1 and 128),
  worker_kind text not null
    constraint tasks_worker_kind_known check (worker_kind in ('engine', 'general')),
  queue text not null constraint tasks_queue_short check (length(queue) between 1 and 64),
  priority smallint not null constraint tasks_priority_range check (priority between 0 and 10),
  tenant text not null default '' constraint tasks_tenant_short check (length(tenant) <= 128),
  state text not null constraint tasks_state_known
    check (state in ('scheduled', 'available', 'running', 'retryable')),
  token bigint not null default 0,
  attempt smallint not null default 0 constraint tasks_attempt_not_negative check (attempt >= 0),
  attempt_count_max smallint not null constraint tasks_attempts_positive
    check (attempt_count_max between 1 and 100),
  crash_count smallint not null default 0,
  runs_alone boolean not null default false,
  is_cancel_requested boolean not null default false,
  args jsonb not null default '{}',
  errors jsonb not null default '[]',
  progress double precision not null default 0
    constraint tasks_progress_range check (progress between 0 and 1),
  unique_key text constraint tasks_unique_key_short check (length(unique_key) between 1 and 256),
  job_id uuid constraint tasks_job references jobs (id) on delete cascade,
  request_id text,
  worker_id uuid,
  timeout_s integer constraint tasks_timeout_positive check (timeout_s > 0),
  run_at timestamptz not null,
  claimed_at timestamptz,
  created_at timestamptz not null,
  constraint tasks_running_has_worker check ((state = 'running') = (worker_id is not null))
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000,
        vacuum_truncate = false, autovacuum_vacuum_cost_delay = 0);

create table task_checkpoints (
  task_id uuid not null
    constraint task_checkpoints_task references tasks (id) on delete cascade,
  position integer not null constraint task_checkpoints_position_not_negative check (position >= 0),
  data jsonb not null,
  created_at timestamptz not null,
  constraint task_checkpoints_pkey primary key (task_id, position)
);

create table task_history (
  id uuid constraint task_history_pkey primary key,
  kind text not null,
  worker_kind text not null,
  queue text not null,
  priority smallint not null,
  tenant text not null,
  state text not null constraint task_history_state_known
    check (state in ('completed', 'cancelled', 'discarded', 'quarantined')),
  token bigint not null,
  attempt smallint not null,
  attempt_count_max smallint not null,
  crash_count smallint not null,
  args jsonb,
  errors jsonb,
  result jsonb,
  unique_key text,
  job_id uuid constraint task_history_job references jobs (id) on delete set null,
  request_id text,
  worker_id uuid,
  timeout_s integer,
  run_at timestamptz not null,
  claimed_at timestamptz,
  created_at timestamptz not null,
  finished_at timestamptz not null
);

create table schedules (
  name text constraint schedules_pkey primary key
    constraint schedules_name_short check (length(name) between 1 and 128),
  cron text not null,
  time_zone text not null,
  kind text not null,
  args jsonb not null default '{}',
  is_active boolean not null default true,
  missed text not null default 'once'
    constraint schedules_missed_known check (missed in ('once', 'skip')),
  last_slot_at timestamptz,
  last_task_id uuid,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  -- Who says what runs and when: the configuration, or somebody by the API.
  origin text not null default 'configured'
    constraint schedules_origin_known check (origin in ('configured', 'added')),
  -- Somebody switched it off; a configured one stays in the configuration.
  is_paused boolean not null default false
);
-- What a claim reads: for each lane (priority and tenant of a queue) the tasks in their order.
create index tasks_ready on tasks (worker_kind, queue, priority, tenant, run_at, id)
  where state = 'available' and not runs_alone;
create index tasks_ready_alone on tasks (worker_kind, priority, run_at, id)
  where state = 'available' and runs_alone;
create index tasks_waiting on tasks (run_at) where state in ('scheduled', 'retryable');
create index tasks_running on tasks (worker_id) where state = 'running';
create index tasks_job_id on tasks (job_id) where job_id is not null;
create unique index tasks_unique_key on tasks (unique_key) where unique_key is not null;
create index task_history_finished_at on task_history (finished_at);
create index task_history_state_finished_at on task_history (state, finished_at);
create index task_history_kind_finished_at on task_history (kind, finished_at);
create index task_history_job_id on task_history (job_id) where job_id is not null;

-- What happened, for people to look up.
create table event_logs (
  id uuid constraint event_logs_pkey primary key,
  user_identifier text
    constraint event_logs_user_identifier_length check (length(user_identifier) between 1 and 200),
  event_type text not null
    constraint event_logs_event_type_length check (length(event_type) between 1 and 100),
  title text not null default '' constraint event_logs_title_length check (length(title) <= 500),
  level text not null default 'info'
    constraint event_logs_level_known
      check (level in ('debug', 'info', 'warning', 'error', 'critical')),
  request_id text
    constraint event_logs_request_id_length check (length(request_id) between 1 and 128),
  created_at timestamptz(3) not null default now(),
  details jsonb not null default '{}'
    constraint event_logs_details_json check (jsonb_typeof(details) = 'object'),
  search_text text not null default '',
  search_vector tsvector generated always as (katip_search_vector(title, search_text)) stored
);
create index event_logs_search_vector on event_logs using gin (search_vector);
create index event_logs_user_identifier_created_at on event_logs (user_identifier, created_at);
create index event_logs_event_type_created_at on event_logs (event_type, created_at);
create index event_logs_level_created_at on event_logs (level, created_at);
create index event_logs_created_at on event_logs (created_at);
create index event_logs_request_id on event_logs (request_id) where request_id is not null;

-- What was used and what it costs; every job writes its minutes of audio and its tokens here.
create table sales_logs (
  id uuid constraint sales_logs_pkey primary key,
  user_identifier text
    constraint sales_logs_user_identifier_length check (length(user_identifier) between 1 and 200),
  product text not null
    constraint sales_logs_product_length check (length(product) between 1 and 100),
  quantity numeric(18, 6) not null default 0
    constraint sales_logs_quantity_range check (quantity >= 0),
  unit text not null default 'piece'
    constraint sales_logs_unit_length check (length(unit) between 1 and 30),
  amount numeric(18, 6) not null default 0,
  currency text constraint sales_logs_currency_code check (currency ~ '^[A-Z]{3}$'),
  status text not null default 'recorded'
    constraint sales_logs_status_length check (length(status) between 1 and 30),
  job_id uuid constraint sales_logs_job_id_fkey references jobs (id) on delete set null,
  created_at timestamptz(3) not null default now(),
  details jsonb not null default '{}'
    constraint sales_logs_details_json check (jsonb_typeof(details) = 'object'),
  search_text text not null default '',
  search_vector tsvector generated always as (katip_search_vector(product, search_text)) stored,
  constraint sales_logs_amount_has_currency check (amount = 0 or currency is not null)
);
create index sales_logs_search_vector on sales_logs using gin (search_vector);
create index sales_logs_user_identifier_created_at on sales_logs (user_identifier, created_at);
create index sales_logs_product_created_at on sales_logs (product, created_at);
create index sales_logs_status_created_at on sales_logs (status, created_at);
create index sales_logs_created_at on sales_logs (created_at);
create index sales_logs_job_id on sales_logs (job_id);

-- Conversations: questions about recordings and their answers, messages to people.
create table message_records (
  id uuid constraint message_records_pkey primary key,
  conversation_id text not null
    constraint message_records_conversation_id_length
      check (length(conversation_id) between 1 and 128),
  user_identifier text
    constraint message_records_user_identifier_length
      check (length(user_identifier) between 1 and 200),
  direction text not null
    constraint message_records_direction_known check (direction in ('inbound', 'outbound')),
  channel text not null default 'web'
    constraint message_records_channel_length check (length(channel) between 1 and 50),
  created_at timestamptz(3) not null default now(),
  metadata jsonb not null default '{}'
    constraint message_records_metadata_json check (jsonb_typeof(metadata) = 'object'),
  content text not null,
  search_text text not null default '',
  search_vector tsvector generated always as (katip_search_vector(content, search_text)) stored
);
create index message_records_search_vector on message_records using gin (search_vector);
create index message_records_conversation_id_created_at
  on message_records (conversation_id, created_at);
create index message_records_user_identifier_created_at
  on message_records (user_identifier, created_at);
create index message_records_channel_created_at on message_records (channel, created_at);
create index message_records_direction_created_at on message_records (direction, created_at);
create index message_records_created_at on message_records (created_at);

-- Who was there, from when to when.
create table user_sessions (
  id uuid constraint user_sessions_pkey primary key,
  session_id text not null constraint user_sessions_session_id_key unique
    constraint user_sessions_session_id_length check (length(session_id) between 1 and 128),
  user_identifier text
    constraint user_sessions_user_identifier_length
      check (length(user_identifier) between 1 and 200),
  started_at timestamptz(3) not null default now(),
  last_seen_at timestamptz(3) not null default now(),
  ended_at timestamptz(3),
  ip text constraint user_sessions_ip_length check (length(ip) between 2 and 45),
  user_agent text constraint user_sessions_user_agent_length check (length(user_agent) <= 1000),
  metadata jsonb not null default '{}'
    constraint user_sessions_metadata_json check (jsonb_typeof(metadata) = 'object')
);
create index user_sessions_user_identifier_started_at
  on user_sessions (user_identifier, started_at);
create index user_sessions_started_at on user_sessions (started_at);
create index user_sessions_last_seen_at on user_sessions (last_seen_at);
create index user_sessions_ended_at on user_sessions (ended_at);

-- People who log in. The program folds a login before it is stored or looked up.
create table users (
  id uuid constraint users_pkey primary key,
  login text not null constraint users_login_key unique
    constraint users_login_length check (length(login) between 1 and 100)
    constraint users_login_lower check (login = lower(login)),
  display_name text not null default ''
    constraint users_display_name_length check (length(display_name) <= 200),
  password_hash text not null
    constraint users_password_hash_argon2id check (password_hash like '$argon2id$%'),
  role text not null default 'viewer'
    constraint users_role_known check (role in ('viewer', 'editor', 'operator', 'admin')),
  is_active boolean not null default true,
  failed_login_count integer not null default 0
    constraint users_failed_login_count_range check (failed_login_count >= 0),
  locked_until timestamptz(3),
  last_login_at timestamptz(3),
  password_changed_at timestamptz(3) not null default now(),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);
create index users_role on users (role);
create index users_is_active on users (is_active);
create index users_created_at on users (created_at);

-- Sessions of people who logged in. Apart from user_sessions, which programs write as they like:
-- what opens a door is written by nobody else. Only the checksum of a token is kept.
create table login_sessions (
  id uuid constraint login_sessions_pkey primary key,
  user_id uuid not null
    constraint login_sessions_user_id_fkey references users (id) on delete cascade,
  token_hash text not null constraint login_sessions_token_hash_key unique
    constraint login_sessions_token_hash_sha256 check (token_hash ~ '^[0-9a-f]{64}$'),
  ip text constraint login_sessions_ip_length check (length(ip) between 2 and 45),
  user_agent text constraint login_sessions_user_agent_length check (length(user_agent) <= 1000),
  created_at timestamptz(3) not null default now(),
  last_seen_at timestamptz(3) not null default now(),
  expires_at timestamptz(3) not null
);
create index login_sessions_user_id_created_at on login_sessions (user_id, created_at);
create index login_sessions_expires_at on login_sessions (expires_at);
create index login_sessions_last_seen_at on login_sessions (last_seen_at);

-- How much audio a key has had worked on, by day (UTC).
create table api_key_days (
  api_key_id uuid not null
    constraint api_key_days_api_key_id_fkey references api_keys (id) on delete cascade,
  day date not null,
  audio_seconds double precision not null default 0
    constraint api_key_days_audio_seconds_range check (audio_seconds >= 0),
  constraint api_key_days_pkey primary key (api_key_id, day)
);
create index api_key_days_day on api_key_days (day);

-- What people call groups of jobs: folders of the library, of which a job may be in several.
create table job_tags (
  job_id uuid not null
    constraint job_tags_job_id_fkey references jobs (id) on delete cascade,
  tag text not null constraint job_tags_tag_length check (length(tag) between 1 and 50),
  constraint job_tags_pkey primary key (job_id, tag)
);
create index job_tags_tag on job_tags (tag, job_id);

-- Voices that have a name.
create table speakers (
  id uuid constraint speakers_pkey primary key,
  name text not null constraint speakers_name_length check (length(name) between 1 and 200),
  note text not null default '' constraint speakers_note_length check (length(note) <= 2000),
  created_by text
    constraint speakers_created_by_length check (length(created_by) between 1 and 200),
  is_active boolean not null default true,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);
create index speakers_name on speakers (name);
create index speakers_is_active on speakers (is_active);
create index speakers_created_at on speakers (created_at);

-- Samples of a voice: 32-bit floats, little-endian. Several a person, since a voice differs by
-- room and microphone.
create table speaker_embeddings (
  id uuid constraint speaker_embeddings_pkey primary key,
  speaker_id uuid not null
    constraint speaker_embeddings_speaker_id_fkey references speakers (id) on delete cascade,
  job_id uuid constraint speaker_embeddings_job_id_fkey references jobs (id) on delete set null,
  model text not null
    constraint speaker_embeddings_model_length check (length(model) between 1 and 100),
  dimension_count integer not null
    constraint speaker_embeddings_dimension_count_range check (dimension_count between 1 and 4096),
  quality double precision
    constraint speaker_embeddings_quality_range check (quality between 0 and 1),
  begin_ms bigint constraint speaker_embeddings_begin_ms_range check (begin_ms >= 0),
  end_ms bigint constraint speaker_embeddings_end_ms_range check (end_ms >= 0),
  created_at timestamptz(3) not null default now(),
  embedding bytea not null,
  constraint speaker_embeddings_embedding_size check (length(embedding) = 4 * dimension_count),
  constraint speaker_embeddings_ends_after_begin check (end_ms > begin_ms)
);
create index speaker_embeddings_speaker_id on speaker_embeddings (speaker_id);
create index speaker_embeddings_job_id on speaker_embeddings (job_id);
create index speaker_embeddings_model on speaker_embeddings (model);

-- Where events are sent. The secret signs them; it is stored sealed if the program has a key.
create table webhooks (
  id uuid constraint webhooks_pkey primary key,
  name text not null constraint webhooks_name_length check (length(name) between 1 and 200),
  url text not null constraint webhooks_url_length check (length(url) between 1 and 2048)
    constraint webhooks_url_http check (url like 'https://%' or url like 'http://%'),
  secret text not null constraint webhooks_secret_length check (length(secret) between 1 and 500),
  events jsonb not null default '[]'
    constraint webhooks_events_json check (jsonb_typeof(events) = 'array'),
  api_key_id uuid constraint webhooks_api_key_id_fkey references api_keys (id) on delete set null,
  created_by text
    constraint webhooks_created_by_length check (length(created_by) between 1 and 200),
  is_active boolean not null default true,
  failure_count integer not null default 0
    constraint webhooks_failure_count_range check (failure_count >= 0),
  last_success_at timestamptz(3),
  disabled_at timestamptz(3),
  disabled_reason text
    constraint webhooks_disabled_reason_length check (length(disabled_reason) <= 500),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  constraint webhooks_disabled_is_not_active check (disabled_at is null or not is_active)
);
create index webhooks_is_active on webhooks (is_active);
create index webhooks_api_key_id on webhooks (api_key_id);
create index webhooks_created_at on webhooks (created_at);

-- The outbox: an event is written in the transaction that made it and sent afterwards, once for
-- each webhook.
create table webhook_deliveries (
  id uuid constraint webhook_deliveries_pkey primary key,
  webhook_id uuid not null
    constraint webhook_deliveries_webhook_id_fkey references webhooks (id) on delete cascade,
  event_id text not null
    constraint webhook_deliveries_event_id_length check (length(event_id) between 1 and 128),
  event_type text not null
    constraint webhook_deliveries_event_type_length check (length(event_type) between 1 and 100),
  status text not null default 'pending'
    constraint webhook_deliveries_status_known
      check (status in ('pending', 'delivered', 'failed')),
  attempt_count integer not null default 0
    constraint webhook_deliveries_attempt_count_range check (attempt_count >= 0),
  next_attempt_at timestamptz(3),
  response_status integer
    constraint webhook_deliveries_response_status_range
      check (response_status between 100 and 599),
  error text constraint webhook_deliveries_error_length check (length(error) <= 2000),
  job_id uuid constraint webhook_deliveries_job_id_fkey references jobs (id) on delete set null,
  request_id text
    constraint webhook_deliveries_request_id_length check (length(request_id) between 1 and 128),
  created_at timestamptz(3) not null default now(),
  delivered_at timestamptz(3),
  payload jsonb not null
    constraint webhook_deliveries_payload_json check (jsonb_typeof(payload) = 'object'),
  constraint webhook_deliveries_delivered_has_time
    check ((status = 'delivered') = (delivered_at is not null)),
  constraint webhook_deliveries_pending_has_next_attempt
    check ((status = 'pending') = (next_attempt_at is not null))
);
create unique index webhook_deliveries_webhook_id_event_id
  on webhook_deliveries (webhook_id, event_id);
create index webhook_deliveries_webhook_id_created_at
  on webhook_deliveries (webhook_id, created_at);
create index webhook_deliveries_next_attempt_at
  on webhook_deliveries (next_attempt_at) where status = 'pending';
create index webhook_deliveries_status_created_at on webhook_deliveries (status, created_at);
create index webhook_deliveries_job_id on webhook_deliveries (job_id);
create index webhook_deliveries_event_type_created_at
  on webhook_deliveries (event_type, created_at);

-- What was made from a transcript: enhanced text, translation, lecture notes, summary, chapters.
create table artifacts (
  id uuid constraint artifacts_pkey primary key,
  job_id uuid not null constraint artifacts_job_id_fkey references jobs (id) on delete cascade,
  kind text not null constraint artifacts_kind_length check (length(kind) between 1 and 50),
  language text constraint artifacts_language_length check (length(language) between 1 and 16),
  provider text not null
    constraint artifacts_provider_length check (length(provider) between 1 and 100),
  model text not null constraint artifacts_model_length check (length(model) between 1 and 200),
  prompt_version text not null default '1'
    constraint artifacts_prompt_version_length check (length(prompt_version) between 1 and 64),
  created_by text
    constraint artifacts_created_by_length check (length(created_by) between 1 and 200),
  created_at timestamptz(3) not null default now(),
  usage jsonb not null default '{}'
    constraint artifacts_usage_json check (jsonb_typeof(usage) = 'object'),
  content text not null
);
create index artifacts_job_id_kind_created_at on artifacts (job_id, kind, created_at);
create index artifacts_kind_created_at on artifacts (kind, created_at);
create index artifacts_created_at on artifacts (created_at);

-- Requests that may be sent again: the second one gets the answer of the first. The scope is
-- whose keys these are.
create table idempotency_keys (
  scope text not null
    constraint idempotency_keys_scope_length check (length(scope) between 1 and 128),
  idempotency_key text not null
    constraint idempotency_keys_idempotency_key_length
      check (length(idempotency_key) between 1 and 255),
  request_hash text not null
    constraint idempotency_keys_request_hash_sha256 check (request_hash ~ '^[0-9a-f]{64}$'),
  status text not null default 'in_progress'
    constraint idempotency_keys_status_known check (status in ('in_progress', 'completed')),
  response_status integer
    constraint idempotency_keys_response_status_range check (response_status between 100 and 599),
  job_id uuid constraint idempotency_keys_job_id_fkey references jobs (id) on delete set null,
  created_at timestamptz(3) not null default now(),
  expires_at timestamptz(3) not null,
  response_body text,
  response_type text
    constraint idempotency_keys_response_type_length
      check (length(response_type) between 1 and 127),
  response_location text
    constraint idempotency_keys_response_location_length
      check (length(response_location) between 1 and 1000),
  constraint idempotency_keys_pkey primary key (scope, idempotency_key),
  constraint idempotency_keys_completed_has_response
    check ((status = 'completed') = (response_status is not null)),
  constraint idempotency_keys_expires_later check (expires_at > created_at)
);
create index idempotency_keys_expires_at on idempotency_keys (expires_at);
create index idempotency_keys_job_id on idempotency_keys (job_id);

-- Resumable uploads. The size may be told later.
create table uploads (
  id uuid constraint uploads_pkey primary key,
  status text not null default 'receiving'
    constraint uploads_status_known check (status in ('receiving', 'completed', 'used')),
  size bigint,
  received_size bigint not null default 0
    constraint uploads_received_size_range check (received_size >= 0),
  file_name text constraint uploads_file_name_length check (length(file_name) between 1 and 500),
  media_type text
    constraint uploads_media_type_length check (length(media_type) between 1 and 127),
  storage_key text not null
    constraint uploads_storage_key_length check (length(storage_key) between 1 and 1024),
  sha256 text constraint uploads_sha256_sha256 check (sha256 ~ '^[0-9a-f]{64}$'),
  api_key_id uuid constraint uploads_api_key_id_fkey references api_keys (id) on delete set null,
  submitted_by text
    constraint uploads_submitted_by_length check (length(submitted_by) between 1 and 200),
  job_id uuid constraint uploads_job_id_fkey references jobs (id) on delete set null,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  expires_at timestamptz(3) not null,
  metadata jsonb not null default '{}'
    constraint uploads_metadata_json check (jsonb_typeof(metadata) = 'object'),
  constraint uploads_received_fits check (received_size <= size),
  constraint uploads_completed_is_whole
    check (status = 'receiving' or (size is not null and received_size = size))
);
create index uploads_status_created_at on uploads (status, created_at);
create index uploads_expires_at on uploads (expires_at);
create index uploads_api_key_id on uploads (api_key_id);
create index uploads_job_id on uploads (job_id);
create index uploads_submitted_by on uploads (submitted_by);

-- Backups that were made. Only a verified one counts.
create table backups (
  id uuid constraint backups_pkey primary key,
  kind text not null
    constraint backups_kind_known
      check (kind in ('daily', 'weekly', 'monthly', 'manual', 'safety')),
  status text not null default 'running'
    constraint backups_status_known
      check (status in ('running', 'completed', 'verified', 'failed')),
  database_kind text not null
    constraint backups_database_kind_known check (database_kind in ('sqlite', 'postgresql')),
  file_name text not null constraint backups_file_name_key unique
    constraint backups_file_name_length check (length(file_name) between 1 and 500),
  size bigint constraint backups_size_range check (size >= 0),
  sha256 text constraint backups_sha256_sha256 check (sha256 ~ '^[0-9a-f]{64}$'),
  schema_head text
    constraint backups_schema_head_length check (length(schema_head) between 1 and 200),
  is_encrypted boolean not null default false,
  started_at timestamptz(3) not null default now(),
  completed_at timestamptz(3),
  verified_at timestamptz(3),
  error text constraint backups_error_length check (length(error) between 1 and 4000),
  row_counts jsonb not null default '{}'
    constraint backups_row_counts_json check (jsonb_typeof(row_counts) = 'object'),
  media_count bigint constraint backups_media_count_range check (media_count >= 0),
  media_size bigint constraint backups_media_size_range check (media_size >= 0),
  constraint backups_whole_has_checksum
    check (status not in ('completed', 'verified') or (size is not null and sha256 is not null and
      completed_at is not null)),
  constraint backups_verified_has_time check ((status = 'verified') = (verified_at is not null)),
  constraint backups_failed_has_error check (status <> 'failed' or error is not null)
);
create index backups_kind_started_at on backups (kind, started_at);
create index backups_status_started_at on backups (status, started_at);
create index backups_started_at on backups (started_at);

-- How the installation did, minute by minute, and in coarser steps for longer. What is counted is
-- summed up over the step; what is measured is the mean of its minutes. request_counts: how many
-- requests took so long, for the buckets of app/stats/latency_counts.h.
create table stats_samples (
  step_s integer not null constraint stats_samples_step_known check (step_s in (60, 900, 3600)),
  begins_at timestamptz(3) not null,
  minute_count integer not null
    constraint stats_samples_minute_count_range check (minute_count between 1 and 60),
  queues jsonb not null default '{}'
    constraint stats_samples_queues_object check (jsonb_typeof(queues) = 'object'),
  worker_count double precision not null default 0
    constraint stats_samples_worker_count_range check (worker_count >= 0),
  tasks_completed bigint not null default 0
    constraint stats_samples_tasks_completed_range check (tasks_completed >= 0),
  tasks_failed bigint not null default 0
    constraint stats_samples_tasks_failed_range check (tasks_failed >= 0),
  task_wait_s double precision not null default 0
    constraint stats_samples_task_wait_range check (task_wait_s >= 0),
  task_run_s double precision not null default 0
    constraint stats_samples_task_run_range check (task_run_s >= 0),
  jobs_completed bigint not null default 0
    constraint stats_samples_jobs_completed_range check (jobs_completed >= 0),
  jobs_failed bigint not null default 0
    constraint stats_samples_jobs_failed_range check (jobs_failed >= 0),
  audio_s double precision not null default 0
    constraint stats_samples_audio_range check (audio_s >= 0),
  processing_s double precision not null default 0
    constraint stats_samples_processing_range check (processing_s >= 0),
  request_failures bigint not null default 0
    constraint stats_samples_request_failures_range check (request_failures >= 0),
  request_counts jsonb not null default '[]'
    constraint stats_samples_request_counts_array check (jsonb_typeof(request_counts) = 'array'),
  constraint stats_samples_pkey primary key (step_s, begins_at)
);

-- What happened in all processes, server and workers, since ever: counters of /metrics.
create table event_counters (
  name text not null
    constraint event_counters_name_length check (length(name) between 1 and 100),
  label text not null default ''
    constraint event_counters_label_length check (length(label) <= 100),
  value double precision not null default 0
    constraint event_counters_value_range check (value >= 0),
  constraint event_counters_pkey primary key (name, label)
);

-- What the servers of this database share and nobody else knows, when no SECRET_KEY is configured.
create table server_secrets (
  name text not null
    constraint server_secrets_name_length check (length(name) between 1 and 100),
  value text not null
    constraint server_secrets_value_length check (length(value) between 32 and 500),
  constraint server_secrets_pkey primary key (name)
);

-- Who did what to what. Rows are never changed.
create table audit_log (
  id uuid constraint audit_log_pkey primary key,
  actor_kind text not null
    constraint audit_log_actor_kind_known
      check (actor_kind in ('user', 'api_key', 'command', 'system')),
  actor text not null constraint audit_log_actor_length check (length(actor) between 1 and 200),
  action text not null constraint audit_log_action_length check (length(action) between 1 and 100),
  target_kind text
    constraint audit_log_target_kind_length check (length(target_kind) between 1 and 50),
  target_id text constraint audit_log_target_id_length check (length(target_id) between 1 and 200),
  request_id text
    constraint audit_log_request_id_length check (length(request_id) between 1 and 128),
  ip text constraint audit_log_ip_length check (length(ip) between 2 and 45),
  created_at timestamptz(3) not null default now(),
  details jsonb not null default '{}'
    constraint audit_log_details_json check (jsonb_typeof(details) = 'object')
);
create index audit_log_actor_created_at on audit_log (actor, created_at);
create index audit_log_action_created_at on audit_log (action, created_at);
create index audit_log_target_kind_target_id_created_at
  on audit_log (target_kind, target_id, created_at);
create index audit_log_created_at on audit_log (created_at);
create index audit_log_request_id on audit_log (request_id) where request_id is not null;

create function katip_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are never changed', tg_table_name using errcode = 'check_violation';
end
$$;
create trigger audit_log_is_kept before update on audit_log
  for each row execute function katip_refuse_change();
