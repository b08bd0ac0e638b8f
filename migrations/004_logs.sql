-- revision: e41a6c08d2f5
-- revises: 0c3a5e7d9b1f
-- message: events, sales, messages and sessions with full-text search
-- created: 2026-11-21 17:30:00+00:00

-- upgrade postgresql
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

-- upgrade sqlite
-- What happened, for people to look up.
create table event_logs (
  search_id integer not null constraint event_logs_pkey primary key,
  id text not null constraint event_logs_id_key unique,
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
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  details text not null default '{}'
    constraint event_logs_details_json
      check (json_valid(details) and json_type(details) = 'object'),
  search_text text not null default '',
  constraint event_logs_ids check (id glob '????????-????-????-????-????????????'),
  constraint event_logs_times check (created_at is strftime('%Y-%m-%dT%H:%M:%fZ', created_at))
) strict;
create virtual table event_logs_search using fts5(
  search_text, content='event_logs', content_rowid='search_id', prefix='2 3',
  tokenize="unicode61 remove_diacritics 0 categories 'L* N* M* Co'");
create trigger event_logs_search_insert after insert on event_logs begin
  insert into event_logs_search (rowid, search_text) values (new.search_id, new.search_text);
end;
create trigger event_logs_search_delete after delete on event_logs begin
  insert into event_logs_search (event_logs_search, rowid, search_text)
  values ('delete', old.search_id, old.search_text);
end;
create trigger event_logs_search_update after update of search_text on event_logs begin
  insert into event_logs_search (event_logs_search, rowid, search_text)
  values ('delete', old.search_id, old.search_text);
  insert into event_logs_search (rowid, search_text) values (new.search_id, new.search_text);
end;

-- What was used and what it costs; every job writes its minutes of audio and its tokens here.
create table sales_logs (
  search_id integer not null constraint sales_logs_pkey primary key,
  id text not null constraint sales_logs_id_key unique,
  user_identifier text
    constraint sales_logs_user_identifier_length check (length(user_identifier) between 1 and 200),
  product text not null
    constraint sales_logs_product_length check (length(product) between 1 and 100),
  quantity real not null default 0 constraint sales_logs_quantity_range check (quantity >= 0),
  unit text not null default 'piece'
    constraint sales_logs_unit_length check (length(unit) between 1 and 30),
  amount real not null default 0,
  currency text constraint sales_logs_currency_code check (currency glob '[A-Z][A-Z][A-Z]'),
  status text not null default 'recorded'
    constraint sales_logs_status_length check (length(status) between 1 and 30),
  job_id text constraint sales_logs_job_id_fkey references jobs (id) on delete set null,
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  details text not null default '{}'
    constraint sales_logs_details_json
      check (json_valid(details) and json_type(details) = 'object'),
  search_text text not null default '',
  constraint sales_logs_amount_has_currency check (amount = 0 or currency is not null),
  constraint sales_logs_ids
    check (id glob '????????-????-????-????-????????????' and
      (job_id glob '????????-????-????-????-????????????' or job_id is null)),
  constraint sales_logs_times check (created_at is strftime('%Y-%m-%dT%H:%M:%fZ', created_at))
) strict;
create virtual table sales_logs_search using fts5(
  search_text, content='sales_logs', content_rowid='search_id', prefix='2 3',
  tokenize="unicode61 remove_diacritics 0 categories 'L* N* M* Co'");
create trigger sales_logs_search_insert after insert on sales_logs begin
  insert into sales_logs_search (rowid, search_text) values (new.search_id, new.search_text);
end;
create trigger sales_logs_search_delete after delete on sales_logs begin
  insert into sales_logs_search (sales_logs_search, rowid, search_text)
  values ('delete', old.search_id, old.search_text);
end;
create trigger sales_logs_search_update after update of search_text on sales_logs begin
  insert into sales_logs_search (sales_logs_search, rowid, search_text)
  values ('delete', old.search_id, old.search_text);
  insert into sales_logs_search (rowid, search_text) values (new.search_id, new.search_text);
end;

-- Conversations: questions about recordings and their answers, messages to people.
create table message_records (
  search_id integer not null constraint message_records_pkey primary key,
  id text not null constraint message_records_id_key unique,
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
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  metadata text not null default '{}'
    constraint message_records_metadata_json
      check (json_valid(metadata) and json_type(metadata) = 'object'),
  content text not null,
  search_text text not null default '',
  constraint message_records_ids check (id glob '????????-????-????-????-????????????'),
  constraint message_records_times
    check (created_at is strftime('%Y-%m-%dT%H:%M:%fZ', created_at))
) strict;
create virtual table message_records_search using fts5(
  search_text, content='message_records', content_rowid='search_id', prefix='2 3',
  tokenize="unicode61 remove_diacritics 0 categories 'L* N* M* Co'");
create trigger message_records_search_insert after insert on message_records begin
  insert into message_records_search (rowid, search_text) values (new.search_id, new.search_text);
end;
create trigger message_records_search_delete after delete on message_records begin
  insert into message_records_search (message_records_search, rowid, search_text)
  values ('delete', old.search_id, old.search_text);
end;
create trigger message_records_search_update after update of search_text on message_records begin
  insert into message_records_search (message_records_search, rowid, search_text)
  values ('delete', old.search_id, old.search_text);
  insert into message_records_search (rowid, search_text) values (new.search_id, new.search_text);
end;

-- Who was there, from when to when.
create table user_sessions (
  id text not null constraint user_sessions_pkey primary key,
  session_id text not null constraint user_sessions_session_id_key unique
    constraint user_sessions_session_id_length check (length(session_id) between 1 and 128),
  user_identifier text
    constraint user_sessions_user_identifier_length
      check (length(user_identifier) between 1 and 200),
  started_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  last_seen_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  ended_at text,
  ip text constraint user_sessions_ip_length check (length(ip) between 2 and 45),
  user_agent text constraint user_sessions_user_agent_length check (length(user_agent) <= 1000),
  metadata text not null default '{}'
    constraint user_sessions_metadata_json
      check (json_valid(metadata) and json_type(metadata) = 'object'),
  constraint user_sessions_ids check (id glob '????????-????-????-????-????????????'),
  constraint user_sessions_times check (
    started_at is strftime('%Y-%m-%dT%H:%M:%fZ', started_at)
    and last_seen_at is strftime('%Y-%m-%dT%H:%M:%fZ', last_seen_at)
    and ended_at is strftime('%Y-%m-%dT%H:%M:%fZ', ended_at))
) strict;

-- upgrade
create index event_logs_user_identifier_created_at on event_logs (user_identifier, created_at);
create index event_logs_event_type_created_at on event_logs (event_type, created_at);
create index event_logs_level_created_at on event_logs (level, created_at);
create index event_logs_created_at on event_logs (created_at);
create index event_logs_request_id on event_logs (request_id) where request_id is not null;
create index sales_logs_user_identifier_created_at on sales_logs (user_identifier, created_at);
create index sales_logs_product_created_at on sales_logs (product, created_at);
create index sales_logs_status_created_at on sales_logs (status, created_at);
create index sales_logs_created_at on sales_logs (created_at);
create index sales_logs_job_id on sales_logs (job_id);
create index message_records_conversation_id_created_at
  on message_records (conversation_id, created_at);
create index message_records_user_identifier_created_at
  on message_records (user_identifier, created_at);
create index message_records_channel_created_at on message_records (channel, created_at);
create index message_records_direction_created_at on message_records (direction, created_at);
create index message_records_created_at on message_records (created_at);
create index user_sessions_user_identifier_started_at
  on user_sessions (user_identifier, started_at);
create index user_sessions_started_at on user_sessions (started_at);
create index user_sessions_last_seen_at on user_sessions (last_seen_at);
create index user_sessions_ended_at on user_sessions (ended_at);

-- downgrade
-- downgrade sqlite
drop table message_records_search;
drop table sales_logs_search;
drop table event_logs_search;
-- downgrade
drop table user_sessions;
drop table message_records;
drop table sales_logs;
drop table event_logs;
