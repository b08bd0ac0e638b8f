-- revision: 91d7b3f05e6a
-- revises: e41a6c08d2f5
-- message: users, speakers, webhooks, artifacts, uploads, backups, audit log
-- created: 2026-11-21 17:30:00+00:00

-- upgrade postgresql
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
  constraint idempotency_keys_pkey primary key (scope, idempotency_key),
  constraint idempotency_keys_completed_has_response
    check ((status = 'completed') = (response_status is not null)),
  constraint idempotency_keys_expires_later check (expires_at > created_at)
);

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
  constraint backups_whole_has_checksum
    check (status not in ('completed', 'verified') or (size is not null and sha256 is not null and
      completed_at is not null)),
  constraint backups_verified_has_time check ((status = 'verified') = (verified_at is not null)),
  constraint backups_failed_has_error check (status <> 'failed' or error is not null)
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
create function katip_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are never changed', tg_table_name using errcode = 'check_violation';
end
$$;
create trigger audit_log_is_kept before update on audit_log
  for each row execute function katip_refuse_change();

-- upgrade sqlite
-- People who log in. The program folds a login before it is stored or looked up.
create table users (
  id text not null constraint users_pkey primary key,
  login text not null constraint users_login_key unique
    constraint users_login_length check (length(login) between 1 and 100)
    constraint users_login_lower check (login = lower(login)),
  display_name text not null default ''
    constraint users_display_name_length check (length(display_name) <= 200),
  password_hash text not null
    constraint users_password_hash_argon2id check (password_hash like '$argon2id$%'),
  role text not null default 'viewer'
    constraint users_role_known check (role in ('viewer', 'editor', 'operator', 'admin')),
  is_active integer not null default 1 constraint users_is_active_bool check (is_active in (0, 1)),
  failed_login_count integer not null default 0
    constraint users_failed_login_count_range check (failed_login_count >= 0),
  locked_until text,
  last_login_at text,
  password_changed_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  updated_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  constraint users_ids check (id glob '????????-????-????-????-????????????'),
  constraint users_times check (
    locked_until is strftime('%Y-%m-%dT%H:%M:%fZ', locked_until)
    and last_login_at is strftime('%Y-%m-%dT%H:%M:%fZ', last_login_at)
    and password_changed_at is strftime('%Y-%m-%dT%H:%M:%fZ', password_changed_at)
    and created_at is strftime('%Y-%m-%dT%H:%M:%fZ', created_at)
    and updated_at is strftime('%Y-%m-%dT%H:%M:%fZ', updated_at))
) strict;

-- Voices that have a name.
create table speakers (
  id text not null constraint speakers_pkey primary key,
  name text not null constraint speakers_name_length check (length(name) between 1 and 200),
  note text not null default '' constraint speakers_note_length check (length(note) <= 2000),
  created_by text
    constraint speakers_created_by_length check (length(created_by) between 1 and 200),
  is_active integer not null default 1
    constraint speakers_is_active_bool check (is_active in (0, 1)),
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  updated_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  constraint speakers_ids check (id glob '????????-????-????-????-????????????'),
  constraint speakers_times check (
    created_at is strftime('%Y-%m-%dT%H:%M:%fZ', created_at)
    and updated_at is strftime('%Y-%m-%dT%H:%M:%fZ', updated_at))
) strict;

-- Samples of a voice: 32-bit floats, little-endian. Several a person, since a voice differs by
-- room and microphone.
create table speaker_embeddings (
  id text not null constraint speaker_embeddings_pkey primary key,
  speaker_id text not null
    constraint speaker_embeddings_speaker_id_fkey references speakers (id) on delete cascade,
  job_id text constraint speaker_embeddings_job_id_fkey references jobs (id) on delete set null,
  model text not null
    constraint speaker_embeddings_model_length check (length(model) between 1 and 100),
  dimension_count integer not null
    constraint speaker_embeddings_dimension_count_range check (dimension_count between 1 and 4096),
  quality real constraint speaker_embeddings_quality_range check (quality between 0 and 1),
  begin_ms integer constraint speaker_embeddings_begin_ms_range check (begin_ms >= 0),
  end_ms integer constraint speaker_embeddings_end_ms_range check (end_ms >= 0),
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  embedding blob not null,
  constraint speaker_embeddings_embedding_size check (length(embedding) = 4 * dimension_count),
  constraint speaker_embeddings_ends_after_begin check (end_ms > begin_ms),
  constraint speaker_embeddings_ids
    check (id glob '????????-????-????-????-????????????' and
      speaker_id glob '????????-????-????-????-????????????' and
      (job_id glob '????????-????-????-????-????????????' or job_id is null)),
  constraint speaker_embeddings_times
    check (created_at is strftime('%Y-%m-%dT%H:%M:%fZ', created_at))
) strict;

-- Where events are sent. The secret signs them; it is stored sealed if the program has a key.
create table webhooks (
  id text not null constraint webhooks_pkey primary key,
  name text not null constraint webhooks_name_length check (length(name) between 1 and 200),
  url text not null constraint webhooks_url_length check (length(url) between 1 and 2048)
    constraint webhooks_url_http check (url like 'https://%' or url like 'http://%'),
  secret text not null constraint webhooks_secret_length check (length(secret) between 1 and 500),
  events text not null default '[]'
    constraint webhooks_events_json check (json_valid(events) and json_type(events) = 'array'),
  api_key_id text constraint webhooks_api_key_id_fkey references api_keys (id) on delete set null,
  created_by text
    constraint webhooks_created_by_length check (length(created_by) between 1 and 200),
  is_active integer not null default 1
    constraint webhooks_is_active_bool check (is_active in (0, 1)),
  failure_count integer not null default 0
    constraint webhooks_failure_count_range check (failure_count >= 0),
  last_success_at text,
  disabled_at text,
  disabled_reason text
    constraint webhooks_disabled_reason_length check (length(disabled_reason) <= 500),
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  updated_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  constraint webhooks_disabled_is_not_active check (disabled_at is null or not is_active),
  constraint webhooks_ids
    check (id glob '????????-????-????-????-????????????' and
      (api_key_id glob '????????-????-????-????-????????????' or api_key_id is null)),
  constraint webhooks_times check (
    last_success_at is strftime('%Y-%m-%dT%H:%M:%fZ', last_success_at)
    and disabled_at is strftime('%Y-%m-%dT%H:%M:%fZ', disabled_at)
    and created_at is strftime('%Y-%m-%dT%H:%M:%fZ', created_at)
    and updated_at is strftime('%Y-%m-%dT%H:%M:%fZ', updated_at))
) strict;

-- The outbox: an event is written in the transaction that made it and sent afterwards, once for
-- each webhook.
create table webhook_deliveries (
  id text not null constraint webhook_deliveries_pkey primary key,
  webhook_id text not null
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
  next_attempt_at text,
  response_status integer
    constraint webhook_deliveries_response_status_range
      check (response_status between 100 and 599),
  error text constraint webhook_deliveries_error_length check (length(error) <= 2000),
  job_id text constraint webhook_deliveries_job_id_fkey references jobs (id) on delete set null,
  request_id text
    constraint webhook_deliveries_request_id_length check (length(request_id) between 1 and 128),
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  delivered_at text,
  payload text not null
    constraint webhook_deliveries_payload_json
      check (json_valid(payload) and json_type(payload) = 'object'),
  constraint webhook_deliveries_delivered_has_time
    check ((status = 'delivered') = (delivered_at is not null)),
  constraint webhook_deliveries_pending_has_next_attempt
    check ((status = 'pending') = (next_attempt_at is not null)),
  constraint webhook_deliveries_ids
    check (id glob '????????-????-????-????-????????????' and
      webhook_id glob '????????-????-????-????-????????????' and
      (job_id glob '????????-????-????-????-????????????' or job_id is null)),
  constraint webhook_deliveries_times check (
    next_attempt_at is strftime('%Y-%m-%dT%H:%M:%fZ', next_attempt_at)
    and created_at is strftime('%Y-%m-%dT%H:%M:%fZ', created_at)
    and delivered_at is strftime('%Y-%m-%dT%H:%M:%fZ', delivered_at))
) strict;

-- What was made from a transcript: enhanced text, translation, lecture notes, summary, chapters.
create table artifacts (
  id text not null constraint artifacts_pkey primary key,
  job_id text not null constraint artifacts_job_id_fkey references jobs (id) on delete cascade,
  kind text not null constraint artifacts_kind_length check (length(kind) between 1 and 50),
  language text constraint artifacts_language_length check (length(language) between 1 and 16),
  provider text not null
    constraint artifacts_provider_length check (length(provider) between 1 and 100),
  model text not null constraint artifacts_model_length check (length(model) between 1 and 200),
  prompt_version text not null default '1'
    constraint artifacts_prompt_version_length check (length(prompt_version) between 1 and 64),
  created_by text
    constraint artifacts_created_by_length check (length(created_by) between 1 and 200),
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  usage text not null default '{}'
    constraint artifacts_usage_json check (json_valid(usage) and json_type(usage) = 'object'),
  content text not null,
  constraint artifacts_ids
    check (id glob '????????-????-????-????-????????????' and
      job_id glob '????????-????-????-????-????????????'),
  constraint artifacts_times check (created_at is strftime('%Y-%m-%dT%H:%M:%fZ', created_at))
) strict;

-- Requests that may be sent again: the second one gets the answer of the first. The scope is
-- whose keys these are.
create table idempotency_keys (
  scope text not null
    constraint idempotency_keys_scope_length check (length(scope) between 1 and 128),
  idempotency_key text not null
    constraint idempotency_keys_idempotency_key_length
      check (length(idempotency_key) between 1 and 255),
  request_hash text not null
    constraint idempotency_keys_request_hash_sha256
      check (length(request_hash) = 64 and request_hash not glob '*[^0-9a-f]*'),
  status text not null default 'in_progress'
    constraint idempotency_keys_status_known check (status in ('in_progress', 'completed')),
  response_status integer
    constraint idempotency_keys_response_status_range check (response_status between 100 and 599),
  job_id text constraint idempotency_keys_job_id_fkey references jobs (id) on delete set null,
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  expires_at text not null,
  response_body text,
  constraint idempotency_keys_pkey primary key (scope, idempotency_key),
  constraint idempotency_keys_completed_has_response
    check ((status = 'completed') = (response_status is not null)),
  constraint idempotency_keys_expires_later check (expires_at > created_at),
  constraint idempotency_keys_ids
    check ((job_id glob '????????-????-????-????-????????????' or job_id is null)),
  constraint idempotency_keys_times check (
    created_at is strftime('%Y-%m-%dT%H:%M:%fZ', created_at)
    and expires_at is strftime('%Y-%m-%dT%H:%M:%fZ', expires_at))
) strict;

-- Resumable uploads. The size may be told later.
create table uploads (
  id text not null constraint uploads_pkey primary key,
  status text not null default 'receiving'
    constraint uploads_status_known check (status in ('receiving', 'completed', 'used')),
  size integer,
  received_size integer not null default 0
    constraint uploads_received_size_range check (received_size >= 0),
  file_name text constraint uploads_file_name_length check (length(file_name) between 1 and 500),
  media_type text
    constraint uploads_media_type_length check (length(media_type) between 1 and 127),
  storage_key text not null
    constraint uploads_storage_key_length check (length(storage_key) between 1 and 1024),
  sha256 text
    constraint uploads_sha256_sha256 check (length(sha256) = 64 and sha256 not glob '*[^0-9a-f]*'),
  api_key_id text constraint uploads_api_key_id_fkey references api_keys (id) on delete set null,
  submitted_by text
    constraint uploads_submitted_by_length check (length(submitted_by) between 1 and 200),
  job_id text constraint uploads_job_id_fkey references jobs (id) on delete set null,
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  updated_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  expires_at text not null,
  metadata text not null default '{}'
    constraint uploads_metadata_json
      check (json_valid(metadata) and json_type(metadata) = 'object'),
  constraint uploads_received_fits check (received_size <= size),
  constraint uploads_completed_is_whole
    check (status = 'receiving' or (size is not null and received_size = size)),
  constraint uploads_ids
    check (id glob '????????-????-????-????-????????????' and
      (api_key_id glob '????????-????-????-????-????????????' or api_key_id is null) and
      (job_id glob '????????-????-????-????-????????????' or job_id is null)),
  constraint uploads_times check (
    created_at is strftime('%Y-%m-%dT%H:%M:%fZ', created_at)
    and updated_at is strftime('%Y-%m-%dT%H:%M:%fZ', updated_at)
    and expires_at is strftime('%Y-%m-%dT%H:%M:%fZ', expires_at))
) strict;

-- Backups that were made. Only a verified one counts.
create table backups (
  id text not null constraint backups_pkey primary key,
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
  size integer constraint backups_size_range check (size >= 0),
  sha256 text
    constraint backups_sha256_sha256 check (length(sha256) = 64 and sha256 not glob '*[^0-9a-f]*'),
  schema_head text
    constraint backups_schema_head_length check (length(schema_head) between 1 and 200),
  is_encrypted integer not null default 0
    constraint backups_is_encrypted_bool check (is_encrypted in (0, 1)),
  started_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  completed_at text,
  verified_at text,
  error text constraint backups_error_length check (length(error) between 1 and 4000),
  row_counts text not null default '{}'
    constraint backups_row_counts_json
      check (json_valid(row_counts) and json_type(row_counts) = 'object'),
  constraint backups_whole_has_checksum
    check (status not in ('completed', 'verified') or (size is not null and sha256 is not null and
      completed_at is not null)),
  constraint backups_verified_has_time check ((status = 'verified') = (verified_at is not null)),
  constraint backups_failed_has_error check (status <> 'failed' or error is not null),
  constraint backups_ids check (id glob '????????-????-????-????-????????????'),
  constraint backups_times check (
    started_at is strftime('%Y-%m-%dT%H:%M:%fZ', started_at)
    and completed_at is strftime('%Y-%m-%dT%H:%M:%fZ', completed_at)
    and verified_at is strftime('%Y-%m-%dT%H:%M:%fZ', verified_at))
) strict;

-- Who did what to what. Rows are never changed.
create table audit_log (
  id text not null constraint audit_log_pkey primary key,
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
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  details text not null default '{}'
    constraint audit_log_details_json
      check (json_valid(details) and json_type(details) = 'object'),
  constraint audit_log_ids check (id glob '????????-????-????-????-????????????'),
  constraint audit_log_times check (created_at is strftime('%Y-%m-%dT%H:%M:%fZ', created_at))
) strict;
create trigger audit_log_is_kept before update on audit_log begin
  select raise(abort, 'rows of audit_log are never changed');
end;

-- upgrade
create index users_role on users (role);
create index users_is_active on users (is_active);
create index users_created_at on users (created_at);
create index speakers_name on speakers (name);
create index speakers_is_active on speakers (is_active);
create index speakers_created_at on speakers (created_at);
create index speaker_embeddings_speaker_id on speaker_embeddings (speaker_id);
create index speaker_embeddings_job_id on speaker_embeddings (job_id);
create index speaker_embeddings_model on speaker_embeddings (model);
create index webhooks_is_active on webhooks (is_active);
create index webhooks_api_key_id on webhooks (api_key_id);
create index webhooks_created_at on webhooks (created_at);
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
create index artifacts_job_id_kind_created_at on artifacts (job_id, kind, created_at);
create index artifacts_kind_created_at on artifacts (kind, created_at);
create index artifacts_created_at on artifacts (created_at);
create index idempotency_keys_expires_at on idempotency_keys (expires_at);
create index idempotency_keys_job_id on idempotency_keys (job_id);
create index uploads_status_created_at on uploads (status, created_at);
create index uploads_expires_at on uploads (expires_at);
create index uploads_api_key_id on uploads (api_key_id);
create index uploads_job_id on uploads (job_id);
create index uploads_submitted_by on uploads (submitted_by);
create index backups_kind_started_at on backups (kind, started_at);
create index backups_status_started_at on backups (status, started_at);
create index backups_started_at on backups (started_at);
create index audit_log_actor_created_at on audit_log (actor, created_at);
create index audit_log_action_created_at on audit_log (action, created_at);
create index audit_log_target_kind_target_id_created_at
  on audit_log (target_kind, target_id, created_at);
create index audit_log_created_at on audit_log (created_at);
create index audit_log_request_id on audit_log (request_id) where request_id is not null;

-- downgrade
drop table audit_log;
drop table backups;
drop table uploads;
drop table idempotency_keys;
drop table artifacts;
drop table webhook_deliveries;
drop table webhooks;
drop table speaker_embeddings;
drop table speakers;
drop table users;
-- downgrade postgresql
drop function katip_refuse_change;
