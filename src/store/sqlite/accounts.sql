-- Keys, users, their sessions, repeated requests, and who did what.

-- name: insert_api_key
insert into api_keys (id, name, key_prefix, key_hash, owner, scopes, rate_limit_per_minute,
                      daily_audio_seconds_limit, priority_default, is_active, expires_at, created_at,
                      updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12);

-- name: find_api_key
select k.*, u.role as owner_role, u.is_active as is_owner_active
  from api_keys as k left join users as u on u.login = k.owner where k.id = $1;

-- name: find_api_key_by_prefix
select k.*, u.role as owner_role, u.is_active as is_owner_active
  from api_keys as k left join users as u on u.login = k.owner where k.key_prefix = $1;

-- name: list_api_keys
-- Ids rise with time.
select k.*, u.role as owner_role, u.is_active as is_owner_active
  from api_keys as k left join users as u on u.login = k.owner
 where ($1 is null or k.owner = $1) and ($2 is null or k.id < $2)
 order by k.id desc limit $3;

-- name: change_api_key
update api_keys set name = $2, scopes = $3, rate_limit_per_minute = $4,
       daily_audio_seconds_limit = $5, priority_default = $6, is_active = $7, expires_at = $8,
       updated_at = $9
 where id = $1;

-- name: delete_api_key
delete from api_keys where id = $1;

-- name: revoke_api_keys_of
update api_keys set is_active = 0, updated_at = $2 where owner = $1 and is_active;

-- name: add_api_key_usage
-- $1: [{"id": …, "count": …, "at": …}, …].
update api_keys set usage_count = usage_count + used.count,
       last_used_at = max(coalesce(last_used_at, used.at), used.at)
  from (select value ->> 'id' as id, value ->> 'count' as count, value ->> 'at' as at
          from json_each($1)) as used
 where api_keys.id = used.id;

-- name: has_accounts
select exists (select 1 from users) or exists (select 1 from api_keys where is_active) as has_some;

-- name: add_api_key_audio
-- No row: the key had used $4 or more before, or is not there any more.
insert into api_key_days (api_key_id, day, audio_seconds)
select id, $2, $3 from api_keys where id = $1
on conflict (api_key_id, day) do update
   set audio_seconds = api_key_days.audio_seconds + excluded.audio_seconds
 where api_key_days.audio_seconds < $4
returning audio_seconds;

-- name: find_api_key_audio
select audio_seconds from api_key_days where api_key_id = $1 and day = $2;

-- name: prune_api_key_days
delete from api_key_days where day < $1;

-- name: insert_user
insert into users (id, login, display_name, password_hash, role, is_active, password_changed_at,
                   created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $7, $7);

-- name: find_user
select * from users where id = $1;

-- name: find_user_by_login
select * from users where login = $1;

-- name: list_users
select * from users where login > $1 order by login limit $2;

-- name: change_user
update users set display_name = $2, role = $3, is_active = $4, updated_at = $5 where id = $1;

-- name: set_user_password
update users set password_hash = $2, password_changed_at = $3, updated_at = $3 where id = $1;

-- name: set_last_login
update users set last_login_at = $2 where id = $1;

-- name: delete_user
delete from users where id = $1;

-- name: hand_over_jobs
-- $1 whose records so far, $2 whose from now on; the same below.
update jobs set submitted_by = $2 where submitted_by = $1;

-- name: hand_over_uploads
update uploads set submitted_by = $2 where submitted_by = $1;

-- name: hand_over_sounds
update converted_sounds set submitted_by = $2 where submitted_by = $1;

-- name: hand_over_webhooks
update webhooks set created_by = $2 where created_by = $1;

-- name: hand_over_keys
update api_keys set owner = $2 where owner = $1;

-- name: hand_over_speakers
update speakers set created_by = $2 where created_by = $1;

-- name: hand_over_artifacts
update artifacts set created_by = $2 where created_by = $1;

-- name: hand_over_events
update event_logs set user_identifier = $2 where user_identifier = $1;

-- name: hand_over_sales
update sales_logs set user_identifier = $2 where user_identifier = $1;

-- name: hand_over_messages
update message_records set user_identifier = $2 where user_identifier = $1;

-- name: hand_over_sessions
update user_sessions set user_identifier = $2 where user_identifier = $1;

-- name: count_other_admins
select count(*) from users where role = 'admin' and is_active and id <> $1;

-- name: insert_login_session
insert into login_sessions (id, user_id, token_hash, ip, user_agent, created_at, last_seen_at,
                            expires_at)
values ($1, $2, $3, $4, $5, $6, $6, $7);

-- name: find_login_session
select s.id as session_id, s.user_id, s.token_hash, s.ip, s.user_agent,
       s.created_at as session_created_at, s.last_seen_at, s.expires_at, u.*
  from login_sessions as s join users as u on u.id = s.user_id where s.token_hash = $1;

-- name: list_login_sessions
select id as session_id, user_id, token_hash, ip, user_agent, created_at as session_created_at,
       last_seen_at, expires_at
  from login_sessions where user_id = $1 order by created_at desc, id desc limit 1000;

-- name: delete_login_session
delete from login_sessions where id = $1 and user_id = $2;

-- name: delete_login_session_of_token
delete from login_sessions where token_hash = $1;

-- name: delete_login_sessions_of
delete from login_sessions where user_id = $1 and token_hash <> $2;

-- name: keep_newest_login_sessions
delete from login_sessions where user_id = $1
   and id not in (select id from login_sessions where user_id = $1
                   order by created_at desc, id desc limit $2);

-- name: touch_login_sessions
-- $1: [{"id": …, "at": …}, …].
update login_sessions set last_seen_at = max(last_seen_at, seen.at)
  from (select value ->> 'id' as id, value ->> 'at' as at from json_each($1)) as seen
 where login_sessions.id = seen.id;

-- name: prune_login_sessions
delete from login_sessions where expires_at <= $1 or last_seen_at <= $2;

-- name: take_idempotency_key
-- No row: somebody else has it. $6: owners of the same request that began before are given up.
insert into idempotency_keys (scope, idempotency_key, request_hash, created_at, expires_at)
values ($1, $2, $3, $4, $5)
on conflict (scope, idempotency_key) do update
   set request_hash = excluded.request_hash, status = 'in_progress', response_status = null,
       response_type = null, response_location = null, response_body = null,
       job_id = null,
       created_at = excluded.created_at, expires_at = excluded.expires_at
 where idempotency_keys.expires_at <= excluded.created_at
    or (idempotency_keys.status = 'in_progress' and idempotency_keys.created_at <= $6
        and idempotency_keys.request_hash = excluded.request_hash)
returning scope;

-- name: find_idempotency_key
select * from idempotency_keys where scope = $1 and idempotency_key = $2;

-- name: finish_idempotency_key
update idempotency_keys set status = 'completed', response_status = $4, response_type = $5,
                            response_body = $6, response_location = $7
 where scope = $1 and idempotency_key = $2 and created_at = $3 and status = 'in_progress';

-- name: release_idempotency_key
delete from idempotency_keys
 where scope = $1 and idempotency_key = $2 and created_at = $3 and status = 'in_progress';

-- name: prune_idempotency_keys
delete from idempotency_keys where expires_at <= $1;

-- name: insert_audit_record
insert into audit_log (id, actor_kind, actor, action, target_kind, target_id, request_id, ip,
                       created_at, details)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: list_audit_records
select * from audit_log
 where ($1 is null or actor = $1) and ($2 is null or action = $2)
   and ($3 is null or target_kind = $3) and ($4 is null or target_id = $4)
   and ($5 is null or id < $5)
   and ($6 is null or created_at >= $6) and ($7 is null or created_at < $7)
 order by id desc limit $8;

-- name: prune_audit_records
delete from audit_log
 where id in (select id from audit_log where created_at < $1 order by created_at limit $2);

-- name: insert_server_secret
insert into server_secrets (name, value) values ($1, $2) on conflict (name) do nothing;

-- name: find_server_secret
select value from server_secrets where name = $1;
