-- Events, sales, messages and sessions: see log_store.h, whose tables name the fields in the order in
-- which they stand here. The pieces that begin with logs_ fit each of them.

-- name: insert_event_log
insert into event_logs (id, user_identifier, event_type, title, level, request_id, created_at, details,
                        search_text)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (id) do nothing;

-- name: insert_sales_log
-- A job that has gone in the meantime is no reason to lose what it costs.
insert into sales_logs (id, user_identifier, product, quantity, unit, amount, currency, status, job_id,
                        created_at, details, search_text)
values ($1, $2, $3, cast($4 as double precision), $5, cast($6 as double precision), $7, $8,
        (select id from jobs where id = $9), $10, $11, $12)
on conflict (id) do nothing;

-- name: insert_message_record
insert into message_records (id, conversation_id, user_identifier, direction, channel, created_at, metadata,
                             content, search_text)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (id) do nothing;

-- name: save_user_session
-- A session that is there is brought up to date by whoever it belongs to.
insert into user_sessions (id, session_id, user_identifier, started_at, last_seen_at, ended_at, ip, user_agent,
                           metadata)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (session_id) do update
   set last_seen_at = greatest(user_sessions.last_seen_at, excluded.last_seen_at),
       ended_at = coalesce(user_sessions.ended_at, excluded.ended_at),
       ip = coalesce(excluded.ip, user_sessions.ip),
       user_agent = coalesce(excluded.user_agent, user_sessions.user_agent),
       metadata = case excluded.metadata when '{}' then user_sessions.metadata else excluded.metadata end
 where user_sessions.user_identifier is not distinct from excluded.user_identifier;

-- name: select_event_logs
select t.id, t.user_identifier, t.event_type, t.title, t.level, t.request_id, t.created_at, t.details
  from event_logs as t where true

-- name: select_sales_logs
select t.id, t.user_identifier, t.product, cast(t.quantity as double precision) as quantity, t.unit,
       cast(t.amount as double precision) as amount, t.currency, t.status, t.job_id, t.created_at,
       t.details
  from sales_logs as t where true

-- name: select_message_records
select t.id, t.conversation_id, t.user_identifier, t.direction, t.channel, t.created_at, t.metadata,
       t.content
  from message_records as t where true

-- name: select_user_sessions
select t.id, t.session_id, t.user_identifier, t.started_at, t.last_seen_at, t.ended_at, t.ip,
       t.user_agent, t.metadata
  from user_sessions as t where true

-- name: logs_with_id
and t.id = $?

-- name: logs_with_user_identifier
and t.user_identifier = $?

-- name: logs_with_event_type
and t.event_type = $?

-- name: logs_with_level
and t.level = $?

-- name: logs_with_request_id
and t.request_id = $?

-- name: logs_with_product
and t.product = $?

-- name: logs_with_status
and t.status = $?

-- name: logs_with_job_id
and t.job_id = $?

-- name: logs_with_conversation_id
and t.conversation_id = $?

-- name: logs_with_direction
and t.direction = $?

-- name: logs_with_channel
and t.channel = $?

-- name: logs_with_session_id
and t.session_id = $?

-- name: event_logs_with_words
and t.search_vector @@ (to_tsquery('simple', $?) || to_tsquery('turkish', $?))
and not exists (select 1 from jsonb_array_elements_text($?::jsonb) as p (phrase)
                 where strpos(' ' || t.search_text || ' ', p.phrase) = 0)
and not exists (select 1 from jsonb_array_elements_text($?::jsonb) as p (phrase)
                 where strpos(' ' || t.search_text || ' ', p.phrase) > 0)

-- name: sales_logs_with_words
and t.search_vector @@ (to_tsquery('simple', $?) || to_tsquery('turkish', $?))
and not exists (select 1 from jsonb_array_elements_text($?::jsonb) as p (phrase)
                 where strpos(' ' || t.search_text || ' ', p.phrase) = 0)
and not exists (select 1 from jsonb_array_elements_text($?::jsonb) as p (phrase)
                 where strpos(' ' || t.search_text || ' ', p.phrase) > 0)

-- name: message_records_with_words
and t.search_vector @@ (to_tsquery('simple', $?) || to_tsquery('turkish', $?))
and not exists (select 1 from jsonb_array_elements_text($?::jsonb) as p (phrase)
                 where strpos(' ' || t.search_text || ' ', p.phrase) = 0)
and not exists (select 1 from jsonb_array_elements_text($?::jsonb) as p (phrase)
                 where strpos(' ' || t.search_text || ' ', p.phrase) > 0)

-- name: logs_created_from
and t.created_at >= $?

-- name: logs_created_before
and t.created_at < $?

-- name: logs_created_after
and (t.created_at, t.id) < (cast($? as timestamptz), cast($? as uuid))

-- name: logs_in_order_created
order by t.created_at desc, t.id desc limit $?

-- name: logs_started_from
and t.started_at >= $?

-- name: logs_started_before
and t.started_at < $?

-- name: logs_started_after
and (t.started_at, t.id) < (cast($? as timestamptz), cast($? as uuid))

-- name: logs_in_order_started
order by t.started_at desc, t.id desc limit $?
