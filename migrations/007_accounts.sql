-- revision: c7a0d94e21b8
-- revises: 7d20b94ce3a8
-- message: sessions of people who log in, daily use of keys, media type of kept answers
-- created: 2026-11-21 20:40:00+00:00

-- upgrade postgresql
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

-- How much audio a key has had worked on, by day (UTC).
create table api_key_days (
  api_key_id uuid not null
    constraint api_key_days_api_key_id_fkey references api_keys (id) on delete cascade,
  day date not null,
  audio_seconds double precision not null default 0
    constraint api_key_days_audio_seconds_range check (audio_seconds >= 0),
  constraint api_key_days_pkey primary key (api_key_id, day)
);

-- upgrade sqlite
-- Sessions of people who logged in. Apart from user_sessions, which programs write as they like:
-- what opens a door is written by nobody else. Only the checksum of a token is kept.
create table login_sessions (
  id text not null constraint login_sessions_pkey primary key,
  user_id text not null
    constraint login_sessions_user_id_fkey references users (id) on delete cascade,
  token_hash text not null constraint login_sessions_token_hash_key unique
    constraint login_sessions_token_hash_sha256
      check (length(token_hash) = 64 and token_hash not glob '*[^0-9a-f]*'),
  ip text constraint login_sessions_ip_length check (length(ip) between 2 and 45),
  user_agent text constraint login_sessions_user_agent_length check (length(user_agent) <= 1000),
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  last_seen_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  expires_at text not null,
  constraint login_sessions_ids
    check (id glob '????????-????-????-????-????????????' and
      user_id glob '????????-????-????-????-????????????'),
  constraint login_sessions_times check (
    created_at is strftime('%Y-%m-%dT%H:%M:%fZ', created_at)
    and last_seen_at is strftime('%Y-%m-%dT%H:%M:%fZ', last_seen_at)
    and expires_at is strftime('%Y-%m-%dT%H:%M:%fZ', expires_at))
) strict;

-- How much audio a key has had worked on, by day (UTC).
create table api_key_days (
  api_key_id text not null
    constraint api_key_days_api_key_id_fkey references api_keys (id) on delete cascade,
  day text not null constraint api_key_days_day_date check (day is date(day)),
  audio_seconds real not null default 0
    constraint api_key_days_audio_seconds_range check (audio_seconds >= 0),
  constraint api_key_days_pkey primary key (api_key_id, day)
) strict;

-- upgrade
create index login_sessions_user_id_created_at on login_sessions (user_id, created_at);
create index login_sessions_expires_at on login_sessions (expires_at);
create index login_sessions_last_seen_at on login_sessions (last_seen_at);
create index api_key_days_day on api_key_days (day);
-- A key is looked up by its public half. Keys are few: these indexes are built in a moment.
-- katip: allow index-without-concurrently
create unique index api_keys_key_prefix on api_keys (key_prefix);
-- katip: allow index-without-concurrently
create index api_keys_owner on api_keys (owner);
alter table idempotency_keys add column response_type text
  constraint idempotency_keys_response_type_length check (length(response_type) between 1 and 127);

-- downgrade
alter table idempotency_keys drop column response_type;
drop index api_keys_owner;
drop index api_keys_key_prefix;
drop table api_key_days;
drop table login_sessions;
